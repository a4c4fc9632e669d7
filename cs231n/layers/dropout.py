"""Dropout: noise in the forward pass, averaged out at test time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.layers.noise import as_key
from cs231n.release import conventions
from cs231n.validation import Array, as_float_array, as_shaped

DropoutCache = tuple[dict[str, Any], Array | None]

# What test time may mean, of each kind of layer
_INFERENCE = {
    "dropout_param": ("scaling", "monte_carlo"),
    "dropconnect_param": ("monte_carlo", "mean", "moments"),
    "pool_param": ("mean", "monte_carlo"),
}


def dropout_forward(x: Array, dropout_param: dict[str, Any]) -> tuple[Array, DropoutCache]:
    """Inverted dropout: keep each number with probability q and scale it by 1/q.

    ``out = x mask / q`` with ``mask ~ Bernoulli(q)`` in training, so that the expected output is
    ``x``; ``out = x`` at test time.

    Parameters
    ----------
    x : array of any shape
    dropout_param : dict
        ``'p'``: the probability of *keeping* a number, in (0, 1], so ``q = p``; under the releases
        2016 and 2017 that of *dropping* it, in [0, 1), so ``q = 1 - p``. ``'p_is_dropped'``
        (optional): which of the two, whatever the release. ``'mode'``: ``'train'`` or ``'test'``.
        ``'inference'`` (optional): what test time means, ``'scaling'`` (the default: no noise) or
        ``'monte_carlo'``: the noise goes on, for an average over passes.
        ``'seed'`` (optional): an int seeds NumPy's global generator before the mask is drawn,
        which makes a gradient check possible; a Generator draws it.

    Returns
    -------
    out : array like ``x``
    cache : tuple ``(dropout_param, mask)``; the mask holds 0 and 1/q, and is None at test time

    References
    ----------
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones(4)
    >>> out, cache = dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 1})
    >>> sorted(set(out.tolist()))
    [0.0, 2.0]
    """
    x = as_float_array("x", x)
    keep = keep_of("dropout_param", dropout_param)
    if not draws_noise("dropout_param", dropout_param):
        return x, (dropout_param, None)
    mask = ((_uniform(dropout_param.get("seed"), x.shape) < keep) / keep).astype(x.dtype)
    return x * mask, (dropout_param, mask)


def dropout_backward(dout: Array, cache: DropoutCache) -> Array:
    """Differentiate :func:`dropout_forward`: ``dx = dout mask / q``; ``dout`` at test time.

    The mask in the cache holds all that is needed, whatever release has come into force since.

    Parameters
    ----------
    dout : array like ``x``
    cache : what :func:`dropout_forward` returned

    Examples
    --------
    >>> import numpy as np
    >>> dropout_backward(np.ones(2), ({"p": 0.5, "mode": "train"}, np.array([0.0, 2.0]))).tolist()
    [0.0, 2.0]
    """
    dropout_param, mask = cache
    if mask is None:
        return as_float_array("dout", dout)
    return as_shaped("dout", dout, mask.shape, "as x has") * mask


def keep_probability(name: str, p: Any, p_is_dropped: bool) -> float:
    """Return the probability of keeping a number, given either that or the one of dropping it.

    Raises
    ------
    ValueError
        If nothing would be left; the message names the release in which this `p` has a sense.

    Examples
    --------
    >>> keep_probability("p", 0.25, p_is_dropped=True)
    0.75
    """
    if not p_is_dropped:
        if p == 0:
            raise ValueError(
                f"{name} must lie in (0, 1], got {p}: it is the probability of keeping; in a "
                "notebook of 2016 or 2017, where 0 drops nothing, call cs231n.use_release(2016)"
            )
        return validation.as_fraction(name, p, above_zero=True)
    if p == 1:
        raise ValueError(
            f"{name} must lie in [0, 1), got {p}: it is the probability of dropping under the "
            "releases 2016 and 2017; in a notebook of another year, where 1 drops nothing, call "
            "cs231n.use_release(2018)"
        )
    return 1 - validation.as_fraction(name, p, below_one=True)


def keep_of(name: str, dropout_param: Mapping[str, Any]) -> float:
    """Return the probability of keeping a number that a dict asks for.

    Examples
    --------
    >>> keep_of("dropout_param", {"p": 0.3, "p_is_dropped": True})
    0.7
    """
    p = validation.parameter(name, dropout_param, "p")
    return keep_probability(f"{name}['p']", p, _p_is_dropped(dropout_param))


def draws_noise(name: str, dropout_param: Mapping[str, Any]) -> bool:
    """Tell whether noise is drawn: in training, and at test time for a Monte-Carlo average.

    Examples
    --------
    >>> draws_noise("dropout_param", {"mode": "test", "inference": "monte_carlo"})
    True
    """
    choices, inference = _INFERENCE[name], dropout_param.get("inference")
    if inference is not None and not (isinstance(inference, str) and inference in choices):
        raise ValueError(f"{name}['inference'] must be one of {choices}, got {inference!r}")
    return validation.mode(name, dropout_param) == "train" or inference == "monte_carlo"


def _p_is_dropped(dropout_param: Mapping[str, Any]) -> bool:
    dropped = dropout_param.get("p_is_dropped", conventions().dropout_p_is_dropped)
    if not isinstance(dropped, bool | np.bool_):
        raise TypeError(f"'p_is_dropped' must be True or False, got {dropped!r}")
    return bool(dropped)


def _uniform(seed: Any, shape: tuple[int, ...]) -> Array:
    """Draw from U(0, 1), from NumPy's global generator unless another one is given."""
    if isinstance(seed, np.random.Generator):
        return seed.random(shape)
    if seed is not None:
        key = as_key("dropout_param['seed']", seed)
        if key >= 2**32:
            raise ValueError(f"dropout_param['seed'] must be below 2**32, got {seed}")
        np.random.seed(key)
    return np.random.random_sample(shape)
