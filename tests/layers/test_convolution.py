"""Naive, im2col, strides and fast convolution: the same call, the same numbers, the same errors."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_table import CONVOLUTIONS, conv_inputs, variant
from oracles import values

ALGORITHMS = ["naive", "im2col", "strides", "fast", "fft"]
every_algorithm = pytest.mark.parametrize("suffix", ALGORITHMS)
every_case = pytest.mark.parametrize("case", CONVOLUTIONS)


@st.composite
def convolutions(draw):
    """Arrays and a conv_param; odd sizes, any window that fits the padded image."""
    N, C, F = (draw(st.integers(low, 3)) for low in (0, 1, 1))
    H, W, pad = draw(st.integers(1, 7)), draw(st.integers(1, 7)), draw(st.integers(0, 4))
    HH = draw(st.integers(1, min(5, H + 2 * pad)))
    WW = draw(st.integers(1, min(5, W + 2 * pad)))
    inputs = conv_inputs((N, C, H, W), (F, HH, WW))
    return list(inputs.values()), {"stride": draw(st.integers(1, 4)), "pad": pad}


@every_algorithm
@every_case
def test_forward_is_a_sum_of_products(suffix, case):
    x_shape, filters, stride, pad = CONVOLUTIONS[case]
    arrays = conv_inputs(x_shape, filters).values()
    out, _ = variant("conv", suffix)[0](*arrays, {"stride": stride, "pad": pad})
    np.testing.assert_allclose(out, oracles.conv(*arrays, stride, pad), rtol=1e-12, atol=1e-13)


@given(convolutions())
def test_all_algorithms_agree(problem):
    arrays, conv_param = problem
    forward, backward = variant("conv", "naive")
    expected, cache = forward(*arrays, conv_param)
    dout = values(*expected.shape, seed=9)
    gradients = backward(dout, cache)
    for suffix in ALGORITHMS[1:]:
        forward, backward = variant("conv", suffix)
        out, cache = forward(*arrays, conv_param)
        assert out.flags.c_contiguous
        for actual, wanted in zip(
            [out, *backward(dout, cache)], [expected, *gradients], strict=True
        ):
            np.testing.assert_allclose(actual, wanted, rtol=1e-11, atol=1e-12, err_msg=suffix)


@given(convolutions())
def test_against_scipy(problem):
    signal = pytest.importorskip("scipy.signal")
    (x, w, b), conv_param = problem
    pad, stride = conv_param["pad"], conv_param["stride"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    for suffix in ALGORITHMS:
        out, _ = variant("conv", suffix)[0](x, w, b, conv_param)
        for n, f in np.ndindex(out.shape[:2]):
            full = signal.correlate(padded[n], w[f], mode="valid", method="direct")[0]
            np.testing.assert_allclose(
                out[n, f], full[::stride, ::stride] + b[f], rtol=1e-11, atol=1e-12
            )


@every_algorithm
@every_case
def test_against_torch(suffix, case):
    torch = pytest.importorskip("torch")
    x_shape, filters, stride, pad = CONVOLUTIONS[case]
    arrays = conv_inputs(x_shape, filters).values()
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    expected = torch.nn.functional.conv2d(*tensors, stride=stride, padding=pad)
    forward, backward = variant("conv", suffix)
    out, cache = forward(*arrays, {"stride": stride, "pad": pad})
    dout = values(*out.shape, seed=9)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
    for gradient, tensor in zip(backward(dout, cache), tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-11, atol=1e-12)


@every_algorithm
def test_images_of_padding_only(suffix):
    x, w, b = np.zeros((2, 1, 0, 3)), values(2, 1, 2, 2), values(2, seed=1)
    forward, backward = variant("conv", suffix)
    out, cache = forward(x, w, b, {"stride": 1, "pad": 1})
    assert out.shape == (2, 2, 1, 4)
    np.testing.assert_array_equal(out, np.broadcast_to(b[:, None, None], out.shape))
    dx, dw, db = backward(np.ones_like(out), cache)
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dw, np.zeros_like(w))
    np.testing.assert_array_equal(db, [8, 8])


@every_algorithm
@pytest.mark.parametrize(("C", "F"), [(0, 2), (2, 0)])
def test_no_channels_or_no_filters(suffix, C, F):
    x, w, b = np.ones((2, C, 4, 4)), np.ones((F, C, 3, 3)), values(F)
    forward, backward = variant("conv", suffix)
    out, cache = forward(x, w, b, {"stride": 1, "pad": 1})
    np.testing.assert_array_equal(out, np.broadcast_to(b[:, None, None], (2, F, 4, 4)))
    for gradient, array in zip(backward(out, cache), (x, w, b), strict=True):
        assert gradient.shape == array.shape


@every_algorithm
@pytest.mark.parametrize("huge", [2**31 - 1, np.int64(10**9)])
def test_a_huge_stride_leaves_one_window(suffix, huge):
    arrays = conv_inputs((1, 2, 4, 4), (2, 3, 3)).values()
    out, cache = variant("conv", suffix)[0](*arrays, {"stride": huge, "pad": 1})
    np.testing.assert_allclose(out, oracles.conv(*arrays, 100, 1), rtol=1e-12)
    assert variant("conv", suffix)[1](out, cache)[0].shape == (1, 2, 4, 4)


@every_algorithm
def test_an_integral_float_is_taken(suffix):
    """Old notebooks write ``(filter_size - 1) / 2``."""
    arrays = list(conv_inputs((1, 2, 4, 4), (2, 3, 3)).values())
    forward, backward = variant("conv", suffix)
    out, cache = forward(*arrays, {"stride": 1.0, "pad": (3 - 1) / 2})
    np.testing.assert_allclose(out, oracles.conv(*arrays, 1, 1), rtol=1e-12)
    assert backward(out, cache)[0].shape == (1, 2, 4, 4)


def problem(**changes):
    arguments = {"x": np.ones((2, 3, 5, 4)), "w": np.ones((2, 3, 3, 3)), "b": np.ones(2)}
    conv_param = {"stride": 1, "pad": 0}
    for name, value in changes.items():
        if name in arguments:
            arguments[name] = np.ones(value)
        elif name == "conv_param":
            conv_param = value
        else:
            conv_param[name] = value
    return (*arguments.values(), conv_param)


@every_algorithm
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"x": (3, 5, 4)}, ValueError, r"x must have 4 dimensions, got shape \(3, 5, 4\)"),
        ({"w": (3, 3, 3)}, ValueError, r"w must have 4 dimensions, got shape \(3, 3, 3\)"),
        ({"w": (2, 4, 3, 3)}, ValueError, r"x \(2, 3, 5, 4\) has 3, w \(2, 4, 3, 3\) has 4"),
        ({"w": (2, 3, 0, 3)}, ValueError, r"w must have filters of at least 1x1, got.*0, 3"),
        ({"b": (3,)}, ValueError, r"b must have shape \(2,\) to match w \(2, 3, 3, 3\), got"),
        ({"b": (2, 1)}, ValueError, r"b must have shape \(2,\).*got \(2, 1\)"),
        ({"w": (2, 3, 6, 3)}, ValueError, r"height 6 is larger than .* 5 \+ 2 \* 0 = 5"),
        ({"w": (2, 3, 3, 7), "pad": 1}, ValueError, r"width 7 is larger than .* 4 \+ 2 \* 1 = 6"),
        ({"stride": 0}, ValueError, r"conv_param\['stride'\] must lie in \[1, .*got 0"),
        ({"stride": -1}, ValueError, r"conv_param\['stride'\] must lie in \[1, .*got -1"),
        ({"stride": 2**31}, ValueError, r"conv_param\['stride'\] must lie in"),
        ({"stride": 1.5}, TypeError, r"conv_param\['stride'\] must be an integer, got 1.5"),
        ({"stride": "1"}, TypeError, r"conv_param\['stride'\] must be an integer, got '1'"),
        ({"stride": (1, 1)}, TypeError, r"conv_param\['stride'\] must be an integer"),
        ({"pad": -1}, ValueError, r"conv_param\['pad'\] must lie in \[0, .*got -1"),
        ({"pad": 0.5}, TypeError, r"conv_param\['pad'\] must be an integer, got 0.5"),
        ({"pad": float("inf")}, TypeError, r"conv_param\['pad'\] must be an integer, got inf"),
        ({"pad": float("nan")}, TypeError, r"conv_param\['pad'\] must be an integer, got nan"),
        ({"pad": None}, TypeError, r"conv_param\['pad'\] must be an integer, got None"),
        ({"pad": 2**40}, ValueError, rf"conv_param\['pad'\] must lie in .*got {2**40}"),
        ({"pad": 10**9}, ValueError, "conv_param asks for an array of shape .* bytes"),
        ({"pad": 10**9, "stride": 10**9}, ValueError, "conv_param asks for an array of shape"),
        ({"conv_param": {"pad": 0}}, ValueError, r"must have the key 'stride'.*\['pad'\]"),
        ({"conv_param": {"stride": 1}}, ValueError, r"must have the key 'pad'.*\['stride'\]"),
        ({"conv_param": None}, TypeError, "conv_param must be a dict, got NoneType"),
        ({"conv_param": [1, 0]}, TypeError, "conv_param must be a dict, got list"),
    ],
    ids=str,
)
def test_bad_arguments(suffix, changes, error, message):
    with pytest.raises(error, match=message):
        variant("conv", suffix)[0](*problem(**changes))


@every_algorithm
def test_the_cache_starts_with_the_arguments(suffix):
    arguments = problem()
    cache = variant("conv", suffix)[0](*arguments)[1]
    assert all(a is b for a, b in zip(cache, arguments, strict=False))
    assert len(cache) == (4 if suffix == "naive" else 5)
