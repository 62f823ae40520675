"""From an original and its edits to the renditions that are served.

The files of one revision of the edits have keys of their own, which never hold anything else: a rendering may run any
number of times, also at once and late, and URLs of former revisions stay good until they expire.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from functions.media import edits as editing
from functions.media import inspection, objects, renditions, store, watermark
from functions.media.framing import AS_TAKEN, Geometry
from functions.media.model import Media, Picture, Rendition
from functions.media.photo import Photo
from functions.media.renditions import File
from heliograph import config
from heliograph.observability import count, logger


class PictureSettings(config.Settings):
    avif: bool = False


class Unreadable(ValueError):
    """An original that was accepted is no longer."""


def render_again(media_id: str) -> None:
    """Bring the renditions of a ready photo up to its edits, and put away those that they replace."""
    media = store.find(media_id, consistent=True)
    written = media.edit_revision if media else 0
    if media is not None and media.status == "ready" and not media.is_settled:
        with tempfile.TemporaryDirectory() as folder:
            _replace(media, Path(folder))
        media = store.find(media_id, consistent=True)
    if media is None:
        # Erased, perhaps while it was worked on: what was just written must go as well.
        objects.erase(media_id)
    elif media.status == "ready":
        # Where another rendering was faster, it may have ended before this, and what came late goes, too.
        replaced = range(min(media.retired_revision, written), media.rendered_revision)
        if replaced:
            objects.retire(media_id, replaced)
            store.retire(media_id, before=media.rendered_revision)


def render(media: Media, original: Path, folder: Path, photo: Photo | None = None) -> Picture:
    """Make and store the renditions of a photo with its edits. Raises Unreadable.

    `photo`: the original as taken, if it is decoded already.
    """
    edits = editing.of(media.edits)
    if photo is None or edits.geometry != AS_TAKEN:
        photo = _framed(media.media_id, original, edits.geometry)
    rendered = renditions.render(photo, folder, edits, avif=config.read(PictureSettings).avif)
    prefix = f"{objects.RENDITIONS_PREFIX}{media.media_id}/{media.edit_revision}"
    return Picture(
        width=photo.width,
        height=photo.height,
        placeholder=rendered.placeholder,
        dominant_color=rendered.dominant_color,
        renditions=stored(rendered.files, prefix),
        share_key=_share(media, folder, prefix),
    )


def stored(files: Iterable[File], prefix: str) -> list[Rendition]:
    """Put files where they are served from."""
    keyed = [(f"{prefix}/{file.path.name}", file) for file in files]
    objects.put_renditions((key, file.content_type, file.path) for key, file in keyed)
    return [
        Rendition(file.name, file.width, file.height, file.content_type, file.path.stat().st_size, key)
        for key, file in keyed
    ]


def _share(media: Media, folder: Path, prefix: str) -> str | None:
    """The key of the picture that is shared, if its author wants their name on it."""
    if media.watermark is None:
        return None
    key = f"{prefix}/{watermark.NAME}"
    objects.put_renditions([(key, "image/jpeg", watermark.stamp(folder / "w1080.jpg", media.watermark, folder))])
    return key


def _replace(media: Media, folder: Path) -> None:
    original = objects.download_original(media.media_id, folder)
    if original is None:
        logger.warning("original is gone", extra={"mediaId": media.media_id})
        return
    picture = render(media, original, folder)
    if store.show(media.media_id, revision=media.edit_revision, **picture):
        count("MediaRendered")


def _framed(media_id: str, original: Path, geometry: Geometry) -> Photo:
    photo = inspection.inspect(original, geometry)
    if not isinstance(photo, Photo):
        raise Unreadable(f"{media_id}: {photo}")
    return photo
