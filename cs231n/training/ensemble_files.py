"""Networks in one file: weights as safetensors, structure as text; no pickles."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from cs231n.files import write_atomically
from cs231n.nets import Network, describe, parse
from cs231n.nets.network import NOISY
from cs231n.nets.placing import place
from cs231n.validation import Array

_KEY, _VERSION = "cs231n.ensemble", 1
_DTYPES = ("float16", "float32", "float64")
_MISFITS = (SafetensorError, KeyError, AttributeError, TypeError, ValueError, OverflowError)


def write(path: str | os.PathLike[str], models: Sequence[Any], weights: Array) -> None:
    """Write networks and their weights, whole or not at all; a file that is there is replaced.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    TypeError
        If a model is no Network.
    ValueError
        If one has a layer that the language of networks has no word for.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name, "two.safetensors")
    >>> write(path, [Network("fc-2", (3,), seed=seed) for seed in (0, 1)], np.array([0.5, 0.5]))
    >>> models, weights = read(path)
    >>> print(models[1], weights)
    fc-2 [0.5 0.5]
    >>> folder.cleanup()
    """
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f"there is no folder {Path(path).parent}")
    members = [_structure(m, model) for m, model in enumerate(models)]
    told = {"version": _VERSION, "weights": weights.tolist(), "members": members}
    tensors = {
        f"{m}/{group}/{name}": np.ascontiguousarray(array)
        for m, model in enumerate(models)
        for group in ("params", "state")
        for name, array in getattr(model, group).items()
    }
    write_atomically(path, save(tensors, metadata={_KEY: json.dumps(told)}))


def read(path: str | os.PathLike[str]) -> tuple[list[Network], Array]:
    """Return the networks and weights that :func:`write` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, holds something else, or arrays that do not fit the structure.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(_KEY)
            if text is None:
                raise ValueError(f"its metadata has no {_KEY!r}")
            told = json.loads(text)
            if told["version"] != _VERSION:
                raise ValueError(f"its version is {told['version']!r}, and {_VERSION} is known")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            members = [_network(m, member, tensors) for m, member in enumerate(told["members"])]
            weights = np.array(told["weights"], np.float64)
        if tensors:
            raise ValueError(f"it has arrays that no network knows: {sorted(tensors)}")
        fits = weights.shape == (len(members),) and np.isfinite(weights).all()
        if not fits or (weights < 0).any() or not weights.any():
            raise ValueError(f"it has {len(members)} networks and weights {weights}")
    except _MISFITS as error:
        raise ValueError(f"{path} must be the file of an ensemble: {error}") from None
    return members, weights


def _structure(m: int, model: Any) -> dict[str, Any]:
    if not isinstance(model, Network):
        raise TypeError(f"models must be Networks to be saved, got {type(model).__name__} at {m}")
    if model.dtype.name not in _DTYPES:
        raise ValueError(f"model {m} must have a dtype of {_DTYPES} to be saved, got {model.dtype}")
    text = describe(model.layers)
    shapes = _shapes(text, model.input_shape)
    found = _found({(g, k): a for g in shapes for k, a in getattr(model, g).items()})
    expected = {(g, k): shape for g, arrays in shapes.items() for k, shape in arrays.items()}
    if found != expected:
        raise ValueError(f"model {m} must have the arrays {expected} to be saved, got {found}")
    return {
        "layers": text,
        "input_shape": list(model.input_shape),
        "dtype": model.dtype.name,
        "reg": model.reg,
    }


def _network(m: int, told: dict[str, Any], tensors: dict[str, Array]) -> Network:
    """Make a network, and take its arrays out of `tensors`."""
    if told["dtype"] not in _DTYPES:
        raise ValueError(f"network {m} has the dtype {told['dtype']!r}")
    shape, dtype = tuple(told["input_shape"]), np.dtype(told["dtype"])
    # Before anything is allocated: a few words could ask for more memory than there is.
    arrays: dict[str, dict[str, Array]] = {}
    for group, shapes in _shapes(told["layers"], shape).items():
        arrays[group] = {name: tensors.pop(f"{m}/{group}/{name}") for name in shapes}
        if _found(arrays[group]) != shapes:
            raise ValueError(f"network {m} needs {shapes}, got {_found(arrays[group])}")
        for name, array in arrays[group].items():
            expected = np.dtype(np.int64) if name == "noise" else dtype
            if array.dtype != expected:
                raise ValueError(f"network {m} needs {name} as {expected}, got {array.dtype}")
    network = Network(parse(told["layers"]), shape, dtype=dtype, reg=told["reg"], seed=0)
    for group in arrays:
        for name, array in arrays[group].items():
            getattr(network, group)[name][...] = array
    return network


def _shapes(text: str, input_shape: tuple[int, ...]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return the shapes of all that a network of this description keeps."""
    placed = place(text, input_shape)
    params = {k: p.shape for layer in placed for k, p in layer.parameters.items()}
    state = {k: p.shape for layer in placed for k, p in layer.running.items()}
    if any(isinstance(layer.spec, NOISY) for layer in placed):
        state["noise"] = (1,)
    return {"params": params, "state": state}


def _found(arrays: dict[Any, Array]) -> dict[Any, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}
