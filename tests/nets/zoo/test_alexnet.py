"""AlexNet's table of layers."""

import pytest

from cs231n.nets import Affine, Conv, Dropout, LocalResponseNorm, MaxPool, Normal, zoo
from cs231n.nets.placing import place

# (side, size, channels that a filter sees, filters)
CONVS = [(55, 11, 3, 96), (27, 5, 48, 256), (13, 3, 256, 384), (13, 3, 192, 384), (13, 3, 192, 256)]
AFFINE = [(6 * 6 * 256, 4096), (4096, 4096), (4096, 1000)]


def test_counts_of_the_paper():
    """60 million parameters; neurons of the layers behind the first, as the paper counts them."""
    parameters = sum(k * k * C * F + F for _, k, C, F in CONVS) + sum(D * M + M for D, M in AFFINE)
    products = sum(s * s * k * k * C * F for s, k, C, F in CONVS) + sum(D * M for D, M in AFFINE)
    assert (parameters, products) == (60_965_224, 724_406_816)
    net = zoo("alexnet")
    assert (net.counts.parameters, net.counts.multiply_adds) == (parameters, products)
    neurons = [
        p.output_shape for p in place(net, (3, 227, 227)) if isinstance(p.spec, Conv | Affine)
    ]
    assert neurons == [
        (96, 55, 55),
        (256, 27, 27),  # 186,624
        (384, 13, 13),  # 64,896
        (384, 13, 13),  # 64,896
        (256, 13, 13),  # 43,264
        *[(4096,), (4096,), (1000,)],
    ]


def test_order_of_the_layers():
    kinds = "".join(type(spec).__name__[0] for spec in zoo("alexnet"))
    # Conv ReLU LocalResponseNorm MaxPool, twice; then convolutions; Affine ReLU Dropout, twice
    assert kinds == "CRLM" + "CRLM" + "CRCRCRM" + "ARD" + "ARD" + "A"
    assert {s for s in zoo("alexnet") if isinstance(s, MaxPool)} == {MaxPool(3, 2)}
    assert {s for s in zoo("alexnet") if isinstance(s, LocalResponseNorm)} == {
        LocalResponseNorm(5, 1e-4, 0.75, 2.0)
    }
    assert {s for s in zoo("alexnet") if isinstance(s, Dropout)} == {Dropout(0.5)}


def test_two_gpus_and_how_the_layers_begin():
    convs = [spec for spec in zoo("alexnet") if isinstance(spec, Conv)]
    affine = [spec for spec in zoo("alexnet") if isinstance(spec, Affine)]
    assert [conv.groups for conv in convs] == [1, 2, 1, 2, 2]
    assert [conv.bias_value for conv in convs] == [0, 1, 0, 1, 1]
    assert [layer.bias_value for layer in affine] == [1, 1, 0]
    assert {layer.initial for layer in [*convs, *affine]} == {Normal(0.01)}


def test_options():
    net = zoo("alexnet", (3, 67, 67), 5, groups=1, local_norm=False, dropout=0, width=1 / 32)
    convs = [spec for spec in net if isinstance(spec, Conv)]
    assert [conv.filters for conv in convs] == [3, 8, 12, 12, 8]
    assert {conv.groups for conv in convs} == {1}
    assert not any(isinstance(spec, LocalResponseNorm | Dropout) for spec in net)
    odd = [spec.filters for spec in zoo("alexnet", width=0.05) if isinstance(spec, Conv)]
    assert odd == [4, 12, 20, 20, 12]  # in multiples of the two groups


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"alexnet cannot take input_shape \(3, 66, 66\): layer"):
        zoo("alexnet", (3, 66, 66))
    with pytest.raises(ValueError, match="groups must lie in"):
        zoo("alexnet", groups=0)
