"""Sizes counted backwards, against a search forwards."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cs231n.nets import AvgPool, Conv, FractionalMaxPool, MaxPool, input_size, parse
from cs231n.nets.sizes import size_before


def forwards(layers, size):
    shape = (1, size, size)
    for layer in layers:
        shape = layer.output_shape((1, *shape[1:]))
    return shape[1]


def search(layers, output):
    """The smallest size that gives the output, found by trying all."""
    for size in range(1, 400):
        try:
            if forwards(layers, size) == output:
                return size
        except ValueError:
            continue
    return None


windows = st.one_of(
    st.builds(
        Conv,
        st.just(1),
        st.integers(1, 4),
        st.integers(1, 3),
        st.none() | st.integers(0, 2),
        st.just(True),
        st.integers(1, 2),
    ),
    st.builds(
        lambda kind, size, stride, pad, ceil: kind(size, stride, min(pad, size - 1), ceil),
        st.sampled_from([MaxPool, AvgPool]),
        st.integers(1, 4),
        st.none() | st.integers(1, 4),
        st.integers(0, 2),
        st.booleans(),
    ),
)


@settings(max_examples=300, deadline=None)
@given(windows, st.integers(1, 9))
def test_one_layer_is_the_smallest_that_fits(layer, output):
    found = search([layer], output)
    if found is None:
        with pytest.raises(ValueError, match="layer 0"):
            input_size([layer], output)
    else:
        assert input_size([layer], output) == found


@settings(max_examples=100, deadline=None)
@given(st.lists(windows, max_size=4), st.integers(1, 5))
def test_a_stack_gives_the_size_that_was_asked_for(layers, output):
    try:
        size = input_size(layers, output)
    except ValueError:
        assume(False)
    assert forwards(layers, size) == output


@given(st.floats(1.01, 1.99), st.integers(1, 60), st.booleans())
def test_fractional_pooling_takes_the_size_that_was_counted(ratio, output, overlapping):
    size = size_before(FractionalMaxPool(ratio), output)
    assert size == (round(output * ratio) if round(output * ratio) > output else output + 1)
    for told in (None, output):
        layer = FractionalMaxPool(ratio, overlapping=overlapping, output=told)
        assert forwards([layer], size) == output


def test_layers_that_see_the_whole_map_begin_anew():
    assert input_size(parse("pool2 gap conv1-10")) == 2
    assert input_size(parse("pool2 flatten bn fc-10"), output=3) == 6
    assert input_size(parse("pool2 residual(conv3-8 relu conv3-8) gap"), output=4) == 8
    assert input_size(parse("pool2 residual(conv3-8:pad=0 pool2 | conv5-8/2:pad=0)")) == 8
    assert input_size(parse("[pool3/2:ceil]*2 avgpool8")) == 32
    assert input_size([]) == 1


def test_what_gives_no_such_map_is_refused():
    with pytest.raises(ValueError, match=r"layer 1, Conv.* pads by 3"):
        input_size(parse("relu conv1-8:pad=3"))
    with pytest.raises(ValueError, match="gives maps of 5 pixels, needed are 1"):
        input_size([FractionalMaxPool(1.5, output=5)])
