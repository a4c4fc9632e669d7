import math

import numpy as np
import pytest
from oracles import values

from cs231n import layers

POINTS = [-800.0, -3.0, -0.5, 0.0, 0.25, 2.0, 800.0]


def sigmoid(v):
    return 1 / (1 + math.exp(-v)) if v > -700 else 0.0


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (layers.relu_forward, lambda v: v if v > 0 else 0.0),
        (layers.leaky_relu_forward, lambda v: v if v > 0 else 0.01 * v),
        (lambda x: layers.leaky_relu_forward(x, 0.5), lambda v: v if v > 0 else 0.5 * v),
        (layers.sigmoid_forward, sigmoid),
        (layers.tanh_forward, math.tanh),
    ],
)
def test_values_without_overflow(forward, expected):
    out, _ = forward(np.array(POINTS))
    np.testing.assert_allclose(out, [expected(v) for v in POINTS], rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3, 4, 5), (2, 0, 3)])
def test_any_shape(name, shape):
    out, cache = getattr(layers, f"{name}_forward")(np.ones(shape))
    assert np.shape(out) == shape
    dx = getattr(layers, f"{name}_backward")(np.ones(shape), cache)
    assert np.shape(dx) == shape


@pytest.mark.parametrize(("name", "at_zero"), [("relu", 0.0), ("leaky_relu", 0.01)])
def test_the_kink_belongs_to_the_negative_side(name, at_zero):
    _, cache = getattr(layers, f"{name}_forward")(np.zeros(3))
    dx = getattr(layers, f"{name}_backward")(np.ones(3), cache)
    np.testing.assert_array_equal(dx, np.full(3, at_zero))


def test_caches_are_the_published_ones():
    x = values(3)
    assert layers.relu_forward(x)[1] is x
    out, cache = layers.sigmoid_forward(x)
    assert cache is out
