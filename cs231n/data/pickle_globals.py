"""The few names a pickle may call, and what stands in for them.

None of them is the function it is named after. Each is a recipe of our own that checks its
arguments and pays for the memory it takes from a budget, the size of the pickle itself: an
honest pickle holds every byte of its arrays, so one that needs more is refused.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pickle import UnpicklingError
from typing import Any

import numpy as np

# Booleans, integers, floats, complex numbers and strings of a fixed size; no "O" (objects), no
# "V" (records, whose fields may hold objects), no dates.
_DTYPE = re.compile(r"[<>=|]?(\?|b1|[iu][1248]|f[248]|c8|c16|[SU][1-9]\d{0,8})", re.ASCII)
MAX_DIMS = 32  # ndarray.__setstate__ does not check the number itself
_RAW_TYPES = (bytes, bytearray, str)


class Budget:
    """Bytes that may still be copied while one pickle is read, and whether objects may be boxed.

    With ``objects``, an array may hold plain data of any kind instead of numbers.
    """

    def __init__(self, size: int, objects: bool = False) -> None:
        self.left = size
        self.objects = objects

    def pay(self, size: int) -> None:
        """Take ``size`` bytes off, or raise UnpicklingError if they are not there."""
        self.left -= size
        if self.left < 0:
            raise UnpicklingError("the pickle asks for more memory than it has bytes; refused")


@dataclass(frozen=True)
class Recipe:
    """What a global name in a pickle stands for; the pickle itself can do nothing but run it."""

    name: str
    build: Callable[..., Any]


class DtypeRecipe:
    """A dtype in the making: its name, to which BUILD adds the byte order."""

    def __init__(self, name: str) -> None:
        self.dtype = np.dtype(name)

    def set_state(self, state: Any) -> None:
        """Take the byte order from a dtype's state; refuse fields, subarrays and metadata."""
        if not isinstance(state, tuple) or not 3 <= len(state) <= 9:
            raise UnpicklingError(f"a dtype has the state {state!r:.80}; expected a tuple")
        order, rest = as_text(state[1]), state[2:]
        if order not in ("<", ">", "|", "=") or not all(p is None or type(p) is int for p in rest):
            raise UnpicklingError(f"a dtype has the state {state!r:.80}, more than a byte order")
        self.dtype = self.dtype.newbyteorder(order)  # type: ignore[arg-type]


def as_text(value: Any) -> str:
    """Return a name that Python 2 may have written as bytes."""
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, str):
        return value
    raise UnpicklingError(f"a {type(value).__name__} stands where a name is expected")


def as_raw(value: Any, budget: Budget) -> bytes | bytearray:
    """Return an array's bytes, which Python 2 pickles hold as (decoded) strings."""
    if not isinstance(value, _RAW_TYPES):
        raise UnpicklingError(
            f"an array holds a {type(value).__name__} instead of bytes; arrays of objects are "
            "refused"
        )
    if not isinstance(value, str):
        return value
    budget.pay(len(value))
    try:
        return value.encode("latin1")
    except UnicodeEncodeError as error:
        raise UnpicklingError("an array's bytes came as text; try encoding='latin1'") from error


def fill_array(array: np.ndarray, state: Any, budget: Budget) -> None:
    """Give the empty ``array`` its shape, dtype and bytes, after checking all three."""
    if not isinstance(state, tuple) or len(state) != 5:
        raise UnpicklingError("an array's state is not (version, shape, dtype, order, bytes)")
    _, shape, dtype, fortran, raw = state
    if isinstance(dtype, DtypeRecipe) and dtype.dtype.hasobject:
        _check_shape(shape)
        if type(raw) is not list or len(raw) != math.prod(shape):
            raise UnpicklingError(f"an array of objects of shape {shape!r:.80} lacks its list")
        boxed: Any = (1, shape, dtype.dtype, bool(fortran), raw)
        array.__setstate__(boxed)
        return
    real, raw = _check_array(shape, dtype, raw, budget)
    state = (1, shape, real, bool(fortran), bytes(raw))
    array.__setstate__(state)


def _check_array(
    shape: Any, dtype: Any, raw: Any, budget: Budget
) -> tuple[np.dtype, bytes | bytearray]:
    """Return the real dtype and bytes if they and ``shape`` belong together."""
    if not isinstance(dtype, DtypeRecipe):
        raise UnpicklingError(f"an array's dtype is a {type(dtype).__name__}; expected a dtype")
    if dtype.dtype.hasobject:  # bytes that NumPy would take for addresses
        raise UnpicklingError("an array of objects is made of bytes, which is refused")
    _check_shape(shape)
    raw = as_raw(raw, budget)
    if math.prod(shape) * dtype.dtype.itemsize != len(raw):
        raise UnpicklingError(
            f"an array of shape {shape!r:.80} and dtype {dtype.dtype} has {len(raw)} bytes"
        )
    return dtype.dtype, raw


def _check_shape(shape: Any) -> None:
    """Raise UnpicklingError unless ``shape`` is a tuple of sizes."""
    sizes = shape if isinstance(shape, tuple) and len(shape) <= MAX_DIMS else (None,)
    if not all(type(n) is int and n >= 0 for n in sizes):
        raise UnpicklingError(f"an array's shape is {shape!r:.80}; expected sizes of 0 or more")


