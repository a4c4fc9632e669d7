"""The stack machine of pickles, with the instructions for plain data and no others.

It never imports, never looks up an attribute, and calls nothing but recipes of
``pickle_globals``. Persistent ids, the extension registry, instances of classes and
out-of-band buffers have no instruction here. The instructions are those of Python's
:mod:`pickletools`, which describes each of them.
"""

import codecs
import io
import pickletools
import re
from collections.abc import Callable, Iterator
from pickle import UnpicklingError
from typing import Any

import numpy as np

from cs231n.data.pickle_globals import (
    Budget,
    DtypeRecipe,
    Recipe,
    check_key,
    fill_array,
    find_recipe,
)


def _instructions(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield (name, argument) of every instruction up to STOP; refuse those that we lack."""
    stream = io.BytesIO(data)
    name = ""
    while name != "STOP":
        position = stream.tell()
        code = stream.read(1)
        if not code:
            raise UnpicklingError(f"the pickle ends after {position} bytes without STOP")
        opcode = _OPCODES.get(code.decode("latin1"))
        if opcode is None:
            raise UnpicklingError(f"byte {code!r} at {position} starts no pickle instruction")
        name = opcode.name
        if name not in _STEPS:  # before its argument is read
            raise UnpicklingError(f"pickle instruction {name} at byte {position} is refused")
        read = _READERS.get(name) or (opcode.arg.reader if opcode.arg else _read_nothing)
        yield name, read(stream)


def _read_nothing(stream: io.BytesIO) -> None:
    """Return the argument of an instruction that has none."""


def _read_names(stream: io.BytesIO) -> tuple[str, str]:
    """Return the module and the name of a global, each on a line."""
    module, name = stream.readline(), stream.readline()
    if not module.endswith(b"\n") or not name.endswith(b"\n"):
        raise UnpicklingError("the pickle ends inside the name of a global")
    return module[:-1].decode("utf-8"), name[:-1].decode("utf-8")


def _read_quoted(stream: io.BytesIO) -> str:
    """Return a quoted Python 2 string as latin1 text, like pickletools' other strings."""
    text = stream.readline().strip()
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise UnpicklingError("a string in the pickle has no quotes")
    if not _QUOTED.fullmatch(text, 1, len(text) - 1):
        raise UnpicklingError("a string in the pickle has escapes that Python 2 never writes")
    raw: bytes = codecs.escape_decode(text[1:-1])[0]
    return raw.decode("latin1")


_OPCODES = {opcode.code: opcode for opcode in pickletools.opcodes}
# The readers of pickletools undo escapes in names and take strings for ASCII; arrays are not.
_READERS: dict[str, Callable[[io.BytesIO], Any]] = {"GLOBAL": _read_names, "STRING": _read_quoted}
_QUOTED = re.compile(rb"(?:[^\\]|\\[\\'\"nrt]|\\x[0-9a-f]{2})*", re.DOTALL)


class Machine:
    """The stack, the marks in it, the memo, and the arrays that still wait for their bytes."""

    def __init__(self, data: bytes, encoding: str, objects: bool = False) -> None:
        self.data = data
        self.encoding = encoding
        self.budget = Budget(len(data), objects)
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.pending: dict[int, np.ndarray] = {}

    def run(self) -> Any:
        """Execute every instruction and return what is left."""
        for name, argument in _instructions(self.data):
            _STEPS[name](self, argument)
        result = self.stack.pop()
        if self.pending:
            raise UnpicklingError("an array was started and never filled")
        return result

    def push(self, value: Any) -> None:
        """Put a value on top."""
        self.stack.append(value)

    def push_string(self, text: str) -> None:
        """Push a string of Python 2, which may be text or bytes."""
        raw = text.encode("latin1")
        try:
            self.push(raw if self.encoding == "bytes" else raw.decode(self.encoding))
        except UnicodeDecodeError as error:
            raise UnpicklingError(
                f"a string of Python 2 is not {self.encoding}; try encoding='latin1' or 'bytes'"
            ) from error

    def pop_mark(self) -> list[Any]:
        """Take everything above the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def pop(self, _: Any) -> None:
        """Take the top away, be it a value or a mark."""
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.stack.pop()

    def pop_tuple(self, size: int) -> None:
        """Replace the last ``size`` values by a tuple of them."""
        if size > len(self.stack):
            raise UnpicklingError("the pickle takes more from its stack than there is")
        items = tuple(self.stack[-size:])
        del self.stack[-size:]
        self.push(items)

    def top(self, kind: type) -> Any:
        """Return the top of the stack if it is exactly a ``kind``."""
        if type(self.stack[-1]) is not kind:
            found = type(self.stack[-1]).__name__
            raise UnpicklingError(f"the pickle adds to a {found}, not to a {kind.__name__}")
        return self.stack[-1]

    def append_items(self, items: list[Any]) -> None:
        """Put values at the end of the list on top."""
        self.top(list).extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values, in turn, into the dict on top."""
        target = self.top(dict)
        if len(items) % 2:
            raise UnpicklingError("a dict in the pickle has a key without a value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            check_key(key)
            target[key] = value

    def add_items(self, items: list[Any]) -> None:
        """Put values into the set on top."""
        target = self.top(set)
        for item in items:
            check_key(item)
            target.add(item)

    def marked_dict(self, _: Any) -> None:
        """Replace the keys and values above the last mark by a dict."""
        items = self.pop_mark()
        self.push({})
        self.set_items(items)

    def marked_frozenset(self, _: Any) -> None:
        """Replace the values above the last mark by a frozenset."""
        items = self.pop_mark()
        self.push(set())
        self.add_items(items)
        self.push(frozenset(self.stack.pop()))

    def stack_global(self, _: Any) -> None:
        """Replace a module and a name, two strings, by their recipe."""
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise UnpicklingError("a global name in the pickle is not made of strings")
        self.push(find_recipe(module, name))

    def reduce(self, _: Any) -> None:
        """Run a recipe; nothing else on the stack can be called."""
        arguments, recipe = self.stack.pop(), self.stack.pop()
        if not isinstance(recipe, Recipe) or not isinstance(arguments, tuple):
            raise UnpicklingError(f"the pickle calls a {type(recipe).__name__}, which is refused")
        value = recipe.build(self.budget, *arguments)
        if recipe.name.endswith("._reconstruct"):
            self.pending[id(value)] = value
        self.push(value)

    def build(self, _: Any) -> None:
        """Give a dtype or a new array its state; nothing else can be given one."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, DtypeRecipe):
            target.set_state(state)
        elif id(target) in self.pending:
            fill_array(self.pending.pop(id(target)), state, self.budget)
        else:
            raise UnpicklingError(f"the pickle sets up a {type(target).__name__}; refused")


_Step = Callable[[Machine, Any], Any]
_STEPS: dict[str, _Step] = {
    "PROTO": lambda m, _: None,
    "FRAME": lambda m, _: None,
    "STOP": lambda m, _: None,
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    "POP": Machine.pop,
    "POP_MARK": lambda m, _: m.pop_mark(),
    "DUP": lambda m, _: m.push(m.stack[-1]),
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "EMPTY_SET": lambda m, _: m.push(set()),
    "LIST": lambda m, _: m.push(m.pop_mark()),
    "TUPLE": lambda m, _: m.push(tuple(m.pop_mark())),
    "TUPLE1": lambda m, _: m.pop_tuple(1),
    "TUPLE2": lambda m, _: m.pop_tuple(2),
    "TUPLE3": lambda m, _: m.pop_tuple(3),
    "DICT": Machine.marked_dict,
    "FROZENSET": Machine.marked_frozenset,
    "APPEND": lambda m, _: m.append_items([m.stack.pop()]),
    "APPENDS": lambda m, _: m.append_items(m.pop_mark()),
    "SETITEM": lambda m, _: m.set_items([*reversed([m.stack.pop(), m.stack.pop()])]),
    "SETITEMS": lambda m, _: m.set_items(m.pop_mark()),
    "ADDITEMS": lambda m, _: m.add_items(m.pop_mark()),
    "MEMOIZE": lambda m, _: m.memo.__setitem__(len(m.memo), m.stack[-1]),
    "GLOBAL": lambda m, names: m.push(find_recipe(*names)),
    "STACK_GLOBAL": Machine.stack_global,
    "REDUCE": Machine.reduce,
    "BUILD": Machine.build,
}
_NUMBERS = "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT"
_TEXTS = "UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8"
_BYTES = "SHORT_BINBYTES BINBYTES BINBYTES8 BYTEARRAY8"
for _name in f"{_NUMBERS} {_TEXTS} {_BYTES}".split():
    _STEPS[_name] = Machine.push
for _name in ("STRING", "BINSTRING", "SHORT_BINSTRING"):
    _STEPS[_name] = Machine.push_string
for _name in ("PUT", "BINPUT", "LONG_BINPUT"):
    _STEPS[_name] = lambda m, index: m.memo.__setitem__(index, m.stack[-1])
for _name in ("GET", "BINGET", "LONG_BINGET"):
    _STEPS[_name] = lambda m, index: m.push(m.memo[index])
