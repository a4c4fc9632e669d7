"""Convolution by PyTorch, with the signature of ours: something to compare with (2019).

PyTorch is imported when the first of these is called, and by nothing else in the package.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from cs231n.layers.convolution import conv_geometry
from cs231n.validation import Array, as_shaped

# x, w, b, conv_param, and the graph: PyTorch's inputs and output
TorchConvCache = tuple[Array, Array, Array, Mapping[str, Any], tuple[Any, Any]]


def conv_forward_pytorch(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, TorchConvCache]:
    """Convolve as :func:`~cs231n.layers.conv_forward_naive` does, in PyTorch.

    Parameters
    ----------
    x : array (N, C, H, W)
    w : array (F, C, HH, WW)
    b : array (F,)
    conv_param : dict
        ``'stride'``, ``'pad'``

    Returns
    -------
    out : array (N, F, OH, OW)
    cache : for :func:`conv_backward_pytorch`

    Raises
    ------
    ImportError
        If PyTorch is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_pytorch(x, w, b, {"stride": 1, "pad": 0})[0]  # doctest: +SKIP
    array([[[[9.]]]])
    """
    torch = _torch()
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    common = np.result_type(x, w, b)
    inputs = [torch.from_numpy(_copy(a, common)).requires_grad_() for a in (x, w, b)]
    out = torch.nn.functional.conv2d(*inputs, stride=g.stride, padding=g.pad)
    return out.detach().numpy(), (x, w, b, conv_param, (inputs, out))


def conv_backward_pytorch(dout: Array, cache: TorchConvCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`conv_forward_pytorch` by PyTorch's autograd; return dx, dw, db.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_pytorch(x, w, b, {"stride": 1, "pad": 0})  # doctest: +SKIP
    >>> conv_backward_pytorch(np.full((1, 1, 1, 1), 2.0), cache)[2]  # doctest: +SKIP
    array([2.])
    """
    x, w, b, conv_param, (inputs, out) = cache
    dout = as_shaped("dout", dout, tuple(out.shape), "as the output has")
    upstream = _torch().from_numpy(_copy(dout, dout.dtype)).to(out.dtype)
    dx, dw, db = _torch().autograd.grad(out, inputs, upstream, retain_graph=True)
    return dx.numpy(), dw.numpy(), db.numpy()


def _copy(array: Array, dtype: np.dtype) -> Array:
    """Copy: PyTorch takes no negative strides, foreign byte orders or read-only memory."""
    return np.array(array, dtype=dtype.newbyteorder("="), order="C")


def _torch() -> ModuleType:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "conv_forward_pytorch and conv_backward_pytorch need PyTorch: pip install torch"
        ) from error
    return torch
