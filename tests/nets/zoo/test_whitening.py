"""Whitening filters make patches white, and find their place in a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n.nets import Affine, Conv, Network, whiten, whitening_filters, zoo


def images(N=80, C=3, side=9, seed=0, dtype=np.float64):
    """Noise, smeared over its neighbours and the channels, so that patches are correlated."""
    x = np.random.default_rng(seed).standard_normal((N, C, side + 1, side + 1))
    x = x[:, :, 1:, :-1] + 0.7 * x[:, :, :-1, 1:] + 0.3 * x[:, ::-1, 1:, 1:]
    return x.astype(dtype)


def patches(x, size):
    """Every patch as a row, by loops."""
    N, C, H, W = x.shape
    return np.array(
        [
            x[n, :, i : i + size, j : j + size].ravel()
            for n in range(N)
            for i in range(H - size + 1)
            for j in range(W - size + 1)
        ]
    )


@given(C=st.integers(1, 3), size=st.integers(1, 3), N=st.integers(60, 70), seed=st.integers(0, 99))
def test_responses_are_white(C, size, N, seed):
    x = images(N, C, 6, seed)
    filters = whitening_filters(x, size, eps=0)
    half = C * size * size
    assert filters.shape == (2 * half, C, size, size)
    assert np.array_equal(filters[half:], -filters[:half])
    rows = patches(x, size)
    responses = rows @ filters[:half].reshape(half, -1).T
    np.testing.assert_allclose(responses.T @ responses / len(rows), np.eye(half), atol=1e-8)


def test_largest_direction_first_and_eps_limits_the_smallest():
    x = images()
    x[:, 2] = 0  # nothing varies there
    filters = whitening_filters(x, eps=5e-4)
    sizes = np.linalg.norm(filters[:12].reshape(12, -1), axis=1)
    assert (np.diff(sizes) >= -1e-9).all()  # 1 / sqrt(eigenvalue + eps)
    assert sizes[-4:] == pytest.approx(np.full(4, 5e-4**-0.5))
    with pytest.raises(ValueError, match="eps must be above 0"):
        whitening_filters(np.zeros((2, 1, 3, 3)), eps=0)


def test_dtypes_and_inputs():
    x = images(dtype=np.float32)
    before = x.copy()
    assert whitening_filters(x).dtype == np.float32
    assert np.array_equal(x, before)
    # A float16 sum over all patches would overflow or lose its digits.
    np.testing.assert_allclose(
        abs(whitening_filters(x.astype(np.float16))), abs(whitening_filters(x)), atol=0.02
    )
    assert whitening_filters(images().swapaxes(2, 3)).shape == (24, 3, 2, 2)


def test_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    x = images()
    rows = torch.nn.functional.unfold(torch.tensor(x), 2).transpose(1, 2).reshape(-1, 12)
    values, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))
    expected = (vectors / torch.sqrt(values + 5e-4)).T.flip(0).numpy()
    actual = whitening_filters(x)[:12].reshape(12, 12)
    signs = np.sign((actual * expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(actual, signs * expected, atol=1e-8)


def test_whiten_puts_them_into_the_state():
    network = Network(zoo("airbench94", width=1 / 32), seed=0)
    x = images(dtype=np.float32)
    array = network.state["W1"]
    whiten(network, x)
    assert network.state["W1"] is array
    np.testing.assert_allclose(array, whitening_filters(x), rtol=1e-6)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((0, 3, 4, 4)), {}, "images must be at least one of at least 2 x 2 pixels"),
        (np.zeros((3, 3, 1, 4)), {}, "images must be at least one"),
        (np.zeros((3, 4, 4)), {}, "images must have 4 dimensions"),
        (np.full((3, 3, 4, 4), np.nan), {}, "images must be finite"),
        (np.zeros((3, 3, 4, 4)), {"size": 0}, "size must lie in"),
        (np.zeros((3, 3, 4, 4)), {"eps": -1}, "eps must be a number of at least 0"),
        (np.zeros((3, 3, 4, 4)), {"eps": np.nan}, "eps must be a number of at least 0"),
    ],
)
def test_what_does_not_fit(x, options, message):
    with pytest.raises(ValueError, match=message):
        whitening_filters(x, **options)


def test_networks_without_a_whitening_layer():
    for first in (Conv(24, 2, pad=0), Conv(12, 2, frozen=True), Affine(24)):
        network = Network([first, Affine(2)], (3, 6, 6), seed=0)
        with pytest.raises(ValueError, match="network must begin with a frozen convolution"):
            whiten(network, images())
    network = Network(zoo("airbench94", width=1 / 32), seed=0)
    with pytest.raises(ValueError, match=r"images must have shape \(N, 3, H, W\)"):
        whiten(network, images(C=1))
