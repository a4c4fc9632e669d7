"""Convolution as one matrix product, step 1: unfold the windows into columns, in plain NumPy.

The columns have the published order: row ``(c HH + kh) WW + kw``, column ``(i OW + j) N + n``, so
position-major with the image fastest. The compiled rung is in :mod:`cs231n.im2col_cython`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped


def get_im2col_indices(
    x_shape: tuple[int, int, int, int],
    field_height: int,
    field_width: int,
    padding: int = 1,
    stride: int = 1,
) -> tuple[Array, Array, Array]:
    """Return the index arrays that pick every window out of the padded images.

    Parameters
    ----------
    x_shape : (N, C, H, W)
    field_height, field_width, padding, stride : int

    Returns
    -------
    k : int array (C*HH*WW, 1)
        Channel of each row.
    i, j : int array (C*HH*WW, OH*OW)
        Line and column, so that ``x_padded[:, k, i, j]`` has shape (N, C*HH*WW, OH*OW).

    Examples
    --------
    >>> k, i, j = get_im2col_indices((1, 1, 3, 3), 2, 2, padding=0)
    >>> i[0].tolist(), j[0].tolist()
    ([0, 0, 1, 1], [0, 1, 0, 1])
    """
    HH, WW, padding, stride, OH, OW = window_geometry(
        x_shape, field_height, field_width, padding, stride
    )
    C = x_shape[1]
    k, kh, kw = (axis.reshape(-1, 1) for axis in np.indices((C, HH, WW)))  # (C, HH, WW) -> (K, 1)
    top, left = (
        axis.reshape(1, -1) * stride for axis in np.indices((OH, OW))
    )  # (OH, OW) -> (1, P)
    return k, kh + top, kw + left


def im2col_indices(
    x: Array, field_height: int, field_width: int, padding: int = 1, stride: int = 1
) -> Array:
    """Unfold images into columns with index arrays.

    Parameters
    ----------
    x : array (N, C, H, W)
    field_height, field_width, padding, stride : int

    Returns
    -------
    cols : array (C*HH*WW, OH*OW*N)

    Examples
    --------
    >>> import numpy as np
    >>> im2col_indices(np.arange(4.0).reshape(1, 1, 2, 2), 1, 2, padding=0).tolist()
    [[0.0, 2.0], [1.0, 3.0]]
    """
    x = as_float_array("x", x, ndim=4)
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    padding = int(padding)
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = x_padded[:, k, i, j]  # (N, K, P)
    return cols.transpose(1, 2, 0).reshape(len(k), i.shape[1] * x.shape[0])  # (N, K, P) -> (K, P*N)


def col2im_indices(
    cols: Array,
    x_shape: tuple[int, int, int, int],
    field_height: int = 3,
    field_width: int = 3,
    padding: int = 1,
    stride: int = 1,
) -> Array:
    """Add every column back to where it came from: the transpose of :func:`im2col_indices`.

    Parameters
    ----------
    cols : array (C*HH*WW, OH*OW*N)
    x_shape : (N, C, H, W)
    field_height, field_width, padding, stride : int

    Returns
    -------
    array (N, C, H, W)

    Examples
    --------
    >>> import numpy as np
    >>> col2im_indices(np.ones((2, 2)), (1, 1, 1, 3), 1, 2, padding=0).tolist()
    [[[[1.0, 2.0, 1.0]]]]
    """
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    N, C, H, W = x_shape
    padding = int(padding)
    K, P = i.shape
    cols = as_shaped("cols", cols, (K, P * N), f"to match x_shape {tuple(x_shape)}")
    x_padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    by_image = cols.reshape(K, P, N).transpose(2, 0, 1)  # (K, P*N) -> (N, K, P)
    pixels: Any = (slice(None), k, i, j)
    np.add.at(x_padded, pixels, by_image)  # windows overlap: += would lose some
    return x_padded[:, :, padding : padding + H, padding : padding + W]


def get_num_fields(
    x_shape: tuple[int, int, int, int],
    field_height: int,
    field_width: int,
    padding: int = 1,
    stride: int = 1,
) -> tuple[int, int]:
    """Return OH and OW: how many windows fit below and beside each other.

    Examples
    --------
    >>> get_num_fields((1, 1, 5, 7), 3, 3, padding=1, stride=2)
    (3, 4)
    """
    return window_geometry(x_shape, field_height, field_width, padding, stride)[4:]


def field_coords(
    x_shape: tuple[int, int, int, int],
    field_height: int,
    field_width: int,
    padding: int = 1,
    stride: int = 1,
) -> Iterator[tuple[int, int]]:
    """Yield the upper left corner of each window in the padded image, line by line.

    Examples
    --------
    >>> list(field_coords((1, 1, 3, 3), 2, 2, padding=0))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    *_, stride, OH, OW = window_geometry(x_shape, field_height, field_width, padding, stride)
    for i in range(OH):
        for j in range(OW):
            yield i * stride, j * stride


