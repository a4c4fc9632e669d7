"""A training half-way, on disk: what is learnt, what the update rule keeps, and the curves so far.

Unlike an ensemble's file, which holds finished networks, this one is for the same program to go on
from: nothing in it tells the structure.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cs231n.nets import Network
from cs231n.nets.updates import Updates
from cs231n.training.store import read_arrays, write_arrays
from cs231n.validation import Array


def save_checkpoint(path: Path, network: Network, curves: Mapping[str, Array]) -> None:
    """Write a network, its update rule's state and `curves`, whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path, X, y = Path(folder.name, "half-way.npz"), np.eye(3), np.array([0, 1, 0])
    >>> network = Network("fc-2", (3,), seed=0)
    >>> losses = np.array([network.step(X, y, "adam") for _ in range(10)])
    >>> save_checkpoint(path, network, {"loss": losses})
    >>> other = Network("fc-2", (3,), seed=1)
    >>> curves = load_checkpoint(path, other)
    >>> len(curves["loss"]), other.step(X, y, "adam") == network.step(X, y, "adam")
    (10, True)
    >>> folder.cleanup()
    """
    arrays = {f"params/{name}": array for name, array in network.params.items()}
    arrays |= {f"state/{name}": array for name, array in network.state.items()}
    if network.updates is not None:
        arrays |= {"rule": np.array(network.updates.rule), "t": np.array(network.updates.t)}
        for name, kept in network.updates.kept.items():
            arrays |= {f"kept/{name}/{key}": array for key, array in kept.items()}
    arrays |= {f"curves/{name}": np.asarray(curve) for name, curve in curves.items()}
    write_arrays(path, arrays)


def load_checkpoint(path: Path, network: Network) -> dict[str, Array] | None:
    """Bring a network of the same structure to where the file was written; return the curves.

    Returns None, and leaves the network alone, where there is no whole file.

    Raises
    ------
    ValueError
        If the file is that of another network.
    """
    arrays = read_arrays(path)
    if arrays is None:
        return None
    updates = Updates(str(arrays["rule"]), network.params) if "rule" in arrays else None
    targets = {f"params/{name}": array for name, array in network.params.items()}
    targets |= {f"state/{name}": array for name, array in network.state.items()}
    if updates is not None:
        updates.t = int(arrays["t"])
        for name, kept in updates.kept.items():
            targets |= {f"kept/{name}/{key}": array for key, array in kept.items()}
    expected = {name: array.shape for name, array in targets.items()}
    found = {name: arrays[name].shape for name in arrays if "/" in name}
    curves = {name: found.pop(name) for name in list(found) if name.startswith("curves/")}
    if found != expected:
        raise ValueError(f"{path} must hold the arrays {expected}, got {found}")
    for name, target in targets.items():
        target[...] = arrays[name]
    network.updates = updates
    return {name.removeprefix("curves/"): arrays[name] for name in curves}
