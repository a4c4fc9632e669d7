"""Shapes, parameters, names and costs, and what is refused before an array is made."""

import tracemalloc
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from cs231n.nets import (
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    Network,
    Normal,
    ReLU,
    Residual,
)
from cs231n.nets.placing import place
from cs231n.nets.specs import Sum


def shapes(layers, input_shape):
    return [layer.output_shape for layer in place(layers, input_shape)]


def test_shapes_of_every_spec():
    layers = [Conv(4), BatchNorm(), ReLU(), MaxPool(), Conv(6, 5, 2, 0), AvgPool(2, 1), Dropout()]
    layers += [Conv(7, 2), GlobalAvgPool(), Flatten(), LayerNorm(), Affine(3)]
    assert shapes(layers, (3, 18, 22)) == [
        *[(4, 18, 22)] * 3,
        (4, 9, 11),
        (6, 3, 4),
        (6, 2, 3),
        (6, 2, 3),
        (7, 3, 4),
        (7, 1, 1),
        *[(7,)] * 2,
        (3,),
    ]


def test_parameters_are_named_and_shaped_as_in_the_course():
    layers = [BatchNorm(), Conv(4), BatchNorm(), ReLU(), Conv(5, 1, bias=False), BatchNorm()]
    layers += [BatchNorm(), ReLU(), Affine(6), LayerNorm(), Affine(2)]
    network = Network(layers, (3, 4, 6))
    assert {name: w.shape for name, w in network.params.items()} == {
        "gamma0": (3,),
        "beta0": (3,),
        "W1": (4, 3, 3, 3),
        "b1": (4,),
        "gamma1": (4,),
        "beta1": (4,),
        "W2": (5, 4, 1, 1),
        "gamma2": (5,),
        "beta2": (5,),
        "gamma2_2": (5,),
        "beta2_2": (5,),
        "W3": (120, 6),
        "b3": (6,),
        "gamma3": (6,),
        "beta3": (6,),
        "W4": (6, 2),
        "b4": (2,),
    }
    assert list(network.state)[:2] == ["running_mean0", "running_var0"]
    assert {"running_mean2_2", "running_var2_2"} < set(network.state)
    for array in (*network.params.values(), *network.state.values()):
        assert array.ctypes.data % 64 == 0
        assert array.dtype == np.float32


def test_initial_values():
    network = Network([Conv(64), BatchNorm(), Affine(50, initial=Normal(1e-3))], (16, 8, 8), seed=0)
    assert network.params["W1"].std() == pytest.approx((2 / (16 * 9)) ** 0.5, rel=0.05)
    assert network.params["W2"].std() == pytest.approx(1e-3, rel=0.05)
    assert not network.params["b1"].any()
    assert not network.params["beta1"].any()
    assert (network.params["gamma1"] == 1).all()
    assert (network.state["running_var1"] == 1).all()
    assert not network.state["running_mean1"].any()


def test_multiply_adds():
    # One output after the other, one product after the other.
    assert Conv(5, 3, 2, 0).multiply_adds((4, 9, 7)) == sum(1 for _ in np.ndindex(4, 3, 5, 4, 3, 3))
    assert Affine(10).multiply_adds((3, 4, 5)) == 600
    assert MaxPool().multiply_adds((3, 4, 4)) == 0


