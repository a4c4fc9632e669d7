"""Residual nets: He's for CIFAR-10, and Page's."""

import numpy as np
import pytest

from cs231n.nets import Affine, BatchNorm, Conv, FanInUniform, MaxPool, ReLU, Residual, Scale, zoo
from cs231n.nets.placing import place


def cifar_counts(n):
    """Parameters and multiply-adds of 6n + 2 layers: a convolution, n blocks a stage, 10 scores."""
    convs = [(32, 3, 16), *[(32, 16, 16)] * (2 * n)]
    convs += [(16, 16, 32), *[(16, 32, 32)] * (2 * n - 1)]
    convs += [(8, 32, 64), *[(8, 64, 64)] * (2 * n - 1)]
    parameters = sum(9 * C * F + 2 * F for _, C, F in convs) + 64 * 10 + 10
    products = sum(s * s * 9 * C * F for s, C, F in convs) + 64 * 10
    shortcuts = 16 * 16 * 16 * 32 + 8 * 8 * 32 * 64  # as 1x1 convolutions, though of ones and zeros
    return parameters, products + shortcuts


@pytest.mark.parametrize(
    ("layers", "parameters", "millions"),
    [
        (20, 269_722, "0.27"),
        (32, 464_154, "0.46"),
        (44, 658_586, "0.66"),
        (56, 853_018, "0.85"),
        (110, 1_727_962, "1.7"),
    ],
)
def test_counts_of_the_paper(layers, parameters, millions):
    expected, multiply_adds = cifar_counts((layers - 2) // 6)
    assert expected == parameters
    counts = zoo(f"resnet-{layers}").counts
    assert (counts.parameters, counts.multiply_adds) == (parameters, multiply_adds)
    assert counts.frozen == 16 * 32 + 32 * 64
    assert f"{parameters / 1e6:.{len(millions) - 2}f}" == millions


def leaves(layers):
    for spec in layers:
        if isinstance(spec, Residual):
            yield from leaves(spec.body)
        else:
            yield spec


@pytest.mark.parametrize("layers", [20, 32, 44, 56, 110, 18, 34])
def test_the_name_counts_the_layers_with_weights(layers):
    weighted = [s for s in leaves(zoo(f"resnet-{layers}")) if isinstance(s, Conv | Affine)]
    assert len(weighted) == layers


def test_counts_with_projections():
    """ResNet-18 on 32 x 32 pixels: 64 to 512 filters, a 1x1 convolution where they change."""
    convs = [(32, 3, 3, 64), *[(32, 3, 64, 64)] * 4]
    for side, C, F in ((16, 64, 128), (8, 128, 256), (4, 256, 512)):
        convs += [(side, 3, C, F), *[(side, 3, F, F)] * 3, (side, 1, C, F)]
    parameters = sum(k * k * C * F + 2 * F for _, k, C, F in convs) + 512 * 10 + 10
    products = sum(s * s * k * k * C * F for s, k, C, F in convs) + 512 * 10
    counts = zoo("resnet-18").counts
    assert (parameters, products) == (11_173_962, 555_422_720)
    assert (counts.parameters, counts.multiply_adds, counts.frozen) == (parameters, products, 0)
    assert zoo("resnet-34").counts.parameters == 21_282_122


def test_identity_shortcuts_take_every_second_pixel_and_fill_up_with_zeros():
    blocks = [spec for spec in zoo("resnet-20") if isinstance(spec, Residual)]
    assert [len(block.shortcut) for block in blocks] == [0, 0, 0, 1, 0, 0, 1, 0, 0]
    (conv,) = blocks[3].shortcut
    assert (conv.filters, conv.size, conv.stride, conv.padding) == (32, 1, 2, 0)
    assert conv.frozen
    assert not conv.bias
    w = conv.initial.draw(np.random.default_rng(0), (32, 16, 1, 1))
    assert np.array_equal(w[:, :, 0, 0], np.eye(32, 16))


def test_a_block_is_activated_after_the_sum():
    net = zoo("resnet-20")
    for i, spec in enumerate(net):
        if isinstance(spec, Residual):
            assert net[i + 1] == ReLU()
            assert [type(s).__name__[0] for s in spec.body] == ["C", "B", "R", "C", "B"]


def test_options():
    net = zoo("resnet-20", (1, 9, 9), 3, blocks=(1, 2), filters=(8, 8), width=0.5)
    blocks = [spec for spec in net if isinstance(spec, Residual)]
    assert [spec.body[0].filters for spec in blocks] == [4, 4, 4]
    assert [len(spec.shortcut) for spec in blocks] == [0, 1, 0]
    assert [layer.output_shape for layer in place(net, (1, 9, 9))][-3:] == [(4, 1, 1), (4,), (3,)]
    with pytest.raises(ValueError, match="shortcut must be one of"):
        zoo("resnet-20", shortcut="none")
    with pytest.raises(ValueError, match="filters must hold 2 integers"):
        zoo("resnet-20", blocks=(1, 2))
    with pytest.raises(ValueError, match="blocks must not be empty"):
        zoo("resnet-20", blocks=(), filters=())
    with pytest.raises(ValueError, match="each of blocks must lie in"):
        zoo("resnet-20", blocks=(1, 0, 1))


def test_resnet9_counts():
    convs = [(32, 3, 64), (32, 64, 128), (16, 128, 128), (16, 128, 128), (16, 128, 256)]
    convs += [(8, 256, 512), (4, 512, 512), (4, 512, 512)]
    parameters = sum(9 * C * F + 2 * F for _, C, F in convs) + 512 * 10
    products = sum(s * s * 9 * C * F for s, C, F in convs) + 512 * 10
    counts = zoo("resnet-9").counts
    assert (parameters, products) == (6_573_120, 379_261_952)
    assert (counts.parameters, counts.multiply_adds) == (parameters, products)


def test_resnet9_layers():
    net = zoo("resnet-9")
    assert [type(spec).__name__[0] for spec in net if not isinstance(spec, BatchNorm)] == list(
        "CR" + "CRMR" + "CRM" + "CRMR" + "MAS"
    )
    assert [type(spec) for spec in net[:9]] == [
        *[Conv, BatchNorm, ReLU],
        *[Conv, BatchNorm, ReLU, MaxPool, Residual],
        Conv,
    ]
    assert net[-1] == Scale(0.125)
    assert len([s for s in leaves(net) if isinstance(s, Conv | Affine)]) == 9
    weighted = [s for s in leaves(net) if isinstance(s, Conv | Affine)]
    assert {(s.initial, s.bias) for s in weighted} == {(FanInUniform(), False)}
    with pytest.raises(ValueError, match="filters must hold 4 integers"):
        zoo("resnet-9", filters=(8, 8))
    with pytest.raises(ValueError, match="resnet-9 cannot take input_shape"):
        zoo("resnet-9", (3, 31, 31))


def test_fan_in_uniform():
    """Within +-1 / sqrt(fan in), with variance 1 / (3 fan in), as PyTorch draws them."""
    for shape, fan_in in (((64, 30, 3, 3), 270), ((300, 64), 300)):
        w = FanInUniform().draw(np.random.default_rng(0), shape)
        assert w.shape == shape
        assert abs(w).max() <= fan_in**-0.5
        assert w.std() == pytest.approx((3 * fan_in) ** -0.5, rel=0.02)
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Conv2d(30, 64, 3).weight.detach().numpy()
    assert theirs.std() == pytest.approx((3 * 270) ** -0.5, rel=0.02)
