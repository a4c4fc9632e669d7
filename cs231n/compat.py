"""Old names for old notebooks: ``scipy.misc.imread`` and ``imresize``, which SciPy no longer has.

A notebook of 2015 to 2018 says ``from scipy.misc import imread, imresize``. It runs unchanged after
either of

- ``import cs231n.compat; cs231n.compat.install()``, in Python before that line;
- ``%load_ext cs231n.compat``, in a notebook, or without touching the notebook the line
  ``c.InteractiveShellApp.extensions = ["cs231n.compat"]`` in ``ipython_config.py``.

Nothing is changed before it is asked for, and no name that SciPy still has is replaced. A notebook
that may be changed imports both from :mod:`cs231n.image_utils` instead.
"""

import importlib
import sys
import warnings
from types import ModuleType
from typing import Any

from cs231n.image_utils import imread, imresize

OLD_NAMES = {"imread": imread, "imresize": imresize}


def install() -> list[str]:
    """Give ``scipy.misc`` the names that it has lost, and return those that were missing.

    Examples
    --------
    >>> first, second = install(), install()
    >>> second
    []
    >>> from scipy.misc import imread
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # scipy.misc is an empty room by now
        misc = _scipy_misc()
        missing = [name for name in OLD_NAMES if not hasattr(misc, name)]
    for name in missing:
        setattr(misc, name, OLD_NAMES[name])
    return missing


def _scipy_misc() -> ModuleType:
    try:
        return importlib.import_module("scipy.misc")
    except ModuleNotFoundError:
        # Announced for SciPy 2: the room itself is gone.
        scipy: Any = importlib.import_module("scipy")
        scipy.misc = sys.modules["scipy.misc"] = ModuleType("scipy.misc", __doc__)
        return scipy.misc


def load_ipython_extension(ipython: Any) -> None:
    """Do :func:`install`, for ``%load_ext cs231n.compat``."""
    install()