def test_specs_are_values():
    assert Conv(4) == Conv(4.0)
    assert len({Conv(4), Conv(4), Conv(5), MaxPool(), AvgPool()}) == 4
    assert repr([Conv(4, bias=False), Conv(np.int64(4)), MaxPool(), Dropout(0.8)]) == (
        "[Conv(filters=4, bias=False), Conv(filters=4), MaxPool(), Dropout(keep=0.8)]"
    )
    with pytest.raises(FrozenInstanceError):
        Conv(4).filters = 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0), "Conv's filters must lie in"),
        (lambda: Conv(4, 0), "Conv's size must lie in"),
        (lambda: Conv(4, 2.5), "Conv's size must be an integer, got 2.5"),
        (lambda: Conv(4, stride=0), "Conv's stride"),
        (lambda: Conv(4, pad=-1), "Conv's pad"),
        (lambda: Normal(-1), "Normal's scale must be a number of at least 0, got -1"),
        (lambda: Conv(4, initial="He"), "Conv's initial must be one such as He()"),
        (lambda: MaxPool(0), "MaxPool's size"),
        (lambda: AvgPool(2, 0), "AvgPool's stride"),
        (lambda: Affine(0), "Affine's units"),
        (lambda: Dropout(0), "keep must lie in (0, 1]"),
        (lambda: Dropout(1.5), r"Dropout's keep must lie in [0, 1], got 1.5"),
        (lambda: Dropout(float("nan")), "Dropout's keep"),
        (lambda: BatchNorm(eps=-1), "BatchNorm's eps"),
        (lambda: BatchNorm(momentum=2), "BatchNorm's momentum"),
        (lambda: LayerNorm(eps=None), "LayerNorm's eps"),
    ],
)
def test_fields_out_of_range(make, message):
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("layers", "input_shape", "words"),
    [
        ([Conv(4), MaxPool(), MaxPool(), MaxPool(), Affine(2)], (1, 6, 6), ["layer 3, MaxPool()"]),
        (
            [Conv(4, 7, pad=1), Affine(2)],
            (1, 4, 9),
            ["layer 0, Conv(filters=4, size=7", "(1, 4, 9)"],
        ),
        ([Affine(4), Conv(2)], (1, 4, 4), ["layer 1", "maps", "(4,)"]),
        ([Affine(4), MaxPool()], (1, 4, 4), ["layer 1", "maps"]),
        ([Flatten(), GlobalAvgPool()], (1, 4, 4), ["layer 1", "maps"]),
        ([LayerNorm(), Affine(2)], (1, 4, 4), ["layer 0", "vector", "(1, 4, 4)"]),
        ([Conv(4)], (1, 4, 4), ["one score a class", "(4, 4, 4)"]),
        ([], (1, 4, 4), ["layers must not be empty"]),
        ([Conv(4), 7], (1, 4, 4), ["layer 1", "got 7"]),
        ([Conv], (1, 4, 4), ["layer 0"]),
        ([Affine(2)], (4, 4), ["input_shape", "(4, 4)"]),
        ([Affine(2)], (0, 4, 4), ["input_shape", "got 0"]),
        ([Affine(2)], 5, ["input_shape", "5"]),
        ([Affine(2**31 - 1), Affine(2**31 - 1)], (2**20,), ["layer 1", "bytes"]),
        ([Conv(2**31 - 1)], (2**31 - 1, 2, 2), ["layer 0", "bytes"]),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_allocated(layers, input_shape, words):
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, TypeError)) as caught:
            Network(layers, input_shape)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"dtype": np.int32}, TypeError, "floating-point dtype, got int32"),
        ({"loss": "hinge"}, ValueError, "'softmax', got 'hinge'"),
        ({"reg": -1}, ValueError, "reg must be"),
        ({"reg": float("nan")}, ValueError, "reg must be"),
    ],
)
def test_keywords_of_the_network(keywords, error, message):
    with pytest.raises(error, match=message):
        Network([Affine(2)], (3,), **keywords)


def test_residual_blocks_are_placed_as_the_layers_inside():
    block = Residual((Conv(4), BatchNorm(), Residual((Conv(4),))), (Conv(4, 1),))
    placed = place([Conv(3), block, ReLU(), Affine(2)], (3, 4, 4))
    assert [(type(layer.spec).__name__, layer.reads, layer.where) for layer in placed] == [
        ("Conv", (0,), "0"),
        ("Conv", (1,), "1, body 0"),
        ("BatchNorm", (2,), "1, body 1"),
        ("Conv", (3,), "1, body 2, body 0"),
        ("Sum", (4, 3), "1, body 2"),
        ("Conv", (1,), "1, shortcut 0"),
        ("Sum", (5, 6), "1"),
        ("ReLU", (7,), "2"),
        ("Flatten", (8,), "3"),
        ("Affine", (9,), "3"),
    ]
    assert [layer.index for layer in placed] == [*range(9), 8]
    names = [name for layer in placed for name in layer.parameters]
    assert names == [
        *("W1", "b1", "W2", "b2", "gamma2", "beta2", "W3", "b3", "W4", "b4"),
        *("W5", "b5"),
    ]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (Residual((Conv(4), Affine(3))), ["layer 1, Residual", "needs maps"]),
        (Residual((Conv(5),)), ["layer 1, Residual", "(5, 4, 4)", "(3, 4, 4)"]),
        (Residual((Conv(3), Conv(3, 7, pad=0))), ["layer 1, body 1, Conv(filters=3, size=7"]),
        (Residual((Conv(3),), (MaxPool(9),)), ["layer 1, shortcut 0, MaxPool(size=9)"]),
    ],
)
def test_blocks_that_do_not_fit_name_the_layer_inside(block, words):
    with pytest.raises(ValueError, match="layer 1") as caught:
        place([Conv(3), block, Affine(2)], (3, 4, 4))
    for word in words:
        assert word in str(caught.value)


def test_a_sum_stands_in_no_list():
    with pytest.raises(TypeError, match="layer 1 must be a spec such as"):
        place([Conv(3), Sum(), Affine(2)], (3, 4, 4))
