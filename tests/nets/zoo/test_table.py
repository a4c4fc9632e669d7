"""Names, near misses, options, and that nothing is allocated."""

import copy
import math
import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n.nets import Affine, Conv, ReLU, Residual, zoo
from cs231n.nets.placing import place
from cs231n.nets.zoo import Architecture, count

NAMES = zoo.names()


def test_names_are_listed_with_paper_and_link():
    lines = str(zoo).splitlines()
    assert len(lines) == len(NAMES) == len(set(NAMES)) >= 30
    for name, line in zip(NAMES, lines, strict=True):
        entry = zoo.entry(name)
        assert line.startswith(f"{name}: ")
        assert entry.paper in line
        assert "x".join(map(str, entry.input_shape)) in line
        assert entry.figure in line
        assert bool(entry.figure) == bool(entry.source)
        assert entry.link.startswith("https://") or name == "small-convnet"
    assert repr(zoo) == f"<a zoo of {len(NAMES)} nets: {', '.join(NAMES)}>"


@pytest.mark.parametrize("name", NAMES)
def test_built_as_published(name):
    net, entry = zoo(name), zoo.entry(name)
    assert isinstance(net, tuple)
    assert (net.name, net.input_shape, net.classes) == (name, entry.input_shape, entry.classes)
    assert net == zoo(name, list(entry.input_shape), entry.classes)
    for twin in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert twin == net
        assert (twin.name, twin.input_shape, twin.classes) == (name, net.input_shape, net.classes)


@pytest.mark.parametrize("name", NAMES)
def test_classes_and_channels(name):
    C, H, W = zoo.entry(name).input_shape
    net = zoo(name, (C + 1, H, W), 7)
    shape = net.input_shape
    for spec in net:
        shape = spec.output_shape(shape)
    assert shape in ((7,), (7, 1, 1))
    with pytest.raises(ValueError, match="classes must lie in"):
        zoo(name, classes=0)
    with pytest.raises(TypeError, match="classes must be an integer"):
        zoo(name, classes=1.5)


@given(
    name=st.sampled_from(NAMES),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 80), st.integers(1, 80)),
    classes=st.integers(1, 12),
)
def test_any_size_fits_or_is_refused(name, shape, classes):
    try:
        net = zoo(name, shape, classes)
    except ValueError as error:
        refusal = str(error)
        net = ()
    if not net:
        assert str(shape) in refusal
        return
    placed = place(net, shape)
    assert all(extent >= 1 for layer in placed for extent in layer.output_shape)
    assert math.prod(placed[-1].output_shape) == classes


def test_a_description_allocates_no_weights():
    zoo("vgg-e")
    tracemalloc.start()
    try:
        counts = zoo("vgg-e", (3, 2**15, 2**15), 10**6).counts
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts.parameters > 10**12
    assert peak < 10**6
    with pytest.raises(ValueError, match=r"vgg-e cannot take input_shape .* asks for an array"):
        zoo("vgg-e", (3, 2**31 - 1, 2**31 - 1), 10)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vgg-dd", "did you mean vgg-d"),
        ("VGG_D", "did you mean vgg-d"),
        ("nin cifar10", "did you mean nin-cifar10"),
        ("airbench", "did you mean airbench"),
        ("resnet56", "did you mean resnet-56"),
        ("transformer", "there are vgg-a, vgg-a-lrn"),
        ("", "there are vgg-a"),
    ],
)
def test_unknown_names(name, words):
    with pytest.raises(ValueError, match="no net has the name") as caught:
        zoo(name)
    assert words in str(caught.value)
    assert repr(name) in str(caught.value)


def test_unknown_options():
    with pytest.raises(TypeError, match="vgg-d has no option 'widht': did you mean width"):
        zoo("vgg-d", widht=2)
    with pytest.raises(TypeError, match="fmp-mnist has no option 'colour'; there are filters, lev"):
        zoo("fmp-mnist", colour=2)
    with pytest.raises(TypeError, match="name must be a string, got 16"):
        zoo(16)


@pytest.mark.parametrize("shape", [(32, 32), (3,), 32, "3x32x32", (3, 32, 32, 1)])
def test_shapes_that_are_none(shape):
    with pytest.raises(ValueError, match=r"input_shape must be \(C, H, W\), got"):
        zoo("vgg-a", shape)


def test_shapes_out_of_range():
    with pytest.raises(ValueError, match="input_shape must lie in"):
        zoo("vgg-a", (3, 0, 32))
    with pytest.raises(TypeError, match="input_shape must be an integer"):
        zoo("vgg-a", (3, 32.5, 32))
    assert zoo("vgg-a", (3.0, 32, 32)).input_shape == (3, 32, 32)


def test_counts_of_residual_blocks():
    """Both ways count, frozen filters apart."""
    body = (Conv(4), ReLU(), Conv(6, stride=2, bias=False))
    shortcut = (Conv(6, 1, 2, frozen=True),)
    layers = [Conv(3), Residual((Residual(body, shortcut), ReLU()), (Conv(6, 2, 2, 0),)), Affine(5)]
    counts = count(layers, (2, 8, 8))
    assert counts.parameters == (
        (2 * 9 * 3 + 3) + (3 * 9 * 4 + 4) + 4 * 9 * 6 + 6 + (3 * 4 * 6 + 6) + (6 * 16 * 5 + 5)
    )
    assert counts.frozen == 3 * 6
    assert counts.multiply_adds == (64 * 54 + 64 * 108 + 16 * 216 + 16 * 18 + 16 * 72 + 6 * 16 * 5)


def test_an_architecture_is_a_tuple_of_specs():
    net = Architecture([Conv(3), Affine(2)], "mine", (1, 4, 4), 2)
    assert net == (Conv(3), Affine(2))
    assert hash(net) == hash((Conv(3), Affine(2)))
    assert type(net[:1]) is tuple
