"""How hard each picture is compressed: busy ones hide losses and are large, smooth ones show them and are small.

The measure is the mean strength of edges in the luminance of the 320-pixel rendition (3x3 Laplacian of all neighbours,
0 to 255): 3 for a plain sky, 12 for most photographs, 54 for a meadow. Chosen on 15 photographs so that the bytes
of all together are those of a constant quality of 80, spread to where they are seen (`benchmarks/image_quality.py`).
"""

from PIL import Image, ImageFilter, ImageStat

# (edges, quality of JPEG and WebP) where it begins to fall, and where it ends.
SMOOTH = (4.0, 84)
BUSY = (40.0, 74)


def chosen(picture: Image.Image) -> int:
    """The quality for JPEG and WebP, within the bounds; `picture`: RGB, some 320 pixels wide."""
    edges = ImageStat.Stat(picture.convert("L").filter(ImageFilter.FIND_EDGES)).mean[0]
    (smooth, most), (busy, least) = SMOOTH, BUSY
    place = min(1.0, max(0.0, (edges - smooth) / (busy - smooth)))
    return round(most - place * (most - least))


def avif(quality: int) -> int:
    """The quality of an AVIF that looks like a JPEG of `quality`: 60 for 80."""
    return quality - 20
