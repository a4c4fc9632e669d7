"""Fractional max-pooling has the same sizes in networks as in `layers`."""

import itertools

import numpy as np
import pytest

from cs231n import layers
from cs231n.layers.fractional_regions import fractional_output_size
from cs231n.nets import Affine, FractionalMaxPool, Network

RATIOS = [1.001, 1.05, 1.2, 1.25, 2 ** (1 / 3), 4 / 3, 2**0.5, 1.5, 1.6, 1.75, 1.9, 1.999]


@pytest.mark.parametrize("overlapping", [True, False])
@pytest.mark.parametrize("ratio", RATIOS)
def test_networks_and_layers_agree(ratio, overlapping):
    spec = FractionalMaxPool(ratio, overlapping=overlapping)
    for H, W in itertools.product(range(2, 40), (2, 3, 15, 39)):
        expected = fractional_output_size((1, 1, H, W), {"ratio": ratio})
        assert spec.output_shape((1, H, W)) == (1, *expected)


@pytest.mark.parametrize(
    ("size", "ratio", "expected"), [(4, 1.6, 3), (15, 1.2, 13), (8, 1.05, 7), (5, 1.999, 3)]
)
@pytest.mark.parametrize("overlapping", [True, False])
@pytest.mark.parametrize("mode", ["random", "pseudorandom"])
def test_networks_run_with_these_sizes(size, ratio, expected, overlapping, mode):
    x = np.ones((2, 1, size, size))
    spec = FractionalMaxPool(ratio, mode, overlapping)
    network = Network([spec, Affine(2)], x.shape[1:], dtype=np.float64, seed=0)
    param = {"ratio": ratio, "sequence": mode, "overlapping": overlapping}
    assert layers.fractional_max_pool_forward(x, param)[0].shape == (2, 1, expected, expected)
    assert network.params["W1"].shape == (expected**2, 2)
    assert network.scores(x).shape == (2, 2)


@pytest.mark.parametrize("overlapping", [True, False])
@pytest.mark.parametrize("output", range(1, 9))
def test_an_output_is_taken_where_a_pass_can_be_run(output, overlapping):
    """What is too small or too large is told when the network is built, not when it is run."""
    spec = FractionalMaxPool(1.5, overlapping=overlapping, output=output)
    param = {"output_size": output, "overlapping": overlapping}
    param |= {"window": 2} if overlapping else {}
    for size in range(1, 20):
        if output < size <= 2 * output:
            out, _ = layers.fractional_max_pool_forward(np.ones((1, 1, size, size)), param)
            assert spec.output_shape((1, size, size)) == out.shape[1:]
        else:
            with pytest.raises(ValueError, match=f"needs a height from {output + 1} to"):
                spec.output_shape((1, size, size))


def test_a_single_pixel_is_refused():
    with pytest.raises(ValueError, match="the height must have at least 2 pixels to pool, got 1"):
        FractionalMaxPool(1.5).output_shape((1, 1, 4))
