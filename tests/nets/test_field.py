"""What a unit sees, against dependence found by marking pixels and running naive loops."""

import math

import numpy as np
import pytest

from cs231n.nets import (
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    ReLU,
    Residual,
    receptive_field,
    seen_pixels,
)

STACKS = 200


def depends(layers, marked):
    """Return which outputs depend on the marked numbers of one axis (n,), by naive loops.

    The output's extent is counted by trying each place, not by the formula.
    """
    for layer in layers:
        if isinstance(layer, Residual):
            body, shortcut = depends(layer.body, marked), depends(layer.shortcut, marked)
            assert len(body) == len(shortcut)
            marked = body | shortcut
        elif isinstance(layer, Conv | MaxPool | AvgPool):
            stride = layer.stride or layer.size
            pad = layer.padding if isinstance(layer, Conv) else layer.pad
            dilation = getattr(layer, "dilation", 1)
            n, out, first = len(marked), [], -pad
            while first + dilation * (layer.size - 1) < n + pad:
                taps = [first + dilation * tap for tap in range(layer.size)]
                out.append(any(0 <= tap < n and marked[tap] for tap in taps))
                first += stride
            marked = np.array(out, dtype=bool)
        elif isinstance(layer, GlobalAvgPool):
            marked = np.array([marked.any()])
    return marked


def dependence(layers, n):
    """Return a boolean matrix (outputs, n): perturb one pixel after the other."""
    return np.array([depends(layers, np.arange(n) == pixel) for pixel in range(n)]).T


def random_layer(rng, stride):
    kind = rng.integers(4)
    if kind == 0:
        size = int(rng.integers(1, 5))
        return MaxPool(size, stride, int(rng.integers(0, size)))
    if kind == 1:
        return AvgPool(int(rng.integers(1, 5)), stride)
    if kind == 2:
        return Conv(2, 3, stride, dilation=int(rng.integers(1, 4)))
    size, dilation = int(rng.integers(1, 8)), int(rng.integers(1, 4))
    return Conv(2, size, stride, int(rng.integers(0, 4)), dilation=dilation)


def keeping(rng):
    """Return a layer that keeps the map."""
    size = int(rng.choice([1, 3, 5]))
    return Conv(2, size, dilation=int(rng.integers(1, 4)))


def random_block(rng, depth, stride):
    body = [keeping(rng) for _ in range(rng.integers(1, 3))]
    if depth and rng.random() < 0.6:
        body.insert(int(rng.integers(len(body) + 1)), random_block(rng, depth - 1, 1))
    if stride == 1 and rng.random() < 0.5:
        return Residual((*body, ReLU()))
    return Residual(
        (Conv(2, 3, stride), *body), (Conv(2, int(rng.choice([1, 3, 7])), stride), ReLU())
    )


def random_stack(rng):
    stack = []
    for _ in range(rng.integers(1, 5)):
        if rng.random() < 0.3:
            stack.append(random_block(rng, 2, int(rng.integers(1, 3))))
        else:
            stack.append(random_layer(rng, int(rng.integers(1, 4))))
        stack += [ReLU()] * int(rng.integers(2))
    return stack


def stacks():
    """Yield stacks with an extent of the image that is large enough for a unit to see all."""
    rng = np.random.default_rng(0)
    found = 0
    while found < STACKS:
        stack = random_stack(rng)
        field = receptive_field(stack).axes[0]
        if field.size > 150:
            continue
        found += 1
        unit, extent = field.middle()
        yield stack, extent + int(rng.integers(4)), unit


