"""TinyImageNet, from two classes of made-up pictures in the published layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cs231n import use_release
from cs231n.data.tiny_imagenet import load_tiny_imagenet


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory of one's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def image(seed, mode="RGB", size=(64, 64)):
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    rng = np.random.default_rng(seed)
    return Image.fromarray(np.full(shape, rng.integers(0, 256), np.uint8))


def write_tiny(root, annotated=True):
    """Two classes with two training images each, one of them grey."""
    root = Path(root)
    for folder in ("train/n1/images", "train/n2/images", "val/images", "test/images"):
        (root / folder).mkdir(parents=True)
    (root / "wnids.txt").write_text("n2\nn1\n")
    (root / "words.txt").write_text("n1\tcat, feline\nn2\tdog\nn3\tnever used\n")
    for c, wnid in enumerate(("n1", "n2")):
        lines = []
        for i in range(2):
            name = f"{wnid}_{i}.JPEG"
            picture = image(10 * c + i, "L" if i else "RGB")
            picture.save(root / "train" / wnid / "images" / name, "JPEG", quality=100)
            lines.append(f"{name}\t0\t0\t62\t62\n")
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text("".join(lines))
    for part, count in (("val", 3), ("test", 2)):
        names = [f"{part}_{i}.JPEG" for i in range(count)]
        for i, name in enumerate(names):
            image(100 + i).save(root / part / "images" / name, "JPEG", quality=100)
        if part == "val" or annotated:
            lines = [f"{name}\tn{1 + i % 2}\t0\t0\t1\t1\n" for i, name in enumerate(names)]
            (root / part / f"{part}_annotations.txt").write_text("".join(lines))
    return root


def level(seed):
    return int(np.asarray(image(seed))[0, 0, 0])


def test_tiny_imagenet(here, capsys):
    write_tiny("cs231n/datasets/tiny")
    data = load_tiny_imagenet("cs231n/datasets/tiny", subtract_mean=False)
    assert capsys.readouterr().out == "loading training data for synset 1 / 2\n"
    assert data["class_names"] == [["dog"], ["cat", "feline"]]
    assert data["X_train"].shape == (4, 3, 64, 64)
    assert data["X_train"].dtype == np.float32
    assert [data[k].tolist() for k in ("y_train", "y_val", "y_test")] == [
        [0, 0, 1, 1],
        [1, 0, 1],
        [1, 0],
    ]
    levels = [level(10), level(11), level(0), level(1)]
    np.testing.assert_allclose(data["X_train"].mean((2, 3)), np.tile(levels, (3, 1)).T, atol=2)
    np.testing.assert_allclose(
        data["X_val"][:, 0, 5, 5], [level(100 + i) for i in range(3)], atol=2
    )
    assert data["mean_image"].shape == (3, 64, 64)


def test_tiny_imagenet_unpacks_as_a_tuple_and_is_a_dict(here):
    write_tiny("tiny", annotated=False)
    data = load_tiny_imagenet("tiny", dtype=np.float64)
    class_names, X_train, y_train, X_val, y_val, X_test, y_test = data
    assert X_train is data["X_train"]
    assert X_test is data["X_test"]
    assert y_test is None
    assert (class_names, X_val.dtype) == (data["class_names"], np.float64)
    assert isinstance(data, dict)
    assert dict(data.items())["y_val"] is y_val
    assert set(data.keys()) - {"mean_image"} == {
        *("class_names", "X_train", "y_train", "X_val", "y_val", "X_test", "y_test")
    }


def test_tiny_imagenet_subtracts_the_mean_unless_it_is_2015(here):
    write_tiny("tiny")
    raw = load_tiny_imagenet("tiny", subtract_mean=False)
    default = load_tiny_imagenet("tiny")
    with use_release(2015):
        old = load_tiny_imagenet("tiny")
        asked = load_tiny_imagenet("tiny", subtract_mean=True)
    for part in ("X_train", "X_val", "X_test"):
        np.testing.assert_array_equal(old[part], raw[part])
        np.testing.assert_array_equal(asked[part], default[part])
        np.testing.assert_allclose(default[part], raw[part] - raw["mean_image"], atol=1e-4)
    np.testing.assert_allclose(raw["mean_image"], raw["X_train"].mean(0), atol=1e-4)


def spoil(root, path, content):
    if content is None:
        (root / path).unlink()
    elif isinstance(content, str):
        (root / path).write_text(content)
    else:
        content.save(root / path, "JPEG")


@pytest.mark.parametrize(
    ("path", "content", "error", "words"),
    [
        ("wnids.txt", None, FileNotFoundError, "wnids.txt"),
        ("wnids.txt", "n1\n../n2\n", ValueError, "no plain file name"),
        ("words.txt", "n1\tcat\n", ValueError, "no words for n2"),
        ("words.txt", "n1 cat\n", ValueError, "expected 2 columns"),
        ("train/n1/n1_boxes.txt", "../x.JPEG\t0\n", ValueError, "no plain file name"),
        ("train/n1/images/n1_0.JPEG", None, FileNotFoundError, "n1_0.JPEG"),
        ("train/n1/images/n1_0.JPEG", "text", ValueError, "n1_0.JPEG is no image"),
        ("val/images/val_0.JPEG", image(0, size=(64, 32)), ValueError, "64 x 32 pixels"),
        ("val/val_annotations.txt", "val_0.JPEG\tn9\n", ValueError, "the class 'n9'"),
        ("test/test_annotations.txt", "test_0.JPEG\tn1\n", ValueError, "no class for test_1"),
    ],
)
def test_a_damaged_tiny_imagenet_is_refused(here, path, content, error, words):
    spoil(write_tiny("tiny"), path, content)
    with pytest.raises(error, match=words):
        load_tiny_imagenet("tiny")


def test_tiny_imagenet_misuse(here):
    write_tiny("tiny")
    assert load_tiny_imagenet("tiny", np.uint8, subtract_mean=False)["X_val"].dtype == np.uint8
    with pytest.raises(ValueError, match="uint8; subtract_mean=True needs floating-point"):
        load_tiny_imagenet("tiny", np.uint8)
    with pytest.raises(FileNotFoundError, match=r"(?s)nowhere was not found.*tiny-imagenet-200"):
        load_tiny_imagenet("nowhere")
