"""Backward against numbers: every layer, every argument, every element, in float64."""

import numpy as np
import pytest
from layer_table import LAYERS
from oracles import numerical_gradient, values, worst_element

from cs231n import fast_layers, layer_utils, layers

TOLERANCE = 1e-7


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_backward_is_the_derivative_of_forward(layer):
    arrays = dict(layer.inputs)
    out, cache = layer.forward(*arrays.values())
    dout = values(*np.shape(out), seed=9) + 0.1
    gradients = layer.gradients(dout, cache)
    for name, array in arrays.items():

        def moved(value, name=name):
            return layer.forward(*{**arrays, name: value}.values())[0]

        expected = numerical_gradient(moved, array, dout)
        assert gradients[name].shape == array.shape, f"{layer}: d{name} has the wrong shape"
        error, index = worst_element(gradients[name], expected)
        assert error <= TOLERANCE, (
            f"{layer}: d{name}{list(index)} is {gradients[name][index]!r}, "
            f"numerically {expected[index]!r} (relative error {error:.1e})"
        )


def test_the_table_has_every_backward():
    public = {
        getattr(module, name)
        for module in (layers, fast_layers, layer_utils)
        for name in dir(module)
        if "_backward" in name and not name.startswith("_")
        # PyTorch may not be installed: test_torch_convolution.py
        if not name.endswith("_pytorch")
    }
    missing = public - {layer.backward for layer in LAYERS}
    assert not missing, f"give these a row in layer_table.py: {missing}"


def test_the_oracle_knows_a_derivative():
    x = np.array([[0.5, -2.0]])
    gradient = numerical_gradient(lambda v: v**3, x, np.array([[1.0, 2.0]]))
    np.testing.assert_allclose(gradient, [[0.75, 24.0]], rtol=1e-10)


def test_the_worst_element_is_found_even_if_nan():
    assert worst_element(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == (0.5, (1,))
    assert worst_element(np.array([1.0, np.nan]), np.array([3.0, 4.0]))[1] == (1,)
