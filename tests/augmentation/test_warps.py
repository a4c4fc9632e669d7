"""Warps that fold, and each warp's own geometry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n import augmentation as aug
from cs231n.augmentation.perspective import projective_map
from cs231n.augmentation.transform import run_steps
from cs231n.augmentation.views import at_sides


def smooth(N=3, C=3, H=40, W=36):
    i, j = np.indices((H, W))
    n, c = np.indices((N, C))[:, :, :, None, None]
    return 127 + 100 * np.sin(0.15 * i + 0.12 * j * (1 + c / 2) + n)


def affine(n=3, **changed):
    neutral = {"angle": 0.0, "scale": (1.0, 1.0), "shear": 0.0, "shift": (0.0, 0.0)}
    values = {**neutral, **changed}
    return {k: np.tile(np.asarray(v, float), (n, *(1,) * np.ndim(v))) for k, v in values.items()}


def inner(X, margin=9):
    return X[:, :, margin:-margin, margin:-margin]


def test_a_warp_and_its_inverse_give_the_image_back():
    X = smooth()
    turn = aug.Affine(border="reflect")
    there, back = affine(angle=0.3, scale=(1.1, 1.1)), affine(angle=-0.3, scale=(1 / 1.1, 1 / 1.1))
    apart = turn.apply(turn.apply(X, there), back)
    assert 0.1 < np.abs(inner(apart, 13) - inner(X, 13)).max() < 4  # two of them
    # Folded there is one, at the pixels themselves.
    folded = run_steps(X, [(turn, there), (turn, back)])
    np.testing.assert_allclose(folded, X, atol=1e-6)


def test_folded_warps_are_one_after_the_other():
    X = smooth()
    rng = np.random.default_rng(0)
    chain = [aug.Affine(degrees=5, shift=1), aug.Perspective(0.05), aug.Lens(0.05)]
    chain += [aug.Affine(scale=0.05), aug.Elastic(alpha=5, sigma=4)]
    steps = [(t, t.draw(3, X.shape[1:], rng)) for t in chain]
    apart = X
    for transform, parameters in steps:
        apart = transform.apply(apart, parameters)
    folded = run_steps(X, steps)
    assert np.abs(inner(folded) - inner(apart)).max() < 4
    assert np.abs(inner(folded) - inner(X)).max() > 10
    assert len(aug.Compose(*chain).passes((3, 8, 8)).splitlines()) == 1


def test_what_cannot_fold_does_not():
    elastic, turn = aug.Elastic(), aug.Affine(degrees=5)
    lines = aug.Compose(
        elastic, turn, aug.Affine(border="edge"), aug.Affine(interpolation="nearest")
    )
    assert len(lines.passes((3, 8, 8)).splitlines()) == 4


def test_the_corners_of_a_perspective_go_where_they_should():
    rng = np.random.default_rng(0)
    corners = np.array([(0, 0), (9, 0), (9, 7), (0, 7)], float)
    moved = corners + rng.uniform(-1.5, 1.5, (20, 4, 2))
    for matrix, to in zip(projective_map(corners, moved), moved, strict=True):
        x, y, w = matrix.reshape(3, 3) @ np.concatenate([corners.T, np.ones((1, 4))])
        np.testing.assert_allclose(np.stack([x / w, y / w], axis=1), to, atol=1e-9)


@given(st.floats(-0.24, 0.45), st.floats(-0.05, 0.1))
def test_a_lens_moves_points_by_its_formula(k1, k2):
    (lens,) = aug.Lens().stages({"k1": np.array([k1]), "k2": np.array([k2])}, (1, 101, 101))
    cx, cy, q, *c = lens[1][0]
    r = np.linspace(0.01, 1, 50)
    d = r * (1 + k1 * r**2 + k2 * r**4)
    corner = np.hypot(cx, cy)
    s = np.minimum(q * (d * corner) ** 2, 1)
    back = d * (1 + sum(c[m] * s ** (m + 1) for m in range(6)))
    np.testing.assert_allclose(back, r, atol=3e-3)


@pytest.mark.parametrize(("k1", "bends_out"), [(-0.2, True), (0.2, False)])
def test_below_zero_a_lens_makes_a_barrel(k1, bends_out):
    X = np.zeros((1, 1, 81, 81))
    X[:, :, :, 12] = 1  # a line to the left of the centre
    parameters = {"k1": np.array([k1]), "k2": np.zeros(1)}
    line = aug.Lens(0.2).apply(X, parameters)[0, 0]
    middle, end = line[40].argmax(), line[8].argmax()
    assert (end - middle > 0) == bends_out
    assert end != middle


def test_an_elastic_field_is_as_strong_and_smooth_as_it_should_be():
    field = aug.Elastic(alpha=34, sigma=4).draw(50, (1, 64, 64), np.random.default_rng(0))["field"]
    # U(-1, 1) has variance 1/3; a Gaussian of sigma 4 keeps 1 / (4 pi sigma^2) of it.
    expected = 34 * np.sqrt(1 / 3 / (4 * np.pi * 16))
    field = field[:, :, 16:-16, 16:-16]  # at the border less is averaged
    assert field.std() == pytest.approx(expected, rel=0.05)
    assert abs(field.mean()) < 0.15
    steps = np.diff(field, axis=3)
    assert steps.std() < field.std() / 4


def test_the_drawn_numbers_fill_their_ranges():
    rng = np.random.default_rng(0)
    drawn = aug.Affine(degrees=(10, 30), zoom=(0.5, 2), shift=3).draw(4000, (3, 8, 8), rng)
    degrees = np.rad2deg(drawn["angle"])
    assert 10 <= degrees.min() < 10.1 < 29.9 < degrees.max() <= 30
    assert degrees.mean() == pytest.approx(20, abs=0.3)
    # The logarithm of a zoom is uniform: half are below 1.
    assert (drawn["zoom"] < 1).mean() == pytest.approx(0.5, abs=0.03)
    assert np.abs(np.corrcoef(drawn["shift"].T)[0, 1]) < 0.05


def test_a_vertical_shear_moves_columns():
    X = np.zeros((1, 1, 9, 9))
    X[0, 0, 4, 6] = 1
    parameters = affine(1) | {"shear_columns": np.ones(1)}
    out = aug.Affine().apply(X, parameters)[0, 0]
    assert np.unravel_index(out.argmax(), out.shape) == (2, 6)


# ---- resized crops ----


def test_boxes_lie_in_the_image_and_have_area_and_aspect():
    crop = aug.ResizedCrop((8, 8), area=(0.2, 0.6), aspect=(0.5, 2))
    top, left, height, width = crop.draw(3000, (3, 40, 60), np.random.default_rng(0))["box"].T
    assert min(top.min(), left.min()) >= 0
    assert (top + height).max() <= 40 + 1e-9
    assert (left + width).max() <= 60 + 1e-9
    area, aspect = height * width / 2400, width / height
    assert 0.2 <= area.min() < 0.21 < 0.55 < area.max() <= 0.6 + 1e-9
    assert 0.5 - 1e-9 <= aspect.min() < 0.55 < 1.8 < aspect.max() <= 2 + 1e-9


@pytest.mark.parametrize(
    ("shape", "area", "aspect", "expected"),
    [
        ((40, 40), (1, 1), (3, 4), (40 / 3, 40)),
        ((20, 200), (0.9, 1), (3 / 4, 4 / 3), (20, 80 / 3)),
        ((200, 20), (0.9, 1), (3 / 4, 4 / 3), (80 / 3, 20)),
        ((20, 200), (0.05, 0.05), (1, 1), (200**0.5, 200**0.5)),
    ],
)
def test_where_nothing_fits_the_largest_box_of_an_allowed_aspect_is_taken(
    shape, area, aspect, expected
):
    crop = aug.ResizedCrop((8, 8), area=area, aspect=aspect)
    box = crop.draw(50, (3, *shape), np.random.default_rng(0))["box"]
    np.testing.assert_allclose(box[:, 2:], [expected] * 50)
    assert (box[:, :2] >= 0).all()
    assert (box[:, :2] + box[:, 2:] <= np.array(shape) + 1e-9).all()


def test_the_whole_image_as_a_box_is_the_resized_image():
    X = smooth(H=12, W=18)
    whole = np.tile([0.0, 0, 12, 18], (3, 1))
    out = aug.ResizedCrop((24, 9)).apply(X, {"box": whole})
    np.testing.assert_array_equal(out, aug.resized(X, (24, 9)))
    np.testing.assert_allclose(aug.resized(X, (12, 18)), X, atol=1e-9)


def test_a_scaled_crop_is_a_crop_of_the_scaled_image():
    X = smooth(H=20, W=30)
    crop = aug.ScaledCrop((16, 16), sides=(32, 32))
    box = crop.draw(3, X.shape[1:], np.random.default_rng(0))["box"]
    np.testing.assert_allclose(box[:, 2:], 10)  # 16 of 32 is half of 20
    box[:, :2] = 2, 5
    (scaled,) = at_sides(X, [32])
    expected = scaled[:, :, 4 - 1 + 1 : 20, 8:24]
    out = crop.apply(X, {"box": box})
    np.testing.assert_allclose(out, aug.resized(X[:, :, 2:12, 5:15], (16, 16)), atol=12)
    assert np.abs(out[:, :, 1:-1, 1:-1] - expected[:, :, 1:-1, 1:-1]).mean() < 15
