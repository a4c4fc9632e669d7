"""COCO: reading files made here, drawing minibatches, turning numbers into words."""

import json
import sys

import numpy as np
import pytest
from oracles import run_python

from cs231n.coco_utils import decode_captions, load_coco_data, sample_coco_minibatch

IDX_TO_WORD = ["<NULL>", "<START>", "<END>", "cat", "dog"]
ARRAYS = {
    "train_captions": np.arange(7)[:, None] + np.arange(4),
    "train_image_idxs": np.array([0, 1, 2, 0, 1, 2, 2]),
    "val_captions": np.ones((2, 4), np.int32),
    "val_image_idxs": np.array([1, 0]),
}


@pytest.fixture
def folder(tmp_path):
    """The files of coco_captioning.zip, small."""
    h5py = pytest.importorskip("h5py")
    base = tmp_path / "coco_captioning"
    base.mkdir()
    with h5py.File(base / "coco2014_captions.h5", "w") as file:
        for name, array in ARRAYS.items():
            file[name] = array
    for split, images in (("train", 3), ("val", 2)):
        for kind, D in (("vgg16_fc7", 6), ("vgg16_fc7_pca", 4)):
            with h5py.File(base / f"{split}2014_{kind}.h5", "w") as file:
                file["features"] = np.full((images, D), images, dtype=np.float32)
        urls = "".join(f"http://127.0.0.1/{split}{i}.jpg\n" for i in range(images))
        (base / f"{split}2014_urls.txt").write_text(urls, encoding="utf-8")
    words = {"idx_to_word": IDX_TO_WORD, "word_to_idx": {w: i for i, w in enumerate(IDX_TO_WORD)}}
    (base / "coco2014_vocab.json").write_text(json.dumps(words), encoding="utf-8")
    return base


# ---- loading ----


def test_everything_is_loaded(folder):
    data = load_coco_data(folder)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(data[name], array)
        assert data[name].dtype == array.dtype
    assert data["train_features"].shape == (3, 4)
    assert data["val_features"].shape == (2, 4)
    assert data["train_features"].dtype == np.float32
    assert data["train_urls"].tolist()[2] == "http://127.0.0.1/train2.jpg"
    assert data["val_urls"].shape == (2,)
    assert data["idx_to_word"] == IDX_TO_WORD
    assert data["word_to_idx"]["dog"] == 4
    assert set(data) == {
        *ARRAYS, "train_features", "val_features", "train_urls", "val_urls",
        "idx_to_word", "word_to_idx",
    }  # fmt: skip


def test_all_features_on_request(folder):
    assert load_coco_data(str(folder), pca_features=False)["train_features"].shape == (3, 6)


def test_a_part_of_the_training_captions(folder):
    np.random.seed(0)
    data = load_coco_data(base_dir=str(folder), max_train=20)
    assert data["train_captions"].shape == (20, 4)
    assert data["val_captions"].shape == (2, 4)
    for caption, image in zip(data["train_captions"], data["train_image_idxs"], strict=True):
        assert image == ARRAYS["train_image_idxs"][caption[0]]
    assert len(set(data["train_captions"][:, 0])) > 3


def test_the_published_path_from_another_folder(folder, tmp_path, monkeypatch):
    """Relative to the working directory first, then to where the package is."""
    monkeypatch.chdir(tmp_path)
    assert load_coco_data("coco_captioning")["val_captions"].shape == (2, 4)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr("cs231n.data.places.PACKAGE", tmp_path / "cs231n")
    assert load_coco_data("coco_captioning")["val_captions"].shape == (2, 4)


def test_a_missing_folder_names_every_place_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cs231n.data.places.PACKAGE", tmp_path / "site" / "cs231n")
    with pytest.raises(FileNotFoundError) as error:
        load_coco_data()
    path = "cs231n/datasets/coco_captioning"
    assert str(tmp_path / path) in str(error.value)
    assert str(tmp_path / "site" / path) in str(error.value)
    assert "coco_captioning.zip" in str(error.value)


def test_a_missing_file_is_named(folder):
    (folder / "val2014_vgg16_fc7_pca.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"val2014_vgg16_fc7_pca\.h5"):
        load_coco_data(folder)


def test_without_h5py_the_error_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "coco2014_captions.h5").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"h5py is needed.*pip install h5py"):
        load_coco_data(tmp_path)


def test_importing_needs_no_h5py():
    result = run_python("import sys, cs231n.coco_utils; print('h5py' in sys.modules)")
    assert result.stdout.strip() == "False", result.stderr


# ---- minibatches ----


def test_minibatches_keep_caption_image_and_address_together():
    data = {
        **ARRAYS,
        "train_features": np.array([[0.0], [1.0], [2.0]]),
        "train_urls": np.array(["0", "1", "2"]),
    }
    np.random.seed(0)
    captions, features, urls = sample_coco_minibatch(data)
    assert (captions.shape, features.shape, urls.shape) == ((100, 4), (100, 1), (100,))
    for caption, feature, url in zip(captions, features, urls, strict=True):
        image = ARRAYS["train_image_idxs"][caption[0]]
        assert (image, str(image)) == (feature[0], url)
    assert len(set(captions[:, 0])) == 7
    np.random.seed(0)
    np.testing.assert_array_equal(sample_coco_minibatch(data)[0], captions)


def test_minibatches_of_another_part():
    data = {**ARRAYS, "val_features": np.ones((2, 5)), "val_urls": np.array(["a", "b"])}
    captions, features, _ = sample_coco_minibatch(data, split="val", batch_size=3)
    assert (captions.shape, features.shape) == ((3, 4), (3, 5))
    with pytest.raises(ValueError, match=r"the keys \['train_features', 'train_urls'\]"):
        sample_coco_minibatch(data)


# ---- words ----


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ([1, 3, 4, 2], "<START> cat dog <END>"),
        ([1, 3, 2, 0, 0], "<START> cat <END>"),
        ([0, 3, 0, 4], "cat dog"),
        ([3, 2, 4, 4], "cat <END>"),
        ([2], "<END>"),
        ([0, 0], ""),
        ([], ""),
    ],
)
def test_captions_become_sentences(caption, sentence):
    caption = np.array(caption, dtype=np.int32)
    assert decode_captions(caption, IDX_TO_WORD) == sentence
    assert decode_captions(caption[None], IDX_TO_WORD) == [sentence]
    assert decode_captions(caption, dict(enumerate(IDX_TO_WORD))) == sentence


def test_many_captions_become_many_sentences():
    assert decode_captions(np.array([[3, 2], [4, 0]]), IDX_TO_WORD) == ["cat <END>", "dog"]


def test_captions_that_are_refused():
    with pytest.raises(TypeError, match=r"^captions must hold words as integers"):
        decode_captions(np.array([1.0]), IDX_TO_WORD)
    for bad in (5, -1):
        with pytest.raises(ValueError, match=r"^captions must hold words from 0 to 4"):
            decode_captions(np.array([bad]), IDX_TO_WORD)
    with pytest.raises(ValueError, match=r"^captions must hold numbers that have a word, got 1$"):
        decode_captions(np.array([1]), {0: "<NULL>", 2: "cat"})
    with pytest.raises(ValueError, match=r"^captions must have shape \(T,\) or \(N, T\)"):
        decode_captions(np.ones((1, 1, 1), int), IDX_TO_WORD)
