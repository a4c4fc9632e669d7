"""The effective receptive field: the paper's Gaussian and its growth."""

import numpy as np
import pytest

from cs231n.nets import (
    Affine,
    AvgPool,
    Conv,
    EffectiveField,
    GlobalAvgPool,
    MaxPool,
    ReLU,
    Residual,
    effective_field,
    effective_growth,
    receptive_field,
    seen_pixels,
)

DEPTHS = (5, 10, 20, 40)


@pytest.mark.parametrize("size", [3, 5])
def test_uniform_weights_give_the_box_convolved_with_itself(size):
    for n in (1, 2, 5):
        field = effective_field([Conv(2, size)] * n, weights="uniform", draws=1)
        box = np.full(size, 1 / size)
        row = [1.0]
        for _ in range(n):
            row = np.convolve(row, box)
        np.testing.assert_allclose(field.map, np.outer(row, row), atol=1e-15)
        expected = (n * (size**2 - 1) / 12) ** 0.5
        assert field.deviation == pytest.approx((expected, expected))
        assert field.unit == (n * (size // 2), n * (size // 2))


def test_the_width_grows_as_the_root_of_the_depth():
    for n, field in zip(DEPTHS, effective_growth(DEPTHS, weights="uniform", draws=1), strict=True):
        assert field.deviation == pytest.approx(((2 * n / 3) ** 0.5,) * 2)
        assert field.fitted == pytest.approx(field.deviation, rel=0.2 / n)
        assert field.theoretical.size == field.map.shape == (2 * n + 1, 2 * n + 1)


@pytest.mark.parametrize("relu", [False, True])
def test_random_weights_give_the_same_width(relu):
    """Between 5 and 20 layers the width doubles, while what could be seen grows fourfold."""
    few, many = effective_growth((5, 20), relu=relu, draws=30)
    for n, field in ((5, few), (20, many)):
        assert np.mean(field.deviation) == pytest.approx((2 * n / 3) ** 0.5, rel=0.1)
        assert field.map.sum() == pytest.approx(1)


def test_a_gaussian_is_fitted_exactly():
    places = np.arange(61) - 30
    rows, columns = (np.exp(-0.5 * (places / sd) ** 2) for sd in (4.0, 7.0))
    share = np.outer(rows, columns)
    field = EffectiveField(share / share.sum(), receptive_field([Conv(1)]), (30, 30))
    assert field.fitted == pytest.approx((4, 7), rel=1e-4)
    assert field.deviation == pytest.approx((4, 7), rel=1e-3)
    # an ellipse: 4.55 % of the peak lie sqrt(2 log(1 / 0.0455)) deviations away
    area = np.pi * 4 * 7 * 2 * np.log(1 / 0.0455)
    assert field.extent == pytest.approx(area**0.5, rel=0.01)


STACKS = {
    "stride": [Conv(2, stride=2), Conv(2, stride=2), Conv(2)],
    "dilation": [Conv(2), Conv(2, dilation=3), Conv(2, dilation=2)],
    "pool": [Conv(2), ReLU(), AvgPool(), Conv(2, 5, pad=0)],
}


@pytest.mark.parametrize("name", STACKS)
def test_what_has_a_share_is_what_is_seen(name):
    layers = STACKS[name]
    field = effective_field(layers, weights="uniform", draws=60)
    rows, columns = seen_pixels(layers, (3, *field.map.shape), field.unit)
    assert np.flatnonzero(field.map.sum(axis=1)).tolist() == rows
    assert np.flatnonzero(field.map.sum(axis=0)).tolist() == columns
    assert rows[-1] - rows[0] + 1 == receptive_field(layers).size[0]


def test_a_shortcut_narrows_the_field():
    plain = effective_field([Conv(4)] * 6, draws=10)
    block = effective_field([Residual((Conv(3), Conv(3)))] * 3, draws=10)
    assert block.theoretical == plain.theoretical
    assert max(block.deviation) < min(plain.deviation)


def test_a_given_image():
    field = effective_field([Conv(4), MaxPool(), GlobalAvgPool()], (1, 8, 6), draws=3)
    assert (field.map.shape, field.unit) == ((8, 6), (0, 0))
    again = effective_field([Conv(4), MaxPool(), GlobalAvgPool()], (1, 8, 6), draws=3)
    np.testing.assert_array_equal(field.map, again.map)
    other = effective_field([Conv(4), MaxPool(), GlobalAvgPool()], (1, 8, 6), draws=3, seed=1)
    assert (field.map != other.map).any()


@pytest.mark.parametrize(
    ("layers", "keywords", "message"),
    [
        ([Conv(2)], {"weights": "he"}, "weights must be one of"),
        ([Conv(2)], {"draws": 0}, "draws must lie in"),
        ([GlobalAvgPool()], {}, "input_shape must be given"),
        ([Affine(2)], {"input_shape": (1, 4, 4)}, "must end with maps"),
        ([Conv(2, 9, pad=0)], {"input_shape": (1, 4, 4)}, "layer 0, Conv"),
        ([Conv(2), ReLU(), Conv(1, 1), ReLU()] * 30, {"draws": 1}, "the gradient vanished"),
    ],
)
def test_what_cannot_be_measured(layers, keywords, message):
    with pytest.raises(ValueError, match=message):
        effective_field(layers, **keywords)
