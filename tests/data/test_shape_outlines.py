import itertools

import numpy as np
import pytest

from cs231n.data.shape_outlines import OUTLINES

SIDE = 401
X, Y = np.meshgrid(*2 * [np.linspace(-1.5, 1.5, SIDE, dtype=np.float32)])
INSIDE = {name: outline(X, Y) < 0 for name, outline in OUTLINES.items()}


def overlap(a, b):
    """Intersection over union of two masks."""
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("name", OUTLINES)
def test_it_lies_within_the_picture_and_fills_part_of_it(name):
    mask = INSIDE[name]
    edge = np.ones_like(mask)
    edge[20:-20, 20:-20] = False
    assert not (mask & edge).any()
    area = mask.mean() * 9  # of the unit square
    assert 0.8 < area < 3.0


AREAS = {  # the first six by hand, the others as first drawn
    "disc": np.pi * 0.95**2,
    "ring": np.pi * (0.97**2 - 0.55**2),
    "square": 1.6**2,
    "frame": 4 * (0.87**2 - 0.49**2),
    "cross": 2 * 0.6 * 1.96 - 0.6**2,
    "star": 5 * 1.1 * 0.46 * np.sin(np.pi / 5),
    "triangle": 1.511,
    "heart": 2.339,
    "crescent": 1.552,
    "arrow": 1.552,
}


@pytest.mark.parametrize("name", OUTLINES)
def test_its_area_is_known(name):
    assert INSIDE[name].mean() * 9 == pytest.approx(AREAS[name], rel=0.03)


@pytest.mark.parametrize("name", sorted(set(OUTLINES) - {"crescent"}))
def test_it_is_its_own_mirror_image(name):
    assert overlap(INSIDE[name], INSIDE[name][:, ::-1]) > 0.98


@pytest.mark.parametrize("pair", list(itertools.combinations(OUTLINES, 2)), ids="-".join)
def test_no_two_classes_look_alike(pair):
    a, b = (INSIDE[name] for name in pair)
    assert overlap(a, b) < 0.85
    assert overlap(a, b[:, ::-1]) < 0.85


@pytest.mark.parametrize("name", OUTLINES)
def test_the_distance_grows_by_one_per_unit_at_the_edge(name):
    # What anti-aliasing relies on: within a pixel of the edge, values are distances.
    distance = OUTLINES[name](X, Y)
    step = 3 / (SIDE - 1)
    slope = np.hypot(*np.gradient(distance, step))
    near = np.abs(distance) < 2 * step
    assert 0.9 < np.median(slope[near]) < 1.1


@pytest.mark.parametrize("name", OUTLINES)
def test_inputs_and_dtype_are_kept(name):
    x, y = X.copy(), Y.copy()
    assert OUTLINES[name](x, y).dtype == np.float32
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


def test_there_are_holes_where_there_should_be():
    centre = {name: mask[SIDE // 2, SIDE // 2] for name, mask in INSIDE.items()}
    assert [name for name, filled in centre.items() if not filled] == ["ring", "frame", "crescent"]
