"""A notebook in the idiom of each of five years runs to its end, on made-up data."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cs231n

NOTEBOOKS = Path(__file__).parent / "notebooks"
ROWS = 120  # images a batch of the made-up CIFAR-10
# Runs the cells one after the other in one namespace, as a notebook does.
DRIVER = """
import random, sys
random.seed(0)  # grad_check_sparse picks entries with it
path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    cells = file.read().split("# %%")
namespace, line = {"__name__": "__main__"}, 0
for number, cell in enumerate(cells):
    code = "\\n" * line + ("#" if number else "") + cell
    exec(compile(code, path, "exec"), namespace)
    line += cell.count("\\n")
print("ran", len(cells), "cells")
"""
# Year, the release it runs under (None for the default), words that it prints.
RUNS = [
    (2015, "2015", ["Got ", "numerical: ", "rmsprop: final loss", "synset 1 / 2", "kept:  0.9"]),
    (
        2016,
        "2016",
        ["Testing affine_backward function:", "(Epoch 3 / 3) train acc: ", "lstm Final"],
    ),
    (2018, "2018", ["Testing affine_forward function:", "Speedup: ", 'checkpoint to "net_epoch_2']),
    (2018, None, ["Testing affine_forward function:"]),
    (2021, "2021", ["Running check with dropout =  0.75", "(Iteration 1 / 30) loss: "]),
    (2021, None, ["Testing pool_forward_fast: difference:  0.0"]),
    (2025, None, ["batchnorm_backward_alt dx error: ", "Testing conv_backward_naive function"]),
]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    """The folder of an assignment, with data sets in ``cs231n/datasets``."""
    root = tmp_path_factory.mktemp("assignment")
    write_cifar10(root / "cs231n" / "datasets" / "cifar-10-batches-py")
    write_tiny_imagenet(root / "cs231n" / "datasets" / "tiny-imagenet-100-A")
    return root


def write_cifar10(folder):
    """Pickled batches whose classes differ in colour and shade, so that a network can learn."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    shades = rng.integers(40, 216, (10, 3, 4, 4)).repeat(8, axis=2).repeat(8, axis=3)
    for name in [*[f"data_batch_{i}" for i in range(1, 6)], "test_batch"]:
        y = rng.permutation(np.arange(ROWS) % 10)
        X = np.clip(shades[y] + rng.normal(0, 20, (ROWS, 3, 32, 32)), 0, 255).astype(np.uint8)
        batch = {b"data": X.reshape(ROWS, 3072), b"labels": y.tolist()}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))


def write_tiny_imagenet(root):
    """Two classes of two plain pictures each, and one picture to validate and to test."""
    wnids = ("n01", "n02")
    for folder in (*[f"train/{wnid}/images" for wnid in wnids], "val/images", "test/images"):
        (root / folder).mkdir(parents=True)
    (root / "wnids.txt").write_text("\n".join(wnids))
    (root / "words.txt").write_text("n01\tcat, house cat\nn02\tdog\n")
    for shade, wnid in enumerate(wnids, 1):
        names = [f"{wnid}_{i}.JPEG" for i in range(2)]
        boxes = "".join(f"{name}\t0\t0\t63\t63\n" for name in names)
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text(boxes)
        for name in names:
            picture = Image.new("RGB", (64, 64), (80 * shade, 10, 10))
            picture.save(root / "train" / wnid / "images" / name)
    for part in ("val", "test"):
        Image.new("L", (64, 64), 99).save(root / part / "images" / f"{part}_0.JPEG")
    (root / "val" / "val_annotations.txt").write_text("val_0.JPEG\tn02\t0\t0\t63\t63\n")


@pytest.mark.parametrize(("year", "release", "words"), RUNS, ids=[f"{r[0]}-{r[1]}" for r in RUNS])
def test_a_notebook_of_the_year_runs_to_its_end(assignment, year, release, words):
    environment = dict(os.environ, MPLBACKEND="Agg", CS231N_DATA=str(assignment / "cache"))
    # A folder of data named cs231n in the working directory must not hide the package.
    environment["PYTHONPATH"] = str(Path(cs231n.__file__).parents[1])
    environment.pop("CS231N_RELEASE", None)
    if release:
        environment["CS231N_RELEASE"] = release
    result = subprocess.run(
        [sys.executable, "-c", DRIVER, str(NOTEBOOKS / f"year_{year}.py")],
        cwd=assignment,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.splitlines()[-1].startswith("ran ")
    for word in words:
        assert word in result.stdout, f"the notebook of {year} never prints {word!r}"
