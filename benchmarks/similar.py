"""Similar pictures: which copies of a photo the index finds, and whether any of them stands in a list twice.

    python -m benchmarks.similar [--others 20000]

Every demo photo is posted, and copies of it: compressed anew, resized, filtered, turned, cropped by so many per cent of
each side; each by an author of their own, without words, among pictures that have nothing to do with them. Then the
list is made of what is similar to each photo, by the product's own search and order, on osmem.

"within 31": copies that count as the same picture, in any way turned. "found": by the search, of the copies that are
the right way up and within 31 bits. "listed": copies that stand in the list, of those that count as another picture;
of those within 64 bits of each other one is enough.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

os.environ |= {
    "NAMESPACE": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "Heliograph",
}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "layers" / "shared" / "python"))

from PIL import Image, ImageOps

from functions.discovery import documents, generations, index, likeness, likeness_queries, pictures, remainder, search
from functions.discovery.index import Write
from functions.discovery.likeness import Traits
from functions.media import effects, pdq
from functions.media.bands import variants
from functions.media.edits import Edits
from heliograph import clock, ids
from tests.engines import engines
from tests.unit.feed.samples import post, profile

PHOTOS = Path(__file__).resolve().parent.parent / "local" / "demo" / "photos"
# What hashes are computed on.
SMALL = (320, 320)
BATCH = 1000

Change = Callable[[Image.Image], Image.Image]


def compressed(quality: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        jpeg = BytesIO()
        picture.save(jpeg, "JPEG", quality=quality)
        return Image.open(jpeg).convert("RGB")

    return change


def resized(factor: float) -> Change:
    return lambda picture: picture.resize((round(picture.width * factor), round(picture.height * factor)))


def filtered(name: str) -> Change:
    return lambda picture: effects.finish(picture, Edits(name, 100))


def cropped(percent: float) -> Change:
    """Cut off so much of each side."""

    def change(picture: Image.Image) -> Image.Image:
        x, y = round(picture.width * percent / 100), round(picture.height * percent / 100)
        return picture.crop((x, y, picture.width - x, picture.height - y))

    return change


CHANGES: dict[str, Change] = {
    "compressed to 35": compressed(35),
    "resized to a third": resized(1 / 3),
    "filtered: harbour": filtered("harbour"),
    "black and white": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "mirrored": ImageOps.mirror,
    "upside down": lambda picture: picture.transpose(Image.Transpose.ROTATE_180),
    "cropped by 1 %": cropped(1),
    "cropped by 2.5 %": cropped(2.5),
    "cropped by 5 %": cropped(5),
    "cropped by 10 %": cropped(10),
}


@dataclass(frozen=True)
class Copy:
    """A post of a photo, changed in one way or (None) not at all. `look`: its hash."""

    photo: str
    change: str | None
    post_id: str
    look: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=20_000)
    given = parser.parse_args()
    copies = list(_copies())
    by_id = {copy.post_id: copy for copy in copies}
    with (
        tempfile.TemporaryDirectory() as directory,
        engines.running("osmem", Path(directory)) as engine,
        engines.used(engine, "benchmark"),
    ):
        _index(copies, given.others)
        originals = [copy for copy in copies if copy.change is None]
        found = {original.photo: _found(original) for original in originals}
        lists = {original.photo: _listed(original, found[original.photo]) for original in originals}
    print("| copies | bits apart: median, most | within 31 | found | listed |")
    print("|---|---|---|---|---|")
    missed = 0
    for change in CHANGES:
        changed = [copy for copy in copies if copy.change == change]
        apart = [_apart(copy, originals) for copy in changed]
        upright = [copy for copy, bits in zip(changed, apart, strict=True) if bits <= pictures.SAME]
        same = [copy for copy in changed if _same(copy, _original(copy, originals))]
        hit = [copy for copy in upright if copy.post_id in {one.post_id for one in found[copy.photo]}]
        missed += len(upright) - len(hit)
        listed = [copy for copy in changed if copy.post_id in lists[copy.photo]]
        print(
            f"| {change} | {statistics.median(apart):g}, {max(apart)} | {len(same)} of {len(changed)} "
            f"| {len(hit)} of {len(upright)} | {len(listed)} of {len(changed) - len(same)} |"
        )
    doubles = sum(_doubles([by_id[one] for one in listed if one in by_id]) for listed in lists.values())
    doubles += sum(
        _same(original, by_id[one]) for original in originals for one in lists[original.photo] if one in by_id
    )
    strangers = sum(one not in by_id or by_id[one].photo != photo for photo, listed in lists.items() for one in listed)
    print(f"\n{given.others} other pictures; of other photos in the lists: {strangers}")
    print(f"similar_copies_missed {missed} copies 0")
    print(f"similar_near_duplicates_listed {doubles} pictures 0")
    return 0 if missed == doubles == 0 else 1


def _copies() -> Iterator[Copy]:
    for path in sorted(PHOTOS.glob("*.jpg")):
        with Image.open(path) as photo:
            picture = photo.convert("RGB")
        yield Copy(path.stem, None, ids.new_id(), _look(picture))
        for name, change in CHANGES.items():
            yield Copy(path.stem, name, ids.new_id(), _look(change(picture)))


def _look(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail(SMALL)
    return f"{pdq.compute(small).value:064x}"


def _index(copies: list[Copy], others: int) -> None:
    chance = random.Random(7)
    looks = [(copy.post_id, copy.look) for copy in copies]
    looks += [(ids.new_id(), f"{chance.getrandbits(pictures.BITS):064x}") for _ in range(others)]
    for start in range(0, len(looks), BATCH):
        writes: list[Write] = []
        for post_id, look in looks[start : start + BATCH]:
            author = profile(ids.new_id())
            shown = post(post_id, author.user_id, hashtags=())
            writes.append(Write("posts", post_id, 1, documents.post(shown, author, look)))
        if index.send(writes):
            raise RuntimeError("the index refused a picture")
    index.refresh("posts", generations.FIRST)


def _found(original: Copy) -> list[Traits]:
    one = likeness.of_post(post(original.post_id), original.look)
    [hits] = search.run(("posts", likeness_queries.looking_like(one, original.look, ())))
    return [likeness.of_document(hit.id, hit.source) for hit in hits]


def _listed(original: Copy, found: list[Traits]) -> list[str]:
    one = likeness.of_post(post(original.post_id), original.look)
    return [other.post_id for other in likeness.best(one, found, {}, clock.now(), remainder.MOST)]


def _original(copy: Copy, originals: list[Copy]) -> Copy:
    return next(one for one in originals if one.photo == copy.photo)


def _apart(copy: Copy, originals: list[Copy]) -> int:
    return pictures.distance(copy.look, _original(copy, originals).look)


def _same(one: Copy, other: Copy, within: int = pictures.SAME) -> bool:
    """Whether two are the same picture, in any way turned; found by comparing each with each."""
    return any(pdq.distance(int(one.look, 16), turned) <= within for turned in variants(int(other.look, 16)))


def _doubles(listed: list[Copy]) -> int:
    pairs = ((one, other) for place, one in enumerate(listed) for other in listed[:place])
    return sum(_same(one, other, pictures.ALIKE) for one, other in pairs)


if __name__ == "__main__":
    sys.exit(main())
