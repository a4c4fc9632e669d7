"""The house rules that a program can check: who imports whom, docstrings, sizes."""

import ast
import inspect
from pathlib import Path

import pytest
from oracles import run_python

import cs231n

PACKAGE = Path(cs231n.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
KERNELS = PACKAGE / "kernels"
COMPILED_SOURCES = sorted([*KERNELS.glob("*.pyx"), *KERNELS.glob("c/*.[ch]")])

# Who may import whom: each only what stands in its own row, or in a row below. The modules of one
# row may know each other, as long as there are no circles.
ROWS = [
    {"cli"},
    {"course"},
    {"training", "visualize", "vis_utils"},
    {"nets", "classifiers", "solver", "classifier_trainer", "captioning_solver"},
    {"augmentation", "data_augmentation", "marginalize", "layer_utils"},
    {"features", "compat", "image_utils", "coco_utils"},
    {"layers", "fast_layers", "rnn_layers"},
    {"im2col", "im2col_cython", "kernels"},
    {"validation", "release"},
]
# These stand alone: they import nothing of ours but themselves and, like all, the lowest row.
ALONE = [{"data", "data_utils"}, {"gradient_check", "gradients"}, {"optim"}, {"files"}, {"setup"}]
MOST_LINES, MOST_BODY_LINES, SHORT = 400, 60, 30


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module):
    """The part of the package a module belongs to: ``cs231n.layers.affine`` -> ``layers``."""
    return module.split(".")[1] if "." in module else ""


MODULES = {module_name(path): path for path in SOURCES}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(tree):
    """Yield the modules of ours that a tree imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in names]
        else:
            continue
        yield from (name for name in names if name and name.split(".")[0] == "cs231n")


IMPORTS = {name: set(imported(tree)) for name, tree in TREES.items()}


def allowed(from_room):
    for group in ALONE:
        if from_room in group:
            return group | ROWS[-1]
    below = [ROWS[i:] for i, names in enumerate(ROWS) if from_room in names]
    if not below:
        pytest.skip("it has no room yet, which a test of its own tells")
    return set().union(*below[0], *ALONE)


def test_every_module_has_a_room():
    rooms = set().union(*ROWS, *ALONE)
    unknown = {room(name) for name in MODULES} - rooms - {""}
    assert not unknown, (
        f"{sorted(unknown)} stand nowhere in the import order: give them a room in "
        "ROWS or ALONE of tests/test_imports.py (and in the architecture's list)"
    )


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way(name):
    if room(name) == "":
        assert IMPORTS[name] == {"cs231n.release"}, "`import cs231n` itself must stay light"
        return
    wrong = {target for target in IMPORTS[name] if room(target) not in {*allowed(room(name)), ""}}
    assert not wrong, f"{name} may not import {sorted(wrong)}"


def test_no_circles_between_rooms():
    """Within a room a package may import from its own parts; rooms must form no circle."""
    edges = {}
    for name, targets in IMPORTS.items():
        edges.setdefault(room(name), set()).update(map(room, targets))
    done = set()

    def visit(here, path):
        assert here not in path, f"a circle of imports: {' -> '.join([*path, here])}"
        if here not in done:
            for target in edges.get(here, set()) - {here, ""}:
                visit(target, [*path, here])
            done.add(here)

    for start in edges:
        visit(start, [])


def test_no_circles_between_modules():
    done = set()

    def visit(here, path):
        assert here not in path, f"a circle of imports: {' -> '.join([*path, here])}"
        if here not in done:
            for target in IMPORTS.get(here, set()) - {here}:
                # A package's face may import its parts, which name the package when they import
                # each other.
                if target in MODULES and not here.startswith(f"{target}."):
                    visit(target, [*path, here])
            done.add(here)

    for start in MODULES:
        visit(start, [])


@pytest.mark.parametrize("name", MODULES)
def test_imports_are_absolute(name):
    relative = [n for n in ast.walk(TREES[name]) if isinstance(n, ast.ImportFrom) and n.level]
    assert not relative, f"{name} has a relative import in line {relative[0].lineno}"


@pytest.mark.parametrize("module", ["", ".layers", ".fast_layers", ".layer_utils"])
def test_imports_are_light(module):
    heavy = ("matplotlib", "sklearn", "scipy", "torch", "pooch", "tqdm")
    code = f"import sys, cs231n{module}; print(sorted(set(sys.modules) & set({heavy})))"
    result = run_python(code, warnings="ignore")
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr


def test_importing_the_package_imports_next_to_nothing_of_ours():
    code = "import sys, cs231n; print([m for m in sys.modules if m.startswith('cs231n.')])"
    assert run_python(code).stdout.strip() == "['cs231n.release']"


def functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function):
    """Lines of the body without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def public_functions(name):
    if any(part.startswith("_") for part in name.split(".")):
        return []
    nodes = [n for n in TREES[name].body if isinstance(n, ast.FunctionDef)]
    return [n for n in nodes if not n.name.startswith("_")]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_and_public_function_has_a_docstring(name):
    assert ast.get_docstring(TREES[name]), f"{name} has no docstring"
    for function in public_functions(name):
        assert ast.get_docstring(function), f"{name}.{function.name} has no docstring"


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_show_an_example_or_are_short(name):
    for function in public_functions(name):
        has_example = ">>>" in (ast.get_docstring(function) or "")
        assert has_example or body_lines(function) <= SHORT, (
            f"{name}.{function.name} has {body_lines(function)} lines and no example"
        )


@pytest.mark.parametrize("name", ["layers", "fast_layers", "im2col", "im2col_cython"])
def test_the_published_layers_all_show_an_example(name):
    module = __import__(f"cs231n.{name}", fromlist=["*"])
    for function_name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__.startswith(f"cs231n.{name}") and not function_name.startswith("_"):
            helper = function_name.endswith("_geometry")
            assert helper or ">>>" in function.__doc__, f"{name}.{function_name} has no example"


@pytest.mark.parametrize("name", MODULES)
def test_function_bodies_fit_on_a_screen(name):
    for function in functions(TREES[name]):
        lines = body_lines(function)
        assert lines <= MOST_BODY_LINES, f"{name}.{function.name} has a body of {lines} lines"


@pytest.mark.parametrize("path", [*SOURCES, *COMPILED_SOURCES], ids=lambda p: p.name)
def test_files_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{path.name} has {lines} lines"


def test_docstrings_are_at_most_forty_lines():
    for name in MODULES:
        for function in public_functions(name):
            lines = len((ast.get_docstring(function) or "").splitlines())
            assert lines <= 40, f"{name}.{function.name} has a docstring of {lines} lines"
