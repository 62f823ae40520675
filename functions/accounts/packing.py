"""The last step of an export: one zip of all parts and original pictures.

Memory is bounded by one part; the file itself is made on the function's disk, 10 GB on AWS, and in 15 minutes. Whoever
has more than fits gets a failed export. To be packed a second time does no harm.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from functions.accounts import export_files, jobs
from functions.media import service as media
from heliograph import clock

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
CHUNK_BYTES = 1024 * 1024
README = """\
Your data on Heliograph, as of {now}.

Each .json file is a list, the oldest first where it has times; times are UTC. People are given by the ids of their
accounts, and by the usernames they had on this day.

profile.json                your account: what you say about yourself, your e-mail address and phone number
sessions.json               where you were signed in
posts.json                  your posts, those in your archive too
stories.json                your stories of the last day
comments.json, likes.json   what you wrote under posts, and which you liked
comment-likes.json          which comments you liked
saved.json                  the posts that you keep
story-views.json            which stories of the last day you saw
followers.json, following.json, follow-requests.json, sent-follow-requests.json
blocks.json, mutes.json, close-friends.json
encounters.json             whose posts you looked at, and how much they seemed to interest you: it ranks your feed
tastes.json                 which hashtags you looked at and liked: it chooses what you are shown of strangers
dismissals.json             whom you did not want to be told to follow
media.json, media/          your pictures: what we know of them, and the files as you uploaded them

There are no direct messages on Heliograph yet.
"""


def pack(user_id: str, export_id: str, sections: Sequence[str]) -> None:
    """Make the file, note that it is ready, drop the parts. An export that was replaced meanwhile is left alone."""
    export = jobs.export(user_id)
    if export is not None and export.export_id == export_id and export.status == "running":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "export.zip")
            _write(path, user_id, export_id, sections)
            export_files.put(user_id, export_id, path)
            jobs.finish_export(user_id, export_id, byte_size=path.stat().st_size)
    # Now that they are not needed any more; and not before, or packing could not begin anew.
    export_files.drop_parts(user_id, export_id)


def _write(path: Path, user_id: str, export_id: str, sections: Sequence[str]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(now=clock.iso(clock.now())))
        for section in sections:
            with archive.open(f"{section.replace('_', '-')}.json", "w", force_zip64=True) as file:
                _write_list(file, export_files.parts(user_id, export_id, section))
        for part in export_files.parts(user_id, export_id, "media"):
            for item in part:
                _add_original(archive, item["mediaId"], EXTENSIONS.get(item["contentType"], "bin"))


def _write_list(file: IO[bytes], parts: Iterator[list[dict[str, object]]]) -> None:
    """One JSON list, an item to a line."""
    opening = b"[\n"
    for part in parts:
        for item in part:
            file.write(opening + json.dumps(item, ensure_ascii=False).encode())
            opening = b",\n"
    file.write(b"[]\n" if opening == b"[\n" else b"\n]\n")


def _add_original(archive: ZipFile, media_id: str, extension: str) -> None:
    original = media.original(media_id)
    if original is None:  # never uploaded, or rejected
        return
    entry = ZipInfo(f"media/{media_id}.{extension}", date_time=clock.now().timetuple()[:6])
    entry.compress_type = ZIP_STORED  # pictures are compressed already
    with archive.open(entry, "w", force_zip64=True) as file:
        shutil.copyfileobj(cast("IO[bytes]", original), file, CHUNK_BYTES)
    original.close()