def im2col_naive(
    x: Array, field_height: int, field_width: int, padding: int = 1, stride: int = 1
) -> Array:
    """Unfold images into columns window by window; for reading.

    Parameters and result are those of :func:`im2col_indices`.

    Examples
    --------
    >>> import numpy as np
    >>> im2col_naive(np.arange(4.0).reshape(1, 1, 2, 2), 1, 2, padding=0).tolist()
    [[0.0, 2.0], [1.0, 3.0]]
    """
    x = as_float_array("x", x, ndim=4)
    sizes = (x.shape, field_height, field_width, padding, stride)
    HH, WW, padding, _, OH, OW = window_geometry(*sizes)
    N, C = x.shape[:2]
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((C * HH * WW, OH * OW, N), dtype=x.dtype)
    for position, (top, left) in enumerate(field_coords(*sizes)):
        for n in range(N):
            window = x_padded[n, :, top : top + HH, left : left + WW]
            cols[:, position, n] = window.ravel()  # (C, HH, WW) -> (K,)
    return cols.reshape(C * HH * WW, OH * OW * N)  # (K, P, N) -> (K, P*N)


def col2im(
    cols: Array,
    x_shape: tuple[int, int, int, int],
    field_height: int = 3,
    field_width: int = 3,
    padding: int = 1,
    stride: int = 1,
) -> Array:
    """Add every column back to where it came from, window by window; for reading.

    Parameters and result are those of :func:`col2im_indices`.

    Examples
    --------
    >>> import numpy as np
    >>> col2im(np.ones((2, 2)), (1, 1, 1, 3), 1, 2, padding=0).tolist()
    [[[[1.0, 2.0, 1.0]]]]
    """
    sizes = (x_shape, field_height, field_width, padding, stride)
    HH, WW, padding, _, OH, OW = window_geometry(*sizes)
    N, C, H, W = x_shape
    expected = (C * HH * WW, OH * OW * N)
    cols = as_shaped("cols", cols, expected, f"to match x_shape {tuple(x_shape)}")
    windows = cols.reshape(C, HH, WW, OH * OW, N)  # (K, P*N) -> (C, HH, WW, P, N)
    x_padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    for position, (top, left) in enumerate(field_coords(*sizes)):
        for n in range(N):
            x_padded[n, :, top : top + HH, left : left + WW] += windows[:, :, :, position, n]
    return x_padded[:, :, padding : padding + H, padding : padding + W]


def window_geometry(
    x_shape: tuple[int, ...], field_height: int, field_width: int, padding: int, stride: int
) -> tuple[int, int, int, int, int, int]:
    """Check the window; return HH, WW, padding, stride, OH, OW."""
    if len(x_shape) != 4:
        raise ValueError(f"x_shape must be (N, C, H, W), got {tuple(x_shape)}")
    HH = validation.as_extent("field_height", field_height, minimum=1)
    WW = validation.as_extent("field_width", field_width, minimum=1)
    padding = validation.as_extent("padding", padding, minimum=0)
    stride = validation.as_extent("stride", stride, minimum=1)
    OH = validation.output_extent("height", x_shape[2], HH, padding, stride)
    OW = validation.output_extent("width", x_shape[3], WW, padding, stride)
    N, C, H, W = x_shape
    for shape in ((C * HH * WW, OH, OW, N), (N, C, H + 2 * padding, W + 2 * padding)):
        validation.addressable("padding", shape, np.dtype(float))
    return HH, WW, padding, stride, OH, OW
