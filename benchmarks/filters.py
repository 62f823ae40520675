"""What filters and edits cost, and how near the one LUT comes to the exact formulas.

    python -m benchmarks.filters [--rounds 9]

Processor time on the largest rendition of a real photograph, median of the rounds. The error is that of the service's
pixels, before encoding, against every formula computed in floating point for every pixel: mean over the pixels, for the
worst filter and for the worst of random recipes with all colour edits at once.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks import photos
from functions.media import effects, grading
from functions.media.edits import COLOURS, Edits
from functions.media.filters import FILTERS
from functions.media.inspection import inspect
from functions.media.photo import Photo
from functions.media.renditions import largest

RECIPES = 50
ALL_AT_ONCE = Edits("harbour", 80, brightness=20, contrast=30, saturation=-10, warmth=15, highlights=-40, shadows=40)


def rendition(edits: Edits) -> Image.Image:
    """The largest rendition of a 12-megapixel photo."""
    photo = inspect(photos.camera_photos()[photos.TWELVE], edits.geometry)
    if not isinstance(photo, Photo):
        raise TypeError(photo)
    return largest(photo, edits)


def milliseconds(job: Callable[[], Any], rounds: int) -> float:
    def once() -> float:
        began = time.process_time()
        job()
        return (time.process_time() - began) * 1000

    return statistics.median(once() for _ in range(rounds))


def error(picture: Image.Image, edits: Edits) -> float:
    """Mean, in levels of 255."""
    exact = np.moveaxis(np.asarray(picture) / 255, -1, 0)
    red, green, blue = grading.grade((exact[0], exact[1], exact[2]), edits.grade, lambda value: np.clip(value, 0, 1))
    made = np.asarray(effects.finish(picture, edits))
    return float(np.abs(made - 255 * np.stack([red, green, blue], axis=-1)).mean())


def recipes() -> list[Edits]:
    chance = random.Random(5)
    made: list[Edits] = []
    for _ in range(RECIPES):
        colours: dict[str, Any] = {name: chance.randint(-100, 100) for name in COLOURS}
        made.append(Edits(chance.choice(list(FILTERS)), chance.randint(0, 100), **colours))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    picture = rendition(Edits())
    small = picture.resize((320, round(320 * picture.height / picture.width)))
    size = f"{picture.width} x {picture.height}"
    lut = effects.lut(ALL_AT_ONCE.grade)
    jobs: dict[str, Callable[[], Any]] = {
        "build a LUT, numpy": lambda: effects.lut(ALL_AT_ONCE.grade),
        "build a .cube, no numpy (once in a process)": lambda: grading.cube.__wrapped__("harbour"),
        f"filter and six colour edits, {size}": lambda: picture.filter(lut),
        f"vignette, {size}": lambda: effects.vignetted(picture, 0.5),
        f"sharpen, {size}": lambda: effects.finish(picture, Edits(sharpen=50)),
        "12 MP to largest rendition, no edits": lambda: rendition(Edits()),
        "12 MP to largest rendition, all colours": lambda: rendition(ALL_AT_ONCE),
        "12 MP to largest rendition, straightened by 3": lambda: rendition(Edits(straighten=3)),
    }
    table = Table("", "ms")
    for name, job in jobs.items():
        table.add_row(name, f"{milliseconds(job, rounds):.1f}")
    Console().print(table)
    worst_filter = max(error(small, Edits(name)) for name in FILTERS)
    worst_recipe = max(error(small, recipe) for recipe in recipes())
    print(f"mean_error_worst_recipe {worst_recipe:.3f} levels <=1")
    print(f"mean_error_worst_filter {worst_filter:.3f} levels <=1")


if __name__ == "__main__":
    main()