def _reconstruct(budget: Budget, kind: Any, shape: Any, typecode: Any) -> np.ndarray:
    """Return an array still empty; BUILD fills it."""
    if kind is not _NDARRAY or shape != (0,):
        raise UnpicklingError(f"an array starts with the shape {shape!r:.80}; expected (0,)")
    return np.empty(0, np.int8)


def _frombuffer(
    budget: Budget, raw: Any, dtype: Any, shape: Any, order: Any, axes: Any = None
) -> np.ndarray:
    """Return the array over ``raw``: how protocol 5 writes contiguous arrays."""
    if order not in ("C", "F", "K") or (order == "K" and not isinstance(axes, tuple)):
        raise UnpicklingError(f"an array has the order {order!r:.80}; expected 'C' or 'F'")
    real, raw = _check_array(shape, dtype, raw, budget)
    flat = np.frombuffer(raw, real)
    if order == "K":  # contiguous but with its axes in another order, NumPy 2.4 and later
        return flat.reshape(shape).transpose(axes)  # (product,) -> shape -> permuted
    return flat.reshape(shape, order=order)  # (product,) -> shape


def _scalar(budget: Budget, dtype: Any, raw: Any) -> np.generic:
    """Return one NumPy number."""
    real, raw = _check_array((), dtype, raw, budget)
    return np.frombuffer(raw, real)[0]


def _dtype(budget: Budget, name: Any, align: Any = False, copy: Any = False) -> DtypeRecipe:
    """Return a dtype in the making, if its name is that of a plain one."""
    text = as_text(name)
    if budget.objects and text in ("O", "O4", "O8"):
        return DtypeRecipe("O")
    if not _DTYPE.fullmatch(text):
        raise UnpicklingError(f"the pickle asks for the dtype {text!r:.80}, which is refused")
    return DtypeRecipe(text)


def _encode(budget: Budget, text: Any, encoding: Any) -> bytes:
    """Return bytes as Python 3 writes them for Python 2: a string and 'latin1'."""
    if not isinstance(text, str) or encoding != "latin1":
        raise UnpicklingError(f"_codecs.encode with {encoding!r:.80} is refused; only 'latin1' is")
    budget.pay(len(text))
    return text.encode("latin1")


def _bytes(budget: Budget) -> bytes:
    """Return no bytes at all, the one value that old protocols write as ``bytes()``."""
    return b""


def _complex(budget: Budget, real: Any, imaginary: Any) -> complex:
    """Return a complex number."""
    return complex(float(real), float(imaginary))


def _copier(kind: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a recipe that copies a list into a set or dict, checking what must be hashed."""

    def copy(budget: Budget, items: Any = ()) -> Any:
        if not isinstance(items, (list, tuple)):
            raise UnpicklingError(f"a container is made of a {type(items).__name__}, not a list")
        budget.pay(len(items))
        pairs = kind is dict
        for item in items:
            if pairs and not (isinstance(item, (list, tuple)) and len(item) == 2):
                raise UnpicklingError("a dict is made of something else than pairs")
            check_key(item[0] if pairs else item)
        return kind(items)

    return copy


def check_key(value: Any) -> None:
    """Raise UnpicklingError unless ``value`` is a number, a string or a flat tuple of such."""
    # Hashing a tuple nested a million deep overflows the C stack: no nesting at all.
    for part in value if type(value) is tuple else (value,):
        if not (part is None or isinstance(part, (str, bytes, int, float, complex, np.generic))):
            raise UnpicklingError(f"a {type(part).__name__} is used as a key, which is refused")


_NDARRAY = Recipe("numpy.ndarray", _bytes)  # only ever an argument of _reconstruct
_TABLE: dict[tuple[str, str], Recipe] = {("numpy", "ndarray"): _NDARRAY}


def _allow(modules: tuple[str, ...], name: str, build: Callable[..., Any]) -> None:
    """Enter a recipe under every module that ever held the name."""
    for module in modules:
        _TABLE[module, name] = Recipe(f"{module}.{name}", build)


_BUILTINS = ("builtins", "__builtin__")
_allow(("numpy",), "dtype", _dtype)
_allow(("numpy.core.multiarray", "numpy._core.multiarray"), "_reconstruct", _reconstruct)
_allow(("numpy.core.multiarray", "numpy._core.multiarray"), "scalar", _scalar)
_allow(("numpy.core.numeric", "numpy._core.numeric"), "_frombuffer", _frombuffer)
_allow(("_codecs",), "encode", _encode)
_allow(_BUILTINS, "bytes", _bytes)
_allow(_BUILTINS, "complex", _complex)
_allow(_BUILTINS, "set", _copier(set))
_allow(_BUILTINS, "frozenset", _copier(frozenset))
_allow(("collections",), "OrderedDict", _copier(dict))


def find_recipe(module: str, name: str) -> Recipe:
    """Return the recipe for ``module.name``, or raise UnpicklingError that names it."""
    try:
        return _TABLE[module, name]
    except KeyError:
        raise UnpicklingError(
            f"the pickle asks for {module}.{name}, which is refused: only plain containers, "
            "strings, bytes, numbers and NumPy arrays are read"
        ) from None
