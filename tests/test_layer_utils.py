"""Sandwiches equal their layers one after the other; the gradients are checked in the table."""

import numpy as np
import oracles
import pytest
from layer_table import LAYERS, conv_inputs
from oracles import standardize, values

from cs231n import fast_layers, layer_utils, layers

CONV = {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
FC = [values(3, 2, 2), values(4, 5, seed=1), values(5, seed=2)]
AFFINE = FC[0].reshape(3, 4) @ FC[1] + FC[2]
SCALE, SHIFT = values(5, seed=3), values(5, seed=4)


def relu(x):
    return np.where(x > 0, x, 0)


def test_affine_sandwiches():
    out, _ = layer_utils.affine_relu_forward(*FC)
    np.testing.assert_allclose(out, relu(AFFINE), rtol=1e-12)
    columns = np.stack(standardize(list(AFFINE.T)), axis=1)
    out, _ = layer_utils.affine_bn_relu_forward(*FC, SCALE, SHIFT, {"mode": "train"})
    np.testing.assert_allclose(out, relu(columns * SCALE + SHIFT), rtol=1e-10)
    rows = np.stack(standardize(list(AFFINE)))
    out, _ = layer_utils.affine_ln_relu_forward(*FC, SCALE, SHIFT, {})
    np.testing.assert_allclose(out, relu(rows * SCALE + SHIFT), rtol=1e-10)


def test_convolutional_sandwiches():
    arrays = list(conv_inputs((2, 2, 4, 6), (3, 3, 3)).values())
    maps = oracles.conv(*arrays, 1, 1)
    out, _ = layer_utils.conv_relu_forward(*arrays, CONV)
    np.testing.assert_allclose(out, relu(maps), rtol=1e-11, atol=1e-13)
    out, _ = layer_utils.conv_relu_pool_forward(*arrays, CONV, POOL)
    np.testing.assert_allclose(out, oracles.pool(relu(maps), 2, 2, 2), rtol=1e-11, atol=1e-13)
    gamma, beta = SCALE[:3], SHIFT[:3]
    out, _ = layer_utils.conv_bn_relu_forward(*arrays, gamma, beta, CONV, {"mode": "train"})
    channels = standardize([maps[:, c] for c in range(3)])
    expected = np.stack([channels[c] * gamma[c] + beta[c] for c in range(3)], axis=1)
    np.testing.assert_allclose(out, relu(expected), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["affine_bn_relu", "conv_bn_relu"])
def test_running_averages_reach_the_callers_dict(name):
    (row,) = [layer for layer in LAYERS if layer.name == name]
    bn_param = {"mode": "train"}
    params = (bn_param,) if name == "affine_bn_relu" else (CONV, bn_param)
    getattr(layer_utils, f"{name}_forward")(*row.inputs.values(), *params)
    assert bn_param["running_mean"].any()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("affine_relu", 2),
        ("conv_relu", 2),
        ("conv_relu_pool", 3),
        ("conv_bn_relu", 3),
        ("affine_bn_relu", 3),
        ("affine_ln_relu", 3),
    ],
)
def test_a_cache_is_the_tuple_of_the_parts_caches(name, parts):
    (row,) = [layer for layer in LAYERS if layer.name == name]
    _, cache = row.forward(*row.inputs.values())
    assert isinstance(cache, tuple)
    assert len(cache) == parts


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layer_utils.affine_relu_forward(FC[0], FC[1].T, FC[2]), r"x must hold 5 numbers"),
        (lambda: layer_utils.conv_relu_forward(*FC, CONV), r"x must have 4 dimensions"),
        (
            lambda: layer_utils.conv_relu_pool_forward(
                *conv_inputs((1, 1, 2, 2), (1, 1, 1)).values(), {"stride": 2, "pad": 0}, POOL
            ),
            r"height 2 is larger than the padded input's 1",
        ),
        (
            lambda: layer_utils.affine_bn_relu_forward(*FC, SCALE, SHIFT, {}),
            r"bn_param must have the key 'mode'",
        ),
        (
            lambda: layer_utils.affine_ln_relu_forward(*FC, SCALE[:4], SHIFT, {}),
            r"gamma must have shape \(5,\)",
        ),
        (
            lambda: layer_utils.conv_bn_relu_forward(
                *conv_inputs((1, 1, 3, 3), (2, 3, 3)).values(), SCALE, SHIFT, CONV, {"mode": "test"}
            ),
            r"gamma must have shape \(2,\)",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_star_import_gives_the_layers_and_the_fast_layers_and_numpy():
    names = {}
    exec("from cs231n.layer_utils import *", names)
    for module in (layers, fast_layers):
        for name in dir(module):
            if "_forward" in name or "_backward" in name or name.endswith("_loss"):
                assert names[name] is getattr(module, name)
    assert names["np"] is np
