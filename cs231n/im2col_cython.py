"""The published names of the compiled im2col; the loops are in :mod:`cs231n.kernels`.

Works without the extension, too: then the NumPy twins run.
"""

import numpy as np

from cs231n import kernels
from cs231n.im2col import window_geometry
from cs231n.validation import Array, as_float_array, as_shaped


def im2col_cython(
    x: Array, field_height: int, field_width: int, padding: int, stride: int
) -> Array:
    """Unfold images into columns, as :func:`cs231n.im2col.im2col_indices` does, but faster.

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
    >>> im2col_cython(np.arange(4.0).reshape(1, 1, 2, 2), 1, 2, 0, 1).tolist()
    [[0.0, 2.0], [1.0, 3.0]]
    """
    x = as_float_array("x", x, ndim=4)
    N, C, _, _ = x.shape
    HH, WW, padding, stride, OH, OW = window_geometry(
        x.shape, field_height, field_width, padding, stride
    )
    cols = np.empty((C * HH * WW, OH * OW, N), dtype=x.dtype)
    kernels.im2col(x, cols.transpose(0, 2, 1), HH, WW, padding, stride)  # (K, P, N) -> (K, N, P)
    return cols.reshape(C * HH * WW, OH * OW * N)  # (K, P, N) -> (K, P*N)


def col2im_cython(
    cols: Array,
    N: int,
    C: int,
    H: int,
    W: int,
    field_height: int,
    field_width: int,
    padding: int,
    stride: int,
) -> Array:
    """Add every column back to where it came from: the transpose of :func:`im2col_cython`.

    Parameters
    ----------
    cols : array (C*HH*WW, OH*OW*N)
    N, C, H, W : int
        Shape of the result.
    field_height, field_width, padding, stride : int

    Returns
    -------
    array (N, C, H, W)

    Examples
    --------
    >>> import numpy as np
    >>> col2im_cython(np.ones((2, 2)), 1, 1, 1, 3, 1, 2, 0, 1).tolist()
    [[[[1.0, 2.0, 1.0]]]]
    """
    shape = (N, C, H, W)
    HH, WW, padding, stride, OH, OW = window_geometry(
        shape, field_height, field_width, padding, stride
    )
    cols = as_shaped("cols", cols, (C * HH * WW, OH * OW * N), f"to match an x of shape {shape}")
    x = np.empty(shape, dtype=cols.dtype)
    # (K, P*N) -> (K, P, N) -> (K, N, P)
    by_image = cols.reshape(C * HH * WW, OH * OW, N).transpose(0, 2, 1)
    kernels.col2im(by_image, x, HH, WW, padding, stride)
    return x


def col2im_6d_cython(
    cols: Array, N: int, C: int, H: int, W: int, HH: int, WW: int, pad: int, stride: int
) -> Array:
    """Add every column back to where it came from, for columns with an axis for each index.

    Parameters
    ----------
    cols : array (C, HH, WW, N, OH, OW)
    N, C, H, W : int
        Shape of the result.
    HH, WW, pad, stride : int

    Returns
    -------
    array (N, C, H, W)

    Examples
    --------
    >>> import numpy as np
    >>> col2im_6d_cython(np.ones((1, 1, 2, 1, 1, 2)), 1, 1, 1, 3, 1, 2, 0, 1).tolist()
    [[[[1.0, 2.0, 1.0]]]]
    """
    shape = (N, C, H, W)
    HH, WW, pad, stride, OH, OW = window_geometry(shape, HH, WW, pad, stride)
    cols = as_shaped("cols", cols, (C, HH, WW, N, OH, OW), f"to match an x of shape {shape}")
    x = np.empty(shape, dtype=cols.dtype)
    # (C, HH, WW, N, OH, OW) -> (K, N, P)
    kernels.col2im(cols.reshape(C * HH * WW, N, OH * OW), x, HH, WW, pad, stride)
    return x
