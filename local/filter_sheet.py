"""docs/filters.jpg, every named filter on real photographs: `python -m local.filter_sheet`."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = [ROOT / "local" / "demo" / "photos" / f"{name}.jpg" for name in ("dogs", "sunset-ridges", "meadow")]
SHEET = ROOT / "docs" / "filters.jpg"
SIDE, GAP, CAPTION, COLUMNS = 128, 14, 24, 3


def main() -> None:
    sys.path.insert(0, str(ROOT / "layers" / "shared" / "python"))
    from functions.media.edits import Edits  # noqa: PLC0415  (on the path only now)
    from functions.media.effects import finish  # noqa: PLC0415
    from functions.media.filters import ALL  # noqa: PLC0415

    photos = [ImageOps.fit(Image.open(path).convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS) for path in PHOTOS]
    looks = [("No filter", Edits()), *((filter_.title, Edits(filter=filter_.name)) for filter_ in ALL)]
    width, height = SIDE * len(photos) + GAP, SIDE + CAPTION + GAP
    rows = -(-len(looks) // COLUMNS)
    sheet = Image.new("RGB", (width * COLUMNS + GAP, height * rows + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (title, edits) in enumerate(looks):
        left, top = GAP + place % COLUMNS * width, GAP + place // COLUMNS * height
        draw.text((left, top), title, "black", ImageFont.load_default(16))
        for number, photo in enumerate(photos):
            sheet.paste(finish(photo, edits), (left + number * SIDE, top + CAPTION))
    sheet.save(SHEET, quality=82, progressive=True)


if __name__ == "__main__":
    main()
