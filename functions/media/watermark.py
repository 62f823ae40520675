"""The picture that is downloaded and shared, with its author's name in a corner."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NAME = "share.jpg"
QUALITY = 85
# Parts of the shorter side.
LETTERS, MARGIN = 0.045, 0.03
LEAST_LETTERS = 11
INK, OUTLINE = (255, 255, 255, 210), (0, 0, 0, 150)


def stamp(source: Path, name: str, folder: Path) -> Path:
    """The picture at `source` with `name` in its lower right corner, as JPEG in `folder`.

    White letters with a dark outline can be read on light and on dark. A name too long for the picture is made smaller.
    """
    with Image.open(source, formats=("JPEG",)) as picture:
        picture.load()
    side, margin = min(picture.size), round(min(picture.size) * MARGIN)
    letters = max(LEAST_LETTERS, side * LETTERS)
    letters = max(1.0, letters * min(1.0, (picture.width - 2 * margin) / _font(letters).getlength(name)))
    layer = Image.new("RGBA", picture.size)
    ImageDraw.Draw(layer).text(
        (picture.width - margin, picture.height - margin),
        name,
        font=_font(letters),
        anchor="rd",
        fill=INK,
        stroke_width=max(1, round(letters / 14)),
        stroke_fill=OUTLINE,
    )
    picture.paste(layer, mask=layer)
    path = folder / NAME
    picture.save(path, "JPEG", quality=QUALITY, progressive=True)
    return path


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that Pillow carries."""
    return ImageFont.load_default(size)
