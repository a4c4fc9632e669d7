"""NumPy twin of the matrix product, with the signature of ``_products.pyx``."""

import numpy as np

from cs231n.validation import Array


def matmul(
    a: Array, b: Array, bias: Array | None, out: Array, accumulate: bool, relu: bool, threads: int
) -> None:
    """Fill out (M, N) with a (M, K) @ b (K, N) + bias (N,), or add that to it."""
    product = a @ b if bias is None else a @ b + bias
    if accumulate:
        product += out
    np.maximum(product, 0, out=out) if relu else np.copyto(out, product)
