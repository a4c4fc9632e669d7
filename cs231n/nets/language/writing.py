"""Specs as text that `parse` reads as the same specs."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cs231n.nets.language import values
from cs231n.nets.language.reader import MOST_NESTED
from cs231n.nets.language.vocabulary import BY_SPEC, SHORT
from cs231n.nets.specs import Dropout, Initial, Residual, Spec
from cs231n.nets.specs.initial import HE

_LONGEST_GROUP = 64
_DEEPEST_FOLD = 3
_POOLINGS = ("pool", "avgpool", "fmp")
_SHORT = {full: short for short, full in SHORT.items()}


def describe(layers: Sequence[Spec]) -> str:
    """Return a description in the token style; what repeats is folded.

    ``parse(describe(layers)) == list(layers)``.

    Raises
    ------
    ValueError
        If a layer, or a way to begin, is none of the language's.

    Examples
    --------
    >>> from cs231n.nets import Affine, Conv, MaxPool, ReLU
    >>> describe([Conv(64), ReLU(), Conv(64), ReLU(), MaxPool(), Affine(10)])
    '[conv3-64 relu]*2 pool2 fc-10'
    """
    left = MOST_NESTED - _nesting(layers)
    # What is folded stands in brackets, too: none may be too many for the reader.
    return _stack(layers, min(_DEEPEST_FOLD, left))


def _nesting(layers: Sequence[Any], depth: int = 0) -> int:
    """Return how deep brackets stand in each other, or refuse what no reader would take."""
    if depth > MOST_NESTED:
        raise ValueError(f"layers and ways to begin may be nested {MOST_NESTED} deep, not deeper")
    deepest = depth
    for item in layers:
        if isinstance(item, Residual):
            inner: tuple[Any, ...] = (*item.body, *item.shortcut)
        elif isinstance(item, Initial):
            inner = tuple(values.arguments(item).values())
        else:
            deepest = max(deepest, _nesting([getattr(item, "initial", HE)], depth))
            continue
        if inner:
            deepest = max(deepest, _nesting(inner, depth + 1))
    return deepest


def _stack(layers: Sequence[Spec], folds: int) -> str:
    """Write layers; groups may be folded in so many groups."""
    here = min(2, folds)
    return " ".join(_fold([_write(spec, folds - here) for spec in layers], here))


def _write(spec: Spec, folds: int) -> str:
    if isinstance(spec, Residual):
        ways = [_stack(way, folds) for way in (spec.body, spec.shortcut) if way]
        return f"residual({' | '.join(ways)})"
    if type(spec) not in BY_SPEC:
        raise ValueError(f"{spec!r} has no word in the language")
    word = BY_SPEC[type(spec)]
    text = word.name
    attached = {name: sign for sign, name in word.attached.items()}
    if isinstance(spec, Dropout) and spec.keep != 0.5:
        attached = {}  # a bare number could be misread
    for name, sign in attached.items():
        value = getattr(spec, name)
        if value is not None:
            shown = values.write(word.field(name).type, value)
            text += "" if sign == "/" and value == word.field(name).default else sign + shown
    options = [
        _option(field, getattr(spec, field.name))
        for field in fields(spec)
        if field.name not in attached and getattr(spec, field.name) != field.default
    ]
    return f"{text}:{','.join(options)}" if options else text


def _option(field: Any, value: Any) -> str:
    name = _SHORT.get(field.name, field.name)
    if field.type is bool and value:
        return str(name)
    return f"{name}={values.write(field.type, value)}"


def _fold(words: list[str], deep: int) -> list[str]:
    """Write groups that stand several times behind each other once, the longest stretch first."""
    out: list[str] = []
    i = 0
    while i < len(words):
        length, count = _best_group(words, i) if deep else (1, 1)
        # Poolings end a group where they can: [conv relu pool]*2, not conv relu [pool conv relu]*2.
        if length > 1 and words[i].startswith(_POOLINGS):
            later = _best_group(words, i + 1)
            if later[0] * later[1] >= length * count:
                length, count = 1, 1
        group = words[i : i + length]
        i += length * count
        if count == 1:
            out += group
        elif length == 1:
            out.append(f"{group[0]}*{count}")
        else:
            out.append(f"[{' '.join(_fold(group, deep - 1))}]*{count}")
    return out


def _best_group(words: list[str], i: int) -> tuple[int, int]:
    """Return length and count of the repeated group that covers most from word i on."""
    best = (1, 1)
    for length in range(1, min(_LONGEST_GROUP, (len(words) - i) // 2) + 1):
        group, count = words[i : i + length], 1
        while words[i + count * length : i + (count + 1) * length] == group:
            count += 1
        if count > 1 and length * count > best[0] * best[1]:
            best = length, count
    return best
