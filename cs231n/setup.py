"""The line of the notebooks, ``python setup.py build_ext --inplace``, run from this folder.

In a checkout it builds the kernels with the ``setup.py`` one folder up, which it hands its
arguments to. An installed package has its kernels, and there it only says so. Importing this
module does nothing.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NOTHING_TO_BUILD = (
    "Nothing needs to be built: cs231n is installed, and its kernels with it. "
    "`cs231n doctor` tells whether the compiled ones are in use."
)
NO_COMPILED_KERNELS = (
    "The kernels are not built, because {missing} is not installed here. "
    "cs231n runs on its NumPy twins: right, but slower.\n"
    "To build them: {python} -m pip install {missing}, and run this line again."
)


def build(arguments: Sequence[str], package: Path) -> int:
    """Build the kernels of a checkout, in place; return the exit status.

    Parameters
    ----------
    arguments : sequence of str
        For the ``setup.py`` of the checkout, such as ``build_ext --inplace``.
    package : Path
        The folder ``cs231n``.

    Examples
    --------
    >>> build(["build_ext", "--inplace"], Path("no-checkout", "cs231n"))  # doctest: +ELLIPSIS
    Nothing needs to be built: cs231n is installed, and its kernels with it. ...
    0
    """
    checkout = package.parent
    files = (checkout / "setup.py", checkout / "pyproject.toml", package / "kernels/_im2col.pyx")
    if not all(file.is_file() for file in files):
        print(NOTHING_TO_BUILD)
        return 0
    missing = [name for name in ("setuptools", "Cython") if not importlib.util.find_spec(name)]
    if missing:
        print(NO_COMPILED_KERNELS.format(missing=" ".join(missing), python=sys.executable))
        return 1
    print(f"Building the kernels of cs231n in {checkout}", flush=True)
    command = [sys.executable, "setup.py", *arguments]
    status = subprocess.run(command, cwd=checkout, check=False).returncode
    if status == 0:
        print(
            "Done. Restart Python (the notebook's kernel), since a compiled module cannot be "
            "reloaded. With the package installed (pip install) this line is not needed."
        )
    return status


if __name__ == "__main__":
    sys.exit(build(sys.argv[1:], Path(__file__).resolve().parent))
