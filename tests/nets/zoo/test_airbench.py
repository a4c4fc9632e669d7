"""Airbench's nets: counts, normalisation, filters that pass their channel on."""

import numpy as np
import pytest

from cs231n.nets import (
    GELU,
    Affine,
    BatchNorm,
    Conv,
    FanInUniform,
    MaxPool,
    Network,
    Residual,
    Scale,
    zoo,
)


def counts(widths, residual):
    """Learnt parameters and multiply-adds: whitening's bias, filters, one beta a channel."""
    parameters, products, C = 24, 31 * 31 * 24 * 12, 24
    for side, F in zip((31, 15, 7), widths, strict=True):
        further = 2 if residual else 1
        parameters += 9 * C * F + further * 9 * F * F + (1 + further) * F
        products += side**2 * 9 * C * F + (side // 2) ** 2 * further * 9 * F * F
        C = F
    return parameters + 10 * C, products + 10 * C


@pytest.mark.parametrize(
    ("name", "widths", "residual", "parameters", "multiply_adds"),
    [
        ("airbench94", (64, 256, 256), False, 1_971_352, 118_147_360),
        ("airbench95", (128, 384, 384), False, 4_604_440, 301_560_864),
        ("airbench96", (128, 384, 512), True, 9_915_416, 451_967_264),
    ],
)
def test_counts(name, widths, residual, parameters, multiply_adds):
    assert counts(widths, residual) == (parameters, multiply_adds)
    found = zoo(name).counts
    assert (found.parameters, found.multiply_adds) == (parameters, multiply_adds)
    assert found.frozen == 24 * 3 * 2 * 2


def test_counts_of_the_paper():
    """1.970 M are the weights; whitening and normalisation have 1,176 biases more."""
    found = zoo("airbench94").counts
    biases = 24 + 2 * (64 + 256 + 256)
    assert f"{(found.parameters - biases) / 1e6:.3f}" == "1.970"
    assert f"{found.multiply_adds / 1e6:.1f}" == "118.1"


def test_layers():
    net = zoo("airbench94")
    group = [Conv, MaxPool, BatchNorm, GELU, Conv, BatchNorm, GELU]
    assert [type(spec) for spec in net] == [Conv, GELU, *group * 3, MaxPool, Affine, Scale]
    assert (net[0].filters, net[0].size, net[0].padding, net[0].frozen, net[0].bias) == (
        24, 2, 0, True, True,
    )  # fmt: skip
    assert net[-3:] == (
        MaxPool(3),
        Affine(10, bias=False, initial=FanInUniform()),
        Scale(1 / 9),
    )
    # PyTorch's momentum is the new batch's share: 1 - 0.6 there; by default 0.1 in airbench96.
    norms = {spec for spec in net if isinstance(spec, BatchNorm)}
    assert norms == {BatchNorm(eps=1e-12, momentum=0.6, scale=False)}
    assert not any(spec.bias for spec in net[1:] if isinstance(spec, Conv))

    wide = zoo("airbench96")
    (block, *_) = [spec for spec in wide if isinstance(spec, Residual)]
    assert [type(spec) for spec in block.body] == [Conv, BatchNorm, GELU, Conv, BatchNorm]
    assert {s for s in wide if isinstance(s, BatchNorm)} == {
        BatchNorm(eps=1e-12, momentum=0.9, scale=False)
    }
    group = [Conv, MaxPool, BatchNorm, GELU, Residual, GELU]
    assert [type(spec) for spec in wide] == [Conv, GELU, *group * 3, MaxPool, Affine, Scale]


def test_first_filters_pass_their_channel_on():
    params = Network(zoo("airbench94", width=1 / 2), seed=0).params
    assert "W1" not in params  # frozen
    w = params["W2"]
    assert w.shape == (32, 24, 3, 3)
    x = np.random.default_rng(0).standard_normal((24, 3, 3))
    passed = np.einsum("fchw,chw->f", w, x)
    assert np.array_equal(passed[:24], x[:, 1, 1])
    rest = w[24:]
    assert abs(rest).max() <= (24 * 9) ** -0.5
    assert rest.std() == pytest.approx((3 * 24 * 9) ** -0.5, rel=0.05)


def test_options():
    net = zoo("airbench94", (1, 32, 32), 4, filters=(8, 8, 16), factor=0.5, momentum=0.8)
    assert net[0].filters == 8
    assert [s.filters for s in net[1:] if isinstance(s, Conv)] == [8, 8, 8, 8, 16, 16]
    assert net[-1] == Scale(0.5)
    with pytest.raises(ValueError, match="filters must hold 3 integers"):
        zoo("airbench94", filters=(8, 8))
    with pytest.raises(ValueError, match="airbench94 cannot take input_shape"):
        zoo("airbench94", (3, 16, 16))
