"""Pictures made for a test: known colours at known places, and files that no camera would write."""

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()

TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT = (220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 40)

# Where the first row and column of the stored picture are, for each EXIF orientation: what undoes it at storing.
STORED_BY = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(width: int = 600, height: int = 400) -> Image.Image:
    """Four colours, one per corner."""
    image = Image.new("RGB", (width, height), BOTTOM_RIGHT)
    image.paste(TOP_LEFT, (0, 0, width // 2, height // 2))
    image.paste(TOP_RIGHT, (width // 2, 0, width, height // 2))
    image.paste(BOTTOM_LEFT, (0, height // 2, width // 2, height))
    return image


def dots(seed: int) -> Image.Image:
    """A picture of 60 coloured discs."""
    chance, picture = random.Random(seed), Image.new("RGB", (480, 320), "grey")
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, radius = chance.randrange(480), chance.randrange(320), chance.randrange(5, 60)
        colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    """The colours an eighth inside each corner: top left, top right, bottom left, bottom right."""
    width, height = image.size
    rgb = image.convert("RGB")
    places = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    return [rgb.getpixel(place) for place in places]  # pyright: ignore[reportReturnType]  (RGB gives three numbers)


def stored(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera held that way would store it."""
    turn = STORED_BY[orientation]
    return image if turn is None else image.transpose(turn)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x0110] = "Secret camera"
    tags.get_ifd(0x8825)[1] = "N"
    return tags


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def png(width: int, height: int, *, rows: bytes, extra: bytes = b"") -> bytes:
    """A one-bit PNG of the claimed size around the given raw rows; `extra`: whole chunks before the pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + pixels + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int = 13_000) -> bytes:
    """169 million pixels in some 20 KB."""
    return png(side, side, rows=bytes((side // 8 + 2) * side))


# Display P3's primaries and white, adapted to the profile connection space (D50), as XYZ.
P3_TO_XYZ = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
XYZ_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)
P3_GAMMA = 2.2
D50 = (0.9642, 1.0, 0.8249)


def p3_profile() -> bytes:
    """A minimal matrix profile (ICC.1:2001) with Display P3's primaries and a plain gamma of 2.2."""
    columns = list(zip(*P3_TO_XYZ, strict=True))
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(P3_GAMMA * 256)) + bytes(2)
    return _profile(
        b"mntr", b"RGB ", b"XYZ ",
        {
            **{tag: _xyz(column) for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)},
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
        },
    )  # fmt: skip


# What each full ink and their overprints look like: Lab under D50, of no real press but like one. White and black are
# those of sRGB, so that no intent has anything to compensate for.
INKS_TO_LAB = {
    (0, 0, 0, 0): (100, 0, 0), (1, 0, 0, 0): (55, -36, -49), (0, 1, 0, 0): (48, 74, -3), (0, 0, 1, 0): (89, -5, 92),
    (1, 1, 0, 0): (24, 20, -46), (1, 0, 1, 0): (50, -66, 26), (0, 1, 1, 0): (47, 68, 47), (1, 1, 1, 0): (23, 0, 0),
}  # fmt: skip
BLACK_INK = (0, 0, 0)


def cmyk_profile() -> bytes:
    """A minimal profile of a press (ICC.1:2001): one table (lut8Type) of two grid points for each ink."""
    grid = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    points = [BLACK_INK if k else INKS_TO_LAB[c, m, y, 0] for c, m, y, k in grid]
    table = bytes(value for light, a, b in points for value in (round(light * 255 / 100), a + 128, b + 128))
    unit = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    identity = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unit + 4 * identity + table + 3 * identity
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut + bytes(-len(lut) % 4)})


def ink_as_srgb(inks: tuple[int, int, int, int], share: float) -> tuple[int, int, int]:
    """What `share` of a full ink or overprint on the white of the paper is in sRGB, by the formulas (CIE 15:2004)."""
    full = BLACK_INK if inks[3] else INKS_TO_LAB[inks]
    paper = INKS_TO_LAB[0, 0, 0, 0]
    light, a, b = ((1 - share) * ground + share * ink for ground, ink in zip(paper, full, strict=True))
    y = (light + 16) / 116
    xyz = [white * _from_lab(value) for white, value in zip(D50, (y + a / 500, y, y - b / 200), strict=True)]
    red, green, blue = (round(255 * _companded(min(1.0, max(0.0, value)))) for value in _times(XYZ_TO_SRGB, xyz))
    return red, green, blue


def _from_lab(value: float) -> float:
    return value**3 if value > 6 / 29 else 3 * (6 / 29) ** 2 * (value - 4 / 29)


def _profile(kind: bytes, colours: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2.4 with these tags, each of a length that four divides."""
    name = b"Heliograph test\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(8 + 1 + 2 + 67)
    tags = {b"desc": description + bytes(-len(description) % 4), b"wtpt": _xyz(D50), **tags}
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", header, 0, offset + len(body), b"lcms", 0x02400000, kind, colours, connection)
    struct.pack_into(">4s", header, 36, b"acsp")
    struct.pack_into(">iii", header, 68, *(round(value * 65536) for value in D50))
    return bytes(header) + table + body


def p3_as_srgb(color: tuple[int, int, int]) -> tuple[int, int, int]:
    """What a colour of that profile is in sRGB (IEC 61966-2-1), by the formulas and not by a library."""
    linear = [(value / 255) ** P3_GAMMA for value in color]
    srgb = _times(XYZ_TO_SRGB, _times(P3_TO_XYZ, linear))
    red, green, blue = (round(255 * _companded(min(1.0, max(0.0, value)))) for value in srgb)
    return red, green, blue


def _companded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(value * 65536) for value in values))
