"""Which part of a photo is shown."""

from itertools import product
from math import cos, isclose, radians, sin

import pytest

from functions.media.framing import AS_TAKEN, ASPECTS, Crop, Focus, Frame, Geometry, as_stored, frame, ratio, turn
from tests.unit.media.pictures import STORED_BY, quadrants

SIZES = [(4000, 3000), (3000, 4000), (1000, 1000), (3000, 320)]
FOCUSES = [Focus(), Focus(0, 1), Focus(0.9, 0.2)]
ANGLES = [-45, -30, -7.5, -0.1, 0, 0.1, 7.5, 30, 45]


def corners_behind(found: Frame, size: tuple[int, int]) -> list[tuple[float, float]]:
    """The frame's corners in the turned picture, in its pixels."""
    left, top, right, bottom = found.box
    x, y = (left + right) / 2 * size[0], (top + bottom) / 2 * size[1]
    c, s = cos(radians(found.angle)), sin(radians(found.angle))
    halves = [(found.width / 2 * i, found.height / 2 * j) for i in (-1, 1) for j in (-1, 1)]
    return [(x + c * across + s * down, y - s * across + c * down) for across, down in halves]


@pytest.mark.parametrize("size", SIZES)
def test_without_geometry_all_of_it_is_shown(size: tuple[int, int]) -> None:
    assert frame(size, AS_TAKEN) == Frame(*size, box=(0, 0, 1, 1))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("angle", ANGLES)
def test_a_frame_has_the_aspect_asked_for_and_no_empty_corner(size: tuple[int, int], angle: float) -> None:
    for aspect, focus in product(ASPECTS, FOCUSES):
        found = frame(size, Geometry(Crop(aspect, focus), straighten=angle))

        assert isclose(found.width / found.height, ratio(aspect) or size[0] / size[1])
        corners = corners_behind(found, size)
        for x, y in corners:
            assert -1e-6 <= x <= size[0] + 1e-6
            assert -1e-6 <= y <= size[1] + 1e-6
        # and it is the largest: it touches two opposite sides
        across, down = ((max(places) - min(places)) for places in zip(*corners, strict=True))
        assert isclose(max(across / size[0], down / size[1]), 1)


def test_the_focus_stays_in_the_middle_where_it_can() -> None:
    square = frame((3000, 1000), Geometry(Crop("1:1", Focus(0.4, 0.9))))

    assert square.box == pytest.approx((0.4 - 1 / 6, 0, 0.4 + 1 / 6, 1))
    assert square.size == (1000, 1000)


@pytest.mark.parametrize(("x", "left"), [(0, 0), (0.1, 0), (0.9, 2 / 3), (1, 2 / 3)])
def test_the_focus_gives_way_at_the_edge(x: float, left: float) -> None:
    found = frame((3000, 1000), Geometry(Crop("1:1", Focus(x))))

    assert found.box[0] == pytest.approx(left)
    assert found.box[2] == pytest.approx(left + 1 / 3)


def test_straightening_zooms_by_the_known_amount() -> None:
    """A square turned by 45 degrees holds an upright square of half its area."""
    assert frame((1000, 1000), Geometry(straighten=45)).width == pytest.approx(1000 / 2**0.5)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turn_is_another_orientation(orientation: int, degrees: int) -> None:
    """Undoing the orientation and then turning is undoing the other orientation."""
    from functions.media.renditions import TURNS

    scene = quadrants(60, 40)
    upright = scene.transpose(TURNS[orientation]) if orientation in TURNS else scene
    other = turn(orientation, degrees)
    assert (scene.transpose(TURNS[other]) if other in TURNS else scene) == upright.rotate(-degrees, expand=True)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_is_found_again_in_the_stored_form(orientation: int) -> None:
    scene = quadrants(60, 40)
    scene.paste((1, 2, 3), (6, 4, 24, 12))
    turned = STORED_BY[orientation]
    stored = scene if turned is None else scene.transpose(turned)

    left, top, right, bottom = as_stored((0.1, 0.1, 0.4, 0.3), orientation)

    box = (left * stored.width, top * stored.height, right * stored.width, bottom * stored.height)
    part = stored.crop(tuple(map(round, box)))  # pyright: ignore[reportArgumentType]  (four of them)
    assert part.getcolors() == [(18 * 8, (1, 2, 3))]
