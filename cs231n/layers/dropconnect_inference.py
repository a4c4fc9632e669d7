"""DropConnect at test time: the expected activation, by moment matching or of the mean network."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.layers.dropconnect import KEYS, as_affine, as_noise
from cs231n.layers.noise import as_generator
from cs231n.validation import Array


def dropconnect_inference(
    x: Array, w: Array, b: Array, dropconnect_param: Mapping[str, Any]
) -> Array:
    """Return the expected activation ``E[a(u)]``, where u is what the layer outputs in training.

    u sums many independent terms, so it is nearly normal, with the moments of
    :func:`dropconnect_moments`. The mean network's ``a(E[u])`` is something else: a ReLU's
    expectation is larger where u changes its sign.

    Parameters
    ----------
    x, w, b : as for :func:`dropconnect_forward`
    dropconnect_param : dict
        ``'p'``, ``'p_is_dropped'``, ``'mask_bias'``: as in training. ``'inference'``:
        ``'moments'`` (the default) or ``'mean'``. ``'activation'``: ``'relu'`` (the default) or a
        function of arrays. ``'samples'``: how many normal numbers are averaged; without it, the
        ReLU's expectation is exact, ``mu Phi(mu / sigma) + sigma phi(mu / sigma)``. ``'seed'``: an
        int, a Generator or None, for the samples.

    Returns
    -------
    array (N, M)

    References
    ----------
    Wan et al., "Regularization of neural networks using DropConnect", ICML 2013, section 3.2

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 100)), np.full((100, 1), 0.01), np.array([-1.0])
    >>> param = {"p": 0.5}
    >>> dropconnect_inference(x, w, b, {**param, "inference": "mean"}).round(3).tolist()
    [[0.0]]
    >>> dropconnect_inference(x, w, b, param).round(3).tolist()
    [[0.04]]
    """
    validation.known_keys("dropconnect_param", dropconnect_param, KEYS)
    inference = dropconnect_param.get("inference", "moments")
    if inference not in ("moments", "mean"):
        raise ValueError(
            f"dropconnect_param['inference'] must be 'moments' or 'mean' here, got {inference!r}"
        )
    activation = dropconnect_param.get("activation", "relu")
    if activation != "relu" and not callable(activation):
        raise ValueError(
            f"dropconnect_param['activation'] must be 'relu' or a function, got {activation!r}"
        )
    samples = dropconnect_param.get("samples")
    if samples is not None:
        samples = validation.as_extent("dropconnect_param['samples']", samples, minimum=1)
    mean, variance = dropconnect_moments(x, w, b, dropconnect_param)
    if inference == "mean":
        return _relu(mean) if activation == "relu" else activation(mean)
    deviation = np.sqrt(variance)
    if samples is not None:
        rng = as_generator("dropconnect_param['seed']", dropconnect_param.get("seed"))
        return _sampled(
            mean, deviation, _relu if activation == "relu" else activation, samples, rng
        )
    if activation == "relu":
        return _expected_relu(mean, deviation)
    raise ValueError(
        "dropconnect_param must have the key 'samples': only a ReLU's expectation has a closed form"
    )


def dropconnect_moments(
    x: Array, w: Array, b: Array, dropconnect_param: Mapping[str, Any]
) -> tuple[Array, Array]:
    """Return mean and variance (N, M) of what :func:`dropconnect_forward` outputs in training.

    ``x @ w + b`` and ``(1 - q) / q (x^2 @ w^2)``, plus ``(1 - q) / q b^2`` if biases are dropped.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.array([[1.0, 2.0]]), np.array([[3.0], [1.0]]), np.array([0.5])
    >>> [moment.tolist() for moment in dropconnect_moments(x, w, b, {"p": 0.5})]
    [[[5.5]], [[13.0]]]
    """
    x, w, b = as_affine(x, w, b)
    keep, mask_bias = as_noise(dropconnect_param)
    rows = x.reshape(len(x), len(w))  # (N, d_1, ..., d_k) -> (N, D)
    variance = np.square(rows) @ np.square(w)
    if mask_bias:
        variance += np.square(b)
    variance *= (1 - keep) / keep
    return rows @ w + b, variance


def _relu(u: Array) -> Array:
    return np.maximum(u, 0)


def _expected_relu(mean: Array, deviation: Array) -> Array:
    from scipy.special import ndtr  # slow to import, and needed by few

    with np.errstate(divide="ignore", invalid="ignore"):
        z = mean / deviation
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        expected = mean * ndtr(z) + deviation * density
    return np.where(deviation > 0, expected, _relu(mean)).astype(mean.dtype)


def _sampled(
    mean: Array,
    deviation: Array,
    activation: Callable[[Array], Array],
    samples: int,
    rng: np.random.Generator,
) -> Array:
    """Average one sample after the other: all of them need not fit into memory."""
    total = np.zeros(mean.shape)
    for _ in range(samples):
        noise = rng.standard_normal(mean.shape).astype(mean.dtype, copy=False)
        total += activation(mean + deviation * noise)
    return (total / samples).astype(mean.dtype)
