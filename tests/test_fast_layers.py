"""What is special to the fast layers; their numbers are tested beside the naive ones'."""

import tracemalloc

import numpy as np
import oracles
import pytest
from layer_table import conv_inputs
from oracles import values

from cs231n import fast_layers, kernels

CONV, POOL = {"stride": 2, "pad": 1}, {"pool_height": 3, "pool_width": 2, "stride": 2}


@pytest.mark.parametrize("images", [1, 2, 3, 7])
def test_blocks_of_images_do_not_change_the_result(monkeypatch, images):
    x, w, b = conv_inputs((7, 2, 5, 6), (3, 3, 2)).values()
    out, cache = fast_layers.conv_forward_fast(x, w, b, CONV)
    gradients = fast_layers.conv_backward_fast(out, cache)
    K, P = w[0].size, out[0, 0].size
    monkeypatch.setattr(fast_layers, "_COLUMN_BYTES", images * K * P * 8)
    again, cache = fast_layers.conv_forward_fast(x, w, b, CONV)
    np.testing.assert_allclose(again, oracles.conv(x, w, b, 2, 1), rtol=1e-12, atol=1e-13)
    for one, other in zip(fast_layers.conv_backward_fast(out, cache), gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


def test_a_window_larger_than_the_block_still_works(monkeypatch):
    x, w, b = conv_inputs((2, 2, 5, 6), (3, 3, 2)).values()
    monkeypatch.setattr(fast_layers, "_COLUMN_BYTES", 1)
    out, _ = fast_layers.conv_forward_fast(x, w, b, CONV)
    np.testing.assert_allclose(out, oracles.conv(x, w, b, 2, 1), rtol=1e-12, atol=1e-13)


def test_the_columns_of_a_large_batch_are_never_all_in_memory():
    x, w, b = conv_inputs((64, 8, 24, 24), (4, 5, 5)).values()
    all_columns = 64 * 8 * 25 * 20 * 20 * 8
    tracemalloc.start()
    out, cache = fast_layers.conv_forward_fast(x, w, b, {"stride": 1, "pad": 0})
    fast_layers.conv_backward_fast(out, cache)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < all_columns / 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_change_no_bit(two_threads, dtype):
    arrays = [a.astype(dtype) for a in conv_inputs((6, 3, 9, 7), (4, 3, 3)).values()]

    def results():
        out, cache = fast_layers.conv_forward_fast(*arrays, CONV)
        pooled, pool_cache = fast_layers.max_pool_forward_fast(out, POOL)
        dout = fast_layers.max_pool_backward_fast(pooled, pool_cache)
        return [out, pooled, dout, *fast_layers.conv_backward_fast(dout, cache)]

    two = results()
    kernels.set_num_threads(1)
    for a, b in zip(two, results(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_float32_is_as_exact_as_float32_can_be():
    arrays = [a.astype(np.float32) for a in conv_inputs((2, 16, 9, 9), (4, 5, 5)).values()]
    out, _ = fast_layers.conv_forward_fast(*arrays, CONV)
    np.testing.assert_allclose(out, oracles.conv(*arrays, 2, 1), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("suffix", ["im2col", "strides", "fast"])
def test_float32_images_with_float64_filters(suffix):
    x, w, b = conv_inputs((2, 2, 5, 4), (3, 3, 2)).values()
    narrow = x.astype(np.float32)
    forward, backward = (
        getattr(fast_layers, f"conv_{way}_{suffix}") for way in ("forward", "backward")
    )
    out, cache = forward(narrow, w, b, CONV)
    assert out.dtype == np.float64
    np.testing.assert_allclose(out, oracles.conv(narrow, w, b, 2, 1), rtol=1e-12, atol=1e-13)
    assert backward(values(*out.shape), cache)[0].shape == x.shape


def test_the_published_shape_of_the_columns():
    x, w, b = conv_inputs((2, 3, 5, 4), (2, 3, 3)).values()
    for forward in (fast_layers.conv_forward_im2col, fast_layers.conv_forward_strides):
        _, cache = forward(x, w, b, {"stride": 1, "pad": 1})
        assert cache[4].shape == (27, 2 * 5 * 4)


def test_overlapping_pooling_of_the_published_defect():
    x = values(2, 3, 7, 7)
    pool_param = {"pool_height": 3, "pool_width": 3, "stride": 2}
    out, cache = fast_layers.max_pool_forward_fast(x, pool_param)
    np.testing.assert_array_equal(out, oracles.pool(x, 3, 3, 2))
    dx = fast_layers.max_pool_backward_fast(out, cache)
    np.testing.assert_allclose(dx, oracles.pool_gradient(out, x, 3, 3, 2), rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("algorithm", [None, "naive", "im2col", "direct", "winograd", "fft"])
def test_every_algorithm_computes_the_same(algorithm, dtype):
    x, w, b = (a.astype(dtype) for a in conv_inputs((2, 9, 6, 7), (10, 3, 3)).values())
    param = {"stride": 1, "pad": 1}
    out, cache = fast_layers.conv_forward_fast(x, w, b, param, algorithm=algorithm)
    assert cache[3:] == (param, algorithm)
    most = 2e-5 if dtype == np.float32 else 1e-11
    expected = oracles.conv(x, w, b, 1, 1)
    assert np.linalg.norm(out - expected) <= most * np.linalg.norm(expected)
    gradients = fast_layers.conv_backward_fast(out, cache)
    naive = fast_layers.conv_forward_fast(*(a.astype(float) for a in (x, w, b)), param, "naive")[1]
    exact = fast_layers.conv_backward_fast(out.astype(float), naive)
    for one, other in zip(gradients, exact, strict=True):
        assert one.dtype == dtype
        assert np.linalg.norm(one - other) <= most * np.linalg.norm(other)


@pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")
def test_small_filters_in_float32_go_through_winograd():
    x, w, b = (a.astype(np.float32) for a in conv_inputs((2, 9, 6, 7), (10, 3, 3)).values())
    param = {"stride": 1, "pad": 1}
    chosen, forced, other = (
        fast_layers.conv_forward_fast(x, w, b, param, algorithm)[0]
        for algorithm in (None, "winograd", "im2col")
    )
    np.testing.assert_array_equal(chosen, forced)
    assert not np.array_equal(chosen, other)


@pytest.mark.parametrize(
    ("filters", "param", "algorithm", "message"),
    [
        ((4, 3, 3), {"stride": 2, "pad": 1}, "winograd", "with stride 1 .* got 3x3, stride 2"),
        ((4, 8, 8), {"stride": 1, "pad": 1}, "winograd", "filters of at most 7x7 .* got 8x8"),
        ((4, 3, 3), {"stride": 1, "pad": 3}, "winograd", "less padding .* padding 3"),
        ((4, 3, 3), {"stride": 1, "pad": 1}, "winnograd", "one of .*'winograd'.* got 'winnograd'"),
    ],
)
def test_an_algorithm_that_does_not_fit(filters, param, algorithm, message):
    x, w, b = conv_inputs((1, 2, 6, 6), filters).values()
    with pytest.raises(ValueError, match=message):
        fast_layers.conv_forward_fast(x, w, b, param, algorithm=algorithm)


@pytest.mark.parametrize("rung", ["im2col", "strides", "fft"])
def test_backward_takes_the_cache_of_another_rung(rung):
    x, w, b = conv_inputs((2, 2, 5, 6), (3, 3, 2)).values()
    out, cache = getattr(fast_layers, f"conv_forward_{rung}")(x, w, b, CONV)
    own = fast_layers.conv_forward_fast(x, w, b, CONV)[1]
    for one, other in zip(
        fast_layers.conv_backward_fast(out, cache),
        fast_layers.conv_backward_fast(out, own),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
