"""Text where a network's layers are asked for, and errors of shape that point into it."""

import copy
import pickle

import numpy as np
import pytest
from oracles import run_python

from cs231n.nets import Affine, Conv, Dropout, MaxPool, Network, ReLU, Residual, parse
from cs231n.nets.language import Layers, as_layers
from cs231n.nets.placing import place

SPECS = [Conv(4), ReLU(), MaxPool(), Affine(10)]


@pytest.mark.parametrize(
    "layers",
    [
        "conv3-4 relu pool2 fc-10",
        ["conv3-4 relu", MaxPool(), "fc-10"],
        ("conv3-4", ReLU(), "pool2 fc-10"),
        parse("conv3-4 relu pool2 fc-10"),
        iter(SPECS),
    ],
)
def test_text_and_specs_give_the_same_network(layers):
    network = Network(layers, (1, 8, 8), seed=0)
    plain = Network(SPECS, (1, 8, 8), seed=0)
    assert network.layers == tuple(SPECS)
    X = np.random.default_rng(0).standard_normal((2, 1, 8, 8))
    np.testing.assert_array_equal(network.scores(X), plain.scores(X))


def test_parse_returns_a_list():
    layers = parse("conv3-4 relu")
    assert layers == SPECS[:2]
    assert [*layers, *parse("pool2 fc-10")] == SPECS
    for copied in (copy.deepcopy(layers), pickle.loads(pickle.dumps(layers))):
        assert copied == layers
        assert copied.where(copied[0]) == layers.where(layers[0]) != ""
        assert copied.where(layers[0]) == copied.where(Conv(4)) == ""


@pytest.mark.parametrize(
    ("layers", "line", "column", "token"),
    [
        ("conv3-4 relu pool2 pool2 conv5-3:pad=0 fc-10", 1, 26, "conv5-3:pad=0"),
        ("fc-10 relu\n  conv3-64", 2, 3, "conv3-64"),
        ("conv3-4 [conv3-6 conv3-8:groups=4]*2 fc-10", 1, 18, "conv3-8:groups=4"),
        ("[conv3-8 pool2]*5 fc-10", 1, 10, "pool2"),
        (["conv3-4 ->", "relu"], None, None, None),
        ([Conv(4), "relu pool9 fc-10"], 1, 6, "pool9"),
        ("conv3-4", 1, 1, "conv3-4"),
        ("residual(conv3-64 | conv1-32) fc-10", 1, 1, "residual(conv3-64 | conv1-32)"),
        ("(8nC2-FMP√2)6-C2-output", 1, 2, "8nC2"),
    ],
)
def test_shapes_that_do_not_fit_are_pointed_at(layers, line, column, token):
    with pytest.raises(ValueError, match=r"\n") as caught:
        Network(layers, (3, 8, 8))
    if line is not None:
        assert f"\nat line {line}, column {column}: {token!r}\n" in str(caught.value)
        _, carets = str(caught.value).split("\n")[-2:]
        assert carets.strip() == "^" * len(token)


def test_layers_that_stand_in_no_text_have_no_place():
    layers = parse("conv3-4 relu fc-10")
    layers.insert(0, MaxPool(9))
    with pytest.raises(ValueError, match="layer 0") as caught:
        place(layers, (3, 8, 8))
    assert "column" not in str(caught.value)
    layers = parse("conv3-4 relu conv1-3:pad=0 fc-10")
    layers[1:2] = [MaxPool(2)] * 3
    layers[4] = Conv(3, 5, pad=0)
    with pytest.raises(ValueError, match="layer 4") as caught:
        place(layers, (3, 8, 8))
    assert "column" not in str(caught.value)


def test_layers_inside_a_residual_block_know_their_place():
    layers = parse("relu residual(conv3-4 [conv5-6]*2 | conv1-4)")
    assert isinstance(layers[1], Residual)
    assert "column 15: 'conv3-4'" in layers.where(layers[1].body[0])
    assert "column 24: 'conv5-6'" in layers.where(layers[1].body[1])
    assert "column 37: 'conv1-4'" in layers.where(layers[1].shortcut[0])


def test_activations_that_were_put_in_stand_at_their_layer():
    layers = parse("conv3-4 conv3-5 fc-10", activation="relu")
    assert "column 1: 'conv3-4'" in layers.where(layers[1])
    assert "column 9: 'conv3-5'" in layers.where(layers[3])


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match=r"layer 2 must be a spec such as Conv.64., or text"):
        as_layers(["conv3-4 relu", 7])
    with pytest.raises(TypeError, match=r"layer 0 .* got <class"):
        Network([Conv])
    assert as_layers([]) == Layers() == []
    assert Network([Affine(2), Dropout()], (3,), seed=0).layers == (Affine(2), Dropout())


def test_parsing_imports_nothing_heavy():
    heavy = ("matplotlib", "sklearn", "scipy", "torch", "difflib")
    code = (
        "import sys; from cs231n.nets import parse; parse('conv3-64 relu'); "
        f"print(sorted(set(sys.modules) & set({heavy})))"
    )
    assert run_python(code, warnings="ignore").stdout.strip() == "[]"
