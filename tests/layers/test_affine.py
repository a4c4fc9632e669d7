import numpy as np
import pytest
from oracles import values

from cs231n.layers import affine_backward, affine_forward


@pytest.mark.parametrize("x_shape", [(3,), (3, 4), (2, 3, 2), (2, 1, 3, 2), (3, 0)])
def test_forward_is_a_sum_of_products(x_shape):
    D, M = int(np.prod(x_shape[1:])), 5
    x, w, b = values(*x_shape), values(D, M, seed=1), values(M, seed=2)
    out, _ = affine_forward(x, w, b)
    assert out.shape == (x_shape[0], M)
    for n, m in np.ndindex(out.shape):
        expected = b[m] + sum(x[n].ravel()[d] * w[d, m] for d in range(D))
        assert out[n, m] == pytest.approx(expected, rel=1e-12)


def test_cache_is_the_published_one():
    x, w, b = values(2, 3), values(3, 4), values(4)
    cache = affine_forward(x, w, b)[1]
    assert all(a is b for a, b in zip(cache, (x, w, b), strict=True))


@pytest.mark.parametrize(
    ("x", "w", "b", "message"),
    [
        ((2, 3), (4, 5), (5,), r"x must hold 4 numbers.*w \(4, 5\).*\(2, 3\)"),
        ((2, 2, 2), (3, 5), (5,), r"x must hold 3 numbers.*\(3, 5\).*\(2, 2, 2\)"),
        ((), (1, 5), (5,), r"x must hold 1 numbers.*\(\)"),
        ((2, 3), (3,), (3,), r"w must have 2 dimensions, got shape \(3,\)"),
        ((2, 3), (3, 5), (3,), r"b must have shape \(5,\) to match w \(3, 5\), got \(3,\)"),
        ((2, 3), (3, 5), (1, 5), r"b must have shape \(5,\).*got \(1, 5\)"),
        ((2, 3), (3, 5), (), r"b must have shape \(5,\).*got \(\)"),
    ],
)
def test_shapes_that_do_not_match(x, w, b, message):
    with pytest.raises(ValueError, match=message):
        affine_forward(np.ones(x), np.ones(w), np.ones(b))


def test_dout_that_does_not_match():
    cache = affine_forward(np.ones((2, 3)), np.ones((3, 5)), np.ones(5))[1]
    with pytest.raises(ValueError, match=r"dout must have shape \(2, 5\).*got \(2, 3\)"):
        affine_backward(np.ones((2, 3)), cache)
