"""The gradient on the image: against differences, and against PyTorch's layers."""

import numpy as np
import pytest

from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    GlobalAvgPool,
    LeakyReLU,
    MaxPool,
    ReLU,
    Residual,
    Scale,
)
from cs231n.nets.input_gradient import RandomWeights, pass_through, uniform_weights
from cs231n.nets.placing import place

STACKS = {
    "conv": [Conv(3), Conv(2, 5, 2, 1)],
    "even filters": [Conv(3, 2, pad=1), Conv(2, 4)],
    "dilated": [Conv(3, dilation=2), Conv(2, stride=2, dilation=3)],
    "groups": [Conv(6, groups=2), Conv(4, groups=2, dilation=2)],
    "frozen, with bias": [Conv(3, frozen=True, bias_value=2.0), BatchNorm(), Dropout()],
    "max": [MaxPool(3, 2, 1), MaxPool(2, ceil=True)],
    "average": [AvgPool(3, 2, 1), AvgPool(2, ceil=True)],
    "gaps": [MaxPool(2, 3), AvgPool(1, 2)],
    "global": [Conv(3), GlobalAvgPool()],
    "activations": [Conv(4), ReLU(), Conv(4), LeakyReLU(0.2), Scale(-0.5)],
    "blocks": [
        Residual((Conv(3, stride=2), ReLU(), Residual((Conv(3),))), (Conv(3, 1, 2, 0),)),
        Residual((AvgPool(3, 1, 1),)),
    ],
}


def run(layers, x, seed=0):
    placed = place(layers, x.shape[1:], scores=False)
    return pass_through(placed, x, RandomWeights(np.random.default_rng(seed)))


@pytest.mark.parametrize("name", STACKS)
def test_against_differences(name):
    rng = np.random.default_rng(1)
    x = rng.permutation(2 * 2 * 9 * 8).reshape(2, 2, 9, 8) / 50.0  # no ties
    out, back = run(STACKS[name], x)
    dout = rng.standard_normal(out.shape)
    dx = back(dout)
    assert dx.shape == x.shape
    step = 1e-5
    for index in rng.choice(x.size, 60, replace=False):
        one = np.zeros(x.size)
        one[index] = step
        one = one.reshape(x.shape)
        ahead, behind = (run(STACKS[name], x + sign * one)[0] for sign in (1, -1))
        slope = ((ahead - behind) * dout).sum() / (2 * step)
        assert dx.flat[index] == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_against_pytorch():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    x = np.random.default_rng(2).standard_normal((2, 4, 9, 8))
    layers = [Conv(6, 3, 2, 3, dilation=2, groups=2, bias=False), MaxPool(3, 2, 1, ceil=True)]
    layers += [AvgPool(2, 1, 1)]
    (w,) = place(layers, x.shape[1:], scores=False)[0].parameters.values()
    drawn = w.initial.draw(np.random.default_rng(0), w.shape)
    there = torch.tensor(x, requires_grad=True)
    out = F.conv2d(there, torch.tensor(drawn), stride=2, padding=3, dilation=2, groups=2)
    out = F.max_pool2d(out, 3, 2, 1, ceil_mode=True)
    out = F.avg_pool2d(out, 2, 1, 1, count_include_pad=False)
    ours, back = run(layers, x)
    np.testing.assert_allclose(ours, out.detach().numpy(), rtol=1e-12, atol=1e-12)
    dout = np.random.default_rng(3).standard_normal(ours.shape)
    out.backward(torch.tensor(dout))
    np.testing.assert_allclose(back(dout), there.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_uniform_weights_average():
    layers = place([Conv(3, 5, pad=0)], (2, 5, 5), scores=False)
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 5))
    out, _ = pass_through(layers, x, uniform_weights)
    np.testing.assert_allclose(out, np.full((1, 3, 1, 1), x.mean()))


@pytest.mark.parametrize("layer", [GELU(), Affine(2)])
def test_layers_that_cannot_be_measured(layer):
    with pytest.raises(TypeError, match="cannot be measured yet"):
        run([layer], np.zeros((1, 2, 4, 4)))
