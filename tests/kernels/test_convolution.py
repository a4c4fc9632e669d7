"""Convolution by every algorithm, against sums in float64; which one is chosen; the bias."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import fast_layers, kernels


def error(actual, expected):
    """The norm of the error relative to the norm of what is expected."""
    assert actual.shape == expected.shape
    return np.linalg.norm(actual - expected) / max(np.linalg.norm(expected), 1e-30)


@given(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(1, 5)),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from([np.float32, np.float64, np.float16]),
    st.sampled_from(["direct", "im2col"]),
)
def test_any_convolution(x_shape, filters, stride, pad, dilation, dtype, algorithm):
    (_, C, H, W), (F, HH, WW) = x_shape, filters
    x, b = values(*x_shape).astype(dtype), values(F, seed=2).astype(dtype)
    w = values(F, C, HH, WW, seed=1).astype(dtype)
    place = {"stride": stride, "pad": pad, "dilation": dilation, "algorithm": algorithm}
    reach = [dilation * (extent - 1) + 1 for extent in (HH, WW)]
    if min(H + 2 * pad - reach[0], W + 2 * pad - reach[1]) < 0:
        with pytest.raises(ValueError, match="is larger than the padded input"):
            kernels.conv_forward(x, w, b, **place)
        return
    wide = np.zeros((F, C, *reach))  # zeros between the weights
    wide[:, :, ::dilation, ::dilation] = w
    exact_out = oracles.conv(x.astype(float), wide, b, stride, pad)
    eps = {np.float16: 4e-3, np.float32: 1e-6, np.float64: 1e-14}[dtype]
    for relu, bias in ((False, b), (True, b), (False, None)):
        out = kernels.conv_forward(x, w, bias, **place, relu=relu)
        assert out.dtype == dtype
        expected = exact_out - (b.astype(float)[:, None, None] if bias is None else 0)
        expected = np.maximum(expected, 0) if relu else expected
        assert error(out.astype(float), expected) <= eps + (np.linalg.norm(expected) < 1e-3)
    dout = values(*out.shape, seed=3).astype(dtype)
    cols = oracles.unfold(x.astype(float), *reach, pad, stride)
    dw = np.einsum("nfij,cklnij->fckl", dout.astype(float), cols)[:, :, ::dilation, ::dilation]
    dcols = np.einsum("nfij,fckl->cklnij", dout.astype(float), wide)
    dx = oracles.fold(dcols, H, W, pad, stride)
    actual = kernels.conv_backward_weights(dout, x, w.shape, **place)
    assert error(actual.astype(float), dw) <= 3 * eps
    out = np.full_like(x, 7)
    assert kernels.conv_backward_input(dout, w, x.shape, **place, out=out) is out
    assert error(out.astype(float), dx) <= 3 * eps


# Several blocks of images and of rows, vectors that are left over, several panels of filters, more
# than a vector's pair of them, strides that leave pixels out, windows larger than the map.
DIRECT = [
    ((5, 3, 32, 32), (32, 7, 7), 1, 3),
    ((3, 40, 40, 33), (20, 5, 5), 1, 2),
    ((20, 16, 4, 4), (30, 3, 3), 1, 1),
    ((2, 9, 17, 30), (13, 3, 3), 2, 1),
    ((2, 9, 17, 30), (50, 1, 1), 2, 0),
    ((3, 7, 11, 12), (25, 4, 3), 3, 2),
    ((2, 70, 9, 9), (70, 1, 1), 1, 0),
    ((2, 3, 5, 6), (5, 7, 6), 2, 4),
    ((1, 200, 64, 70), (3, 3, 3), 1, 5),
    ((3, 65, 6, 7), (40, 1, 1), 1, 0),
    ((1, 10, 150, 151), (41, 1, 1), 1, 0),
    ((2, 600, 7, 8), (50, 3, 3), 2, 1),
    ((9, 30, 37, 39), (45, 3, 2), 2, 1),
    ((2, 4, 40, 41), (9, 2, 2), 20, 1),
    ((2, 12, 33, 35), (40, 3, 5), 4, 2),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("x_shape", "filters", "stride", "pad"), DIRECT, ids=str)
def test_direct_convolution(machine, x_shape, filters, stride, pad, dtype):
    F, HH, WW = filters
    x, b = values(*x_shape).astype(dtype), values(F, seed=2).astype(dtype)
    w = values(F, x_shape[1], HH, WW, seed=1).astype(dtype)
    param = {"stride": stride, "pad": pad}
    out = kernels.conv_forward(x, w, b, **param, algorithm="direct")
    dout = values(*out.shape, seed=3).astype(dtype)
    exact_x, exact_w, exact_b = (a.astype(float) for a in (x, w, b))
    expected, cache = fast_layers.conv_forward_strides(exact_x, exact_w, exact_b, param)
    dx, dw, _ = fast_layers.conv_backward_strides(dout.astype(float), cache)
    most = 1e-6 if dtype == np.float32 else 1e-14
    assert error(out, expected) <= most
    place = {**param, "algorithm": "direct"}
    first = kernels.conv_backward_weights(dout, x, w.shape, **place)
    assert error(first, dw) <= most
    assert error(kernels.conv_backward_input(dout, w, x.shape, **place), dx) <= most
    again = kernels.conv_backward_weights(dout, x, w.shape, **place)
    np.testing.assert_array_equal(first, again)
    relu = kernels.conv_forward(x, w, b, **param, algorithm="direct", relu=True)
    np.testing.assert_array_equal(relu, np.maximum(out, 0))


def test_the_faster_algorithm_is_chosen():
    shapes = [(2, 9, 7, 8), (12, 9, 3, 3), (12,), (2, 12, 7, 8)]
    x, w, b, dout = (values(*shape).astype(np.float32) for shape in shapes)
    chosen = "winograd" if kernels.is_compiled() else "direct"
    for function, arguments in (
        (kernels.conv_forward, (x, w, b)),
        (kernels.conv_backward_input, (dout, w, x.shape)),
        (kernels.conv_backward_weights, (dout, x, w.shape)),
    ):
        default, same = (function(*arguments, 1, 1, algorithm=name) for name in (None, chosen))
        np.testing.assert_array_equal(default, same)
        with pytest.raises(ValueError, match="algorithm must be one of"):
            function(*arguments, 1, 1, algorithm="winnograd")
        with pytest.raises(ValueError, match="must"):
            function(*arguments, 1, 0, algorithm="im2col", out=np.zeros(3))
    with pytest.raises(ValueError, match="takes filters of at most 7 x 7 with stride 1"):
        kernels.conv_forward(x, w, b, 2, 1, algorithm="winograd")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ">f4"])
@pytest.mark.parametrize("shape", [(3, 4, 5, 6), (0, 4, 5, 6), (3, 0, 5, 6), (3, 4, 0, 6)])
def test_bias_gradient(machine, dtype, shape):
    dout = values(*shape).astype(dtype)
    db = kernels.bias_gradient(dout)
    assert (db.shape, db.dtype) == (shape[1:2], dtype)
    np.testing.assert_allclose(
        db,
        dout.astype(float).sum(axis=(0, 2, 3)),
        rtol=1e-2 if dtype == np.float16 else 1e-5,
        atol=1e-5,
    )


def test_the_bias_gradient_of_many_numbers_is_exact():
    dout = np.full((64, 1, 200, 200), 0.1, dtype=np.float32)
    exact_sum = dout.astype(float).sum()
    assert abs(float(kernels.bias_gradient(dout)[0]) - exact_sum) <= 2e-6 * exact_sum