def test_the_field_is_what_perturbing_pixels_finds():
    """200 random stacks: the unit in the middle of the map, and those at its border."""
    kinds = set()
    for stack, n, unit in stacks():
        rows, field = dependence(stack, n), receptive_field(stack).axes[0]
        assert receptive_field(stack, (2, n, n)).axes[0] == field
        (seen,) = np.nonzero(rows[unit])
        assert (seen[0], seen[-1]) == field.ends(unit), stack
        assert seen[-1] - seen[0] + 1 == field.size
        for border in (0, len(rows) - 1, len(rows) // 2):
            (seen,) = np.nonzero(rows[border])
            found = seen_pixels(stack, (2, n, n), (border, unit))
            assert found[0] == seen.tolist(), (stack, n, border)
            assert found[1] == np.nonzero(rows[unit])[0].tolist()
            low, high = field.ends(border)
            assert not len(seen) or low <= seen[0] <= seen[-1] <= high
        kinds |= {type(layer).__name__ for layer in stack}
    assert kinds == {"Conv", "MaxPool", "AvgPool", "ReLU", "Residual"}


def test_the_lecture():
    for n in range(1, 8):
        assert receptive_field([Conv(4), ReLU()] * n).size == (2 * n + 1, 2 * n + 1)
    assert receptive_field([Conv(4, 7)]) == receptive_field([Conv(4)] * 3)


def test_a_unit_in_the_middle():
    field = receptive_field([Conv(4), MaxPool(), Conv(4)]).axes[0]  # 8 pixels, 2 apart, from -3
    assert (field.ends(), field.middle(), field.middle(4)) == ((-3, 4), (2, 10), (4, 18))


def test_centres_and_jumps():
    field = receptive_field([Conv(4, 3, 2, 0), MaxPool(), Conv(4, 5, dilation=2)])
    assert (field.size, field.jump, field.start) == ((37, 37), (4, 4), (2, 2))


def test_fractional_pooling_counts_by_its_average_ratio():
    ratio = 2 ** (1 / 3)
    layers = [Conv(2, 2), FractionalMaxPool(ratio)] * 3
    expected = 1 + 2 * (1 + ratio + ratio**2)
    assert receptive_field(layers).size == pytest.approx((expected, expected))
    assert receptive_field(layers).jump == pytest.approx((2, 2))
    assert str(receptive_field(layers)) == "8.695x8.695"


@pytest.mark.parametrize("last", [[GlobalAvgPool()], [Affine(3)], [Flatten(), Affine(3)]])
def test_global_layers_see_the_whole_map(last):
    layers = [Conv(4), *last, ReLU(), Dropout()]
    assert str(receptive_field(layers)) == "the whole map"
    assert receptive_field(layers).size == (math.inf, math.inf)
    # 8 rows of units and 6 columns, each of which sees 3x3
    field = receptive_field(layers, (2, 8, 6))
    assert (field.size, field.start) == ((10, 8), (3.5, 2.5))
    assert field == receptive_field([*layers, Affine(5), LayerNorm(), Affine(2)], (2, 8, 6))


def test_a_vector_has_no_axes():
    field = receptive_field([Affine(4), ReLU(), Affine(2)], (5,))
    assert (field.axes, str(field)) == ((), "the whole vector")


def test_a_flattened_map_still_sees_what_it_saw():
    assert receptive_field([Conv(4), Flatten(), BatchNorm()], (1, 5, 5)).size == (3, 3)


def test_two_ways_that_drift_apart_count_as_the_largest_of_all_units():
    block = Residual((Conv(2, 1, 3, 0),), (Conv(2, 1, 2, 0),))  # 0, 3 and 0, 2
    rows, field = dependence([block], 4), receptive_field([block], (2, 4, 4)).axes[0]
    assert [np.flatnonzero(row).tolist() for row in rows] == [[0], [2, 3]]
    assert (field.size, field.start, field.start + field.jump) == (2, 0, 2.5)


def test_infinite_ways():
    squeeze = Residual((GlobalAvgPool(),), (GlobalAvgPool(), Conv(2, 1)))
    assert str(receptive_field([squeeze])) == "the whole map"
    assert receptive_field([squeeze], (2, 4, 4)).size == (4, 4)


@pytest.mark.parametrize(
    ("layers", "input_shape", "message"),
    [
        ([3], None, "layer 0 must be a spec"),
        ([Residual((Conv(2),)), 3], None, "layer 1 must be a spec"),
        ([Conv(2, 7, pad=0)], (1, 4, 4), "layer 0, Conv"),
        ([], (1, 4, 4), "must not be empty"),
    ],
)
def test_what_is_no_stack(layers, input_shape, message):
    with pytest.raises((TypeError, ValueError), match=message):
        receptive_field(layers, input_shape)


@pytest.mark.parametrize("unit", [(0, 8), (8, 0), (0,), (-1, 0)])
def test_units_outside_the_map(unit):
    with pytest.raises(ValueError, match="unit must lie"):
        seen_pixels([Conv(2)], (1, 8, 8), unit)
    with pytest.raises(ValueError, match="end with maps"):
        seen_pixels([Affine(2)], (1, 8, 8), unit)
