"""Colour: what a client previews by the published LUTs and formulas is what the service makes."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from functions.media import effects, grading
from functions.media.edits import COLOURS, Edits
from functions.media.filters import ALL, FILTERS
from functions.media.grading import LUT_SIZE, Grade, clipped, grade
from tests.proof import repetitions

DATA = Path(__file__).parents[2] / "data"
PHOTOS = ("sunset.jpg", "portrait-gps.jpg")
Pixels = Any  # an array of height x width x 3 floats, 0 to 1


@cache
def pixels(photo: str) -> Pixels:
    with Image.open(DATA / photo) as image:
        return np.asarray(image.convert("RGB").resize((120, 90))) / 255


def made(picture: Pixels, edits: Edits) -> Pixels:
    """What the service makes of it, before encoding."""
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    return np.asarray(effects.finish(image, edits)) / 255


def mean_error(one: Pixels, other: Pixels) -> float:
    """In levels of 255."""
    return float(np.abs(one - other).mean() * 255)


def graded_grey(value: float, recipe: Grade) -> tuple[float, float, float]:
    return grade((value, value, value), recipe, clipped)


# --- A client of its own, written from docs/edits.md ----------------------------------------------------------------


def read_cube(text: str) -> Pixels:
    """[blue, green, red, channel]"""
    numbers = [line for line in text.splitlines() if not line[0].isalpha()]
    return np.array(" ".join(numbers).split(), dtype=float).reshape((33, 33, 33, 3))


def looked_up(table: Pixels, picture: Pixels) -> Pixels:
    """Trilinear interpolation."""
    place = np.clip(picture, 0, 1) * 32
    low = np.minimum(place.astype(int), 31)
    part = place - low
    total = np.zeros_like(picture)
    for corner in range(8):
        offset = [corner & 1, corner >> 1 & 1, corner >> 2 & 1]
        weight = np.prod(np.where(offset, part, 1 - part), axis=-1, keepdims=True)
        red, green, blue = np.moveaxis(low + offset, -1, 0)
        total += weight * table[blue, green, red]
    return total


def light(picture: Pixels) -> Pixels:
    return (picture @ [0.2126, 0.7152, 0.0722])[..., None]


def previewed(picture: Pixels, edits: Edits) -> Pixels:
    """The filter by its LUT, the colour edits one after the other."""
    seen = picture
    if edits.filter:
        seen = seen + edits.strength / 100 * (looked_up(TABLES[edits.filter], seen) - seen)
    seen = np.clip(seen * (1 + 0.18 * edits.warmth / 100 * np.array([1, 0, -1])), 0, 1)
    seen = seen + edits.brightness / 100 * (seen - seen**2)
    seen = seen + edits.contrast / 100 * (3 * seen**2 - 2 * seen**3 - seen)
    seen = np.clip(seen * (1 + edits.shadows / 100 * (1 - light(seen)) ** 3), 0, 1)
    seen = np.clip(1 - (1 - seen) * (1 - edits.highlights / 100 * light(seen) ** 3), 0, 1)
    grey = light(seen)
    return np.clip(grey + (1 + edits.saturation / 100) * (seen - grey), 0, 1)


class _Tables(dict[str, Pixels]):
    """The published LUT of each filter. Writing all of them takes seconds, so some are made with numpy, which is equal
    by `test_with_and_without_numpy_a_lut_is_the_same`.
    """

    def __missing__(self, name: str) -> Pixels:
        self[name] = read_cube(grading.cube(name)) if name in WHOLE else with_numpy(name)
        return self[name]


def with_numpy(name: str) -> Pixels:
    return np.array(effects.lut(Grade(name)).table).reshape((33, 33, 33, 3))


# The filters whose LUTs are compared in every point.
WHOLE = list(FILTERS) if repetitions(quick=0, full=1) else ["ember", "neon", "ink"]


TABLES = _Tables()


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("photo", PHOTOS)
def test_a_filter_looks_as_its_published_lut(name: str, photo: str) -> None:
    picture = pixels(photo)

    assert mean_error(made(picture, Edits(filter=name)), previewed(picture, Edits(filter=name))) <= 1


amounts = st.integers(-100, 100)


@given(
    st.builds(
        Edits,
        filter=st.sampled_from([None, "harbour", "crossing", "ink"]),
        strength=st.integers(0, 100),
        **dict.fromkeys(COLOURS, amounts),
    )
)
@settings(max_examples=repetitions(quick=25, full=500), deadline=None, derandomize=True)
def test_any_recipe_looks_as_its_preview(edits: Edits) -> None:
    for photo in PHOTOS:
        picture = pixels(photo)
        assert mean_error(made(picture, edits), previewed(picture, edits)) <= 1


# --- Filters --------------------------------------------------------------------------------------------------------


def test_there_are_enough_filters_and_no_name_is_taken_twice() -> None:
    assert len(FILTERS) == len(ALL) >= 22
    assert len({filter_.title for filter_ in ALL}) == len(ALL)


def test_all_filters_can_be_told_apart() -> None:
    """Any two differ on a photo by more than an eye overlooks."""
    picture = pixels("portrait-gps.jpg")
    looks = {name: made(picture, Edits(filter=name)) for name in FILTERS} | {"none": picture}
    errors = {(a, b): mean_error(looks[a], looks[b]) for a in looks for b in looks if a < b}

    assert min(errors.values()) > 2.5, min(errors, key=lambda pair: errors[pair])


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_keeps_the_order_of_greys(name: str) -> None:
    greys = [graded_grey(step / 50, Grade(name)) for step in range(51)]

    for darker, lighter in pairwise(greys):
        assert all(a <= b + 1e-9 for a, b in zip(darker, lighter, strict=True))


def test_strength_goes_from_nothing_to_the_whole_filter() -> None:
    picture = pixels("sunset.jpg")
    none, half, whole = (made(picture, Edits(filter="ember", strength=strength)) for strength in (0, 50, 100))

    assert (none == picture).all()
    assert mean_error(whole, looked_up(TABLES["ember"], picture)) <= 0.5
    assert mean_error(half, (none + whole) / 2) <= 0.5


def test_the_cube_is_one_that_other_programs_read() -> None:
    lines = grading.cube("ember").splitlines()

    assert lines[:2] == ['TITLE "Ember"', "LUT_3D_SIZE 33"]
    assert len(lines) == 2 + 33**3
    # Red is fastest: the second colour is black with a step of red in it.
    step = grade((1 / 32, 0, 0), Grade("ember"), clipped)
    assert [float(number) for number in lines[3].split()] == pytest.approx(step, abs=1e-4)


@pytest.mark.parametrize("name", FILTERS)
def test_with_and_without_numpy_a_lut_is_the_same(name: str) -> None:
    size = 33 if name in WHOLE else 5
    step = 32 // (size - 1)
    table = with_numpy(name)[::step, ::step, ::step].reshape(-1)

    assert np.abs(table - np.array(list(grading.lattice(Grade(name), size))).reshape(-1)).max() < 1e-6


def test_the_fingerprint_changes_with_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    prints = {grading.fingerprint(name) for name in FILTERS}
    assert len(prints) == len(FILTERS)
    changed = replace(FILTERS["ember"], tone=(0, 0.26, 0.71, 1))
    monkeypatch.setitem(grading.FILTERS, "ember", changed)
    assert grading.fingerprint.__wrapped__("ember") not in prints


# --- Colour edits ---------------------------------------------------------------------------------------------------

RAMP = [step / 100 for step in range(101)]


def greys(**edits: float) -> list[float]:
    recipe = Edits(**edits).grade  # pyright: ignore[reportArgumentType]
    return [graded_grey(value, recipe)[1] for value in RAMP]


@pytest.mark.parametrize("name", ["brightness", "contrast", "highlights", "shadows"])
@pytest.mark.parametrize("amount", [-100, -40, 40, 100])
def test_light_edits_keep_black_white_and_their_order(name: str, amount: int) -> None:
    values = greys(**{name: amount})

    assert (values[0], values[-1]) == (0, 1)
    assert all(a <= b + 1e-9 for a, b in pairwise(values))


@pytest.mark.parametrize(
    ("name", "moved", "spared"), [("shadows", 0.2, 0.9), ("highlights", 0.8, 0.1), ("brightness", 0.5, 0.0)]
)
def test_light_edits_work_where_they_say(name: str, moved: float, spared: float) -> None:
    up, down = greys(**{name: 100}), greys(**{name: -100})

    place, other = RAMP.index(moved), RAMP.index(spared)
    assert up[place] > moved + 0.05 > moved - 0.05 > down[place]
    assert up[other] == pytest.approx(spared, abs=0.005)


def test_contrast_parts_dark_from_light() -> None:
    values = greys(contrast=100)

    assert values[25] < 0.2
    assert values[75] > 0.8
    assert values[50] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("recipe", "holds"),
    [
        (Grade(warmth=1), lambda red, green, blue: red > 0.5 > blue),
        (Grade(warmth=-1), lambda red, green, blue: red < 0.5 < blue),
    ],
)
def test_warmth_goes_from_blue_to_red(recipe: Grade, holds: Callable[..., bool]) -> None:
    assert holds(*grade((0.5, 0.5, 0.5), recipe, clipped))


def test_without_saturation_all_is_grey() -> None:
    red, green, blue = grade((0.9, 0.4, 0.1), Grade(saturation=-1), clipped)

    assert red == pytest.approx(green) == pytest.approx(blue)


def test_the_lattice_is_of_the_size_that_is_announced() -> None:
    assert sum(1 for _ in grading.lattice(Grade(), 3)) == 27
    assert LUT_SIZE == 33
