"""NumPy twins of the DropConnect kernels, with the signatures of ``_dropconnect.pyx``."""

from collections.abc import Iterator

import numpy as np

from cs231n.kernels.splitmix import mix
from cs231n.validation import Array

WORD = 64


def product(x: Array, w: Array, out: Array, key: int, keep: int, threads: int) -> None:
    """Add x (N, D) @ w (D, M) to out, of whose terms those are kept whose bit is set."""
    for n, mask in _masks((*x.shape, w.shape[1]), key, keep):
        out[n] += x[n] @ np.where(mask, w, 0)


def input_gradient(dout: Array, w: Array, dx: Array, key: int, keep: int, threads: int) -> None:
    """Fill dx (N, D) with dout (N, M) @ w.T (M, D), with the same terms."""
    for n, mask in _masks((*dx.shape, w.shape[1]), key, keep):
        dx[n] = np.where(mask, w, 0) @ dout[n]


def weight_gradient(x: Array, dout: Array, dw: Array, key: int, keep: int, threads: int) -> None:
    """Add x.T (D, N) @ dout (N, M) to dw, with the same terms."""
    for n, mask in _masks((*x.shape, dout.shape[1]), key, keep):
        dw += np.where(mask, np.outer(x[n], dout[n]), 0)


def mask_rows(first: int, rows: int, columns: int, key: int, keep: int) -> Array:
    """Return the bits (rows, columns) of these rows, True where a term is kept."""
    words = -(-columns // WORD)
    number = np.arange(first * words, (first + rows) * words, dtype=np.uint64)
    bits = _words(number, key, keep).astype("<u8").view(np.uint8).reshape(rows, words * 8)
    return np.unpackbits(bits, axis=1, count=columns, bitorder="little").astype(bool)


def _masks(shape: tuple[int, ...], key: int, keep: int) -> Iterator[tuple[int, Array]]:
    """Yield each example and its mask (D, M), one at a time: all of them would not fit."""
    N, D, M = shape
    for n in range(N):
        yield n, mask_rows(n * D, D, M, key, keep)


def _words(number: Array, key: int, keep: int) -> Array:
    """Return 64 bits for each number, set with the probability keep / 65536."""
    digits, left = keep, 16
    while not digits & 1:
        digits, left = digits >> 1, left - 1
    bits = mix(key, number * np.uint64(16))
    for level in range(left - 1, 0, -1):
        digits >>= 1
        other = mix(key, number * np.uint64(16) + np.uint64(level))
        bits = bits | other if digits & 1 else bits & other
    return bits
