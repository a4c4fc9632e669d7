"""Every published name is there, takes the published call, and is reached by star imports."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

LIST = Path(__file__).parent / "published_names.txt"
YEARS = re.compile(r"20(1[5-9]|2[0-6])(a[123])?(-20(1[5-9]|2[0-6])(a[123])?)?")
ANY = object()  # a default on which the years differ


def rows():
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [tuple(map(str.strip, line.split("|"))) for line in lines if line and line[0] != "#"]


ROWS = rows()
OFFERED = [row for row in ROWS if row[2] != "-"]


def default(node):
    text = ast.unparse(node)
    if text == "...":
        return ANY
    return np.float32 if text == "np.float32" else ast.literal_eval(node)


def published(signature):
    """Return (positional, keywords): what the call demands as (name or None, has default, default).

    None stands for the name of an argument that is only passed by position.
    """
    arguments = ast.parse(f"def f{signature}: pass").body[0].args
    names = [*[None] * len(arguments.posonlyargs), *[a.arg for a in arguments.args]]
    bare = len(names) - len(arguments.defaults)
    values = [inspect.Parameter.empty] * bare + [default(node) for node in arguments.defaults]
    positional = list(zip(names, values, strict=True))
    keywords = {
        a.arg: default(node)
        for a, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }
    return positional, keywords


def complaints(ours, signature):
    """Say what keeps the function with the parameters `ours` from taking the published call."""
    positional, keywords = published(signature)
    kinds = inspect.Parameter
    takes_any_keyword = any(p.kind is kinds.VAR_KEYWORD for p in ours.values())
    takes_any_position = any(p.kind is kinds.VAR_POSITIONAL for p in ours.values())
    places = [
        p for p in ours.values() if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    ]
    for i, (name, wanted) in enumerate(positional):
        if i >= len(places):
            if not takes_any_position:
                yield f"argument {i + 1}, {name}, is missing"
        elif name is not None and places[i].name != name:
            yield f"argument {i + 1} is {places[i].name}, not {name}"
        elif not matches(places[i].default, wanted):
            yield f"{places[i].name} is {places[i].default!r} by default, not {wanted!r}"
    for name, wanted in keywords.items():
        if name not in ours:
            if not takes_any_keyword:
                yield f"the keyword {name} is missing"
        elif not matches(ours[name].default, wanted):
            yield f"{name} is {ours[name].default!r} by default, not {wanted!r}"
    given = {name for name, _ in positional} | set(keywords)
    for i, p in enumerate(ours.values()):
        variable = p.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
        demanded = p.default is kinds.empty and not variable and i >= len(positional)
        if demanded and p.name not in given:
            yield f"it demands {p.name}, which no notebook gives"


def matches(ours, wanted):
    if wanted is inspect.Parameter.empty:
        return True  # a notebook gives it, so a default of ours does no harm
    if wanted is ANY:
        return ours is not inspect.Parameter.empty
    return ours == wanted and isinstance(ours, bool) == isinstance(wanted, bool)


def parameters(module, name):
    """Return the parameters of a function, a class or an unbound method, without self."""
    owner, _, method = name.partition(".")
    found = getattr(module, owner)
    if not method:
        return dict(inspect.signature(found).parameters)
    ours = dict(inspect.signature(getattr(found, method)).parameters)
    ours.pop(next(iter(ours)))
    return ours


@pytest.mark.parametrize(
    ("module", "name", "signature", "years"),
    OFFERED,
    ids=[f"{row[0]}.{row[1]}-{row[3]}" for row in OFFERED],
)
def test_a_published_name_takes_the_published_call(module, name, signature, years):
    found = importlib.import_module(f"cs231n.{module}")
    for part in name.split("."):
        assert hasattr(found, part), f"cs231n.{module} has no {name} ({years})"
        found = getattr(found, part)
    if signature == "?":
        return
    ours = parameters(importlib.import_module(f"cs231n.{module}"), name)
    wrong = list(complaints(ours, signature))
    assert not wrong, f"cs231n.{module}.{name} is not {signature} ({years}): {'; '.join(wrong)}"


def test_the_list_is_well_formed():
    assert len(ROWS) == len(set(ROWS)) > 150
    for row in ROWS:
        assert len(row) == 4, row
        assert YEARS.fullmatch(row[3]), row
        assert row[2] in ("?", "-") or published(row[2]) is not None, row


def test_names_marked_as_not_offered_are_not_there():
    for module, name, signature, _ in ROWS:
        found = hasattr(importlib.import_module(f"cs231n.{module}"), name.split(".")[0])
        assert signature != "-" or not found, f"cs231n.{module}.{name} is there: list its call"


def published_in(*modules):
    return {row[1] for row in OFFERED if row[0] in modules and "." not in row[1]}


LAYERS = ("layers", "fast_layers")
# The module that is star-imported -> modules whose published names come along.
CHAINS = {
    "layers": ("layers",),
    "fast_layers": ("fast_layers",),
    "layer_utils": (*LAYERS, "layer_utils"),
    "classifiers.fc_net": (*LAYERS, "layer_utils", "classifiers.fc_net"),
    "classifiers.cnn": (*LAYERS, "layer_utils", "classifiers.cnn"),
    "classifiers.convnet": (*LAYERS, "layer_utils", "classifiers.convnet"),
    "classifiers.pretrained_cnn": (*LAYERS, "layer_utils", "classifiers.pretrained_cnn"),
    "rnn_layers": ("rnn_layers",),
    "classifiers.rnn": ("layers", "rnn_layers", "classifiers.rnn"),
    "classifiers.linear_classifier": (
        "classifiers.linear_svm",
        "classifiers.softmax",
        "classifiers.linear_classifier",
    ),
    "classifiers.linear_svm": ("classifiers.linear_svm",),
    "classifiers.softmax": ("classifiers.softmax",),
    "classifiers": ("classifiers",),
    "features": ("features",),
    "gradient_check": ("gradient_check",),
    "data_utils": ("data_utils",),
    "data_augmentation": ("data_augmentation",),
    "vis_utils": ("vis_utils",),
}
WITHOUT_NUMPY = {"classifiers"}


@pytest.mark.parametrize("module", CHAINS)
def test_a_star_import_brings_all_that_notebooks_take_from_it(module):
    namespace = {}
    exec(f"from cs231n.{module} import *", namespace)
    missing = published_in(*CHAINS[module]) - set(namespace)
    assert not missing, f"from cs231n.{module} import * lacks {sorted(missing)}"
    if module not in WITHOUT_NUMPY:
        assert namespace.get("np") is np, f"cs231n.{module} does not leak np"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("classifiers.fc_net", ["batchnorm_forward", "dropout_backward", "affine_relu_forward"]),
        ("classifiers.cnn", ["conv_forward_naive", "conv_backward_fast", "max_pool_forward_fast"]),
        ("classifiers.convnet", ["conv_relu_pool_forward", "softmax_loss"]),
    ],
)
def test_names_that_are_only_reached_through_a_model(module, names):
    namespace = {}
    exec(f"from cs231n.{module} import *", namespace)
    assert set(names) <= set(namespace)


@pytest.mark.parametrize(
    ("function", "signature", "words"),
    [
        (lambda x, w: 0, "(x, w)", ""),
        (lambda x, w, extra=0: 0, "(x, w)", ""),
        (lambda *args, **kwargs: 0, "(x, w, *, p=1)", ""),
        (lambda x, b: 0, "(x, w)", "argument 2 is b, not w"),
        (lambda x, b: 0, "(x, w, /)", ""),
        (lambda x: 0, "(x, w)", "argument 2, w, is missing"),
        (lambda x, w, b: 0, "(x, w)", "it demands b"),
        (lambda x, w=1: 0, "(x, w=2)", "w is 1 by default, not 2"),
        (lambda x, w=1: 0, "(x, w=True)", "w is 1 by default, not True"),
        (lambda x, w: 0, "(x, w=...)", "by default"),
        (lambda x, *, p=1: 0, "(x, *, p=1)", ""),
        (lambda x, *, p=1: 0, "(x, *, q=1)", "the keyword q is missing"),
        (lambda x, *, p: 0, "(x)", "it demands p"),
    ],
)
def test_the_comparison_itself(function, signature, words):
    found = "; ".join(complaints(inspect.signature(function).parameters, signature))
    assert (words in found) if words else not found
