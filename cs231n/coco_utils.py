"""Microsoft COCO as assignment 3 has it: features, captions and addresses of images.

Lin et al., "Microsoft COCO: common objects in context", ECCV 2014, https://arxiv.org/abs/1405.0312
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cs231n.data.places import find, places
from cs231n.layers.recurrent.embedding import as_words
from cs231n.validation import Array

BASE_DIR = "cs231n/datasets/coco_captioning"
_ADVICE = "unpack the course's coco_captioning.zip to one of these places, or pass base_dir"


def load_coco_data(
    base_dir: str | os.PathLike[str] = BASE_DIR,
    max_train: int | None = None,
    pca_features: bool = True,
) -> dict[str, Any]:
    """Load captions, features, vocabulary and addresses.

    Parameters
    ----------
    base_dir : path-like
        The folder of ``coco2014_captions.h5``; a relative path is meant from the
        working directory, or from the folder of the package, so that a notebook may run anywhere.
    max_train : int, optional
        Draw so many training captions at random, with replacement.
    pca_features : bool
        512 numbers an image, instead of all 4,096 of VGG-16's layer fc7.

    Returns
    -------
    data : dict
        For ``train`` and ``val``: ``train_captions`` int (M, 17), ``train_image_idxs`` int (M,),
        the image of each caption, ``train_features`` (images, D) and ``train_urls`` (images,);
        ``idx_to_word``, a list, and ``word_to_idx``, a dict.

    Raises
    ------
    FileNotFoundError
        If the folder or one of its files is missing; names where it was looked for.
    ImportError
        If h5py is not installed.

    Examples
    --------
    >>> data = load_coco_data(max_train=50)  # doctest: +SKIP
    >>> data["train_captions"].shape  # doctest: +SKIP
    (50, 17)
    """
    folder = find(places("base_dir", base_dir), _ADVICE, Path.is_dir)
    data: dict[str, Any] = _read_h5(folder / "coco2014_captions.h5")
    kind = "vgg16_fc7_pca" if pca_features else "vgg16_fc7"
    for split in ("train", "val"):
        data[f"{split}_features"] = _read_h5(folder / f"{split}2014_{kind}.h5")["features"]
        urls = (folder / f"{split}2014_urls.txt").read_text(encoding="utf-8").splitlines()
        data[f"{split}_urls"] = np.asarray([url.strip() for url in urls])
    data.update(json.loads((folder / "coco2014_vocab.json").read_text(encoding="utf-8")))
    if max_train is not None:
        drawn = np.random.randint(len(data["train_captions"]), size=max_train)
        for key in ("train_captions", "train_image_idxs"):
            data[key] = data[key][drawn]
    return data


def _read_h5(path: Path) -> dict[str, Array]:
    """Return every dataset of an HDF5 file."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path.absolute())!r}")
    try:
        import h5py
    except ImportError as error:
        raise ImportError(f"h5py is needed to read {path.name}: pip install h5py") from error
    with h5py.File(path, "r") as file:
        return {name: np.asarray(dataset) for name, dataset in file.items()}


def sample_coco_minibatch(
    data: Mapping[str, Any], batch_size: int = 100, split: str = "train"
) -> tuple[Array, Array, Array]:
    """Draw captions at random, with replacement, each with its image.

    Parameters
    ----------
    data : dict
        As :func:`load_coco_data` gives it.
    batch_size : int
    split : ``'train'`` or ``'val'``

    Returns
    -------
    captions : integer array (batch_size, T)
    features : array (batch_size, D)
    urls : array of str (batch_size,)

    Examples
    --------
    >>> captions, image_idxs = np.array([[1, 2]]), np.array([1])
    >>> data = {"val_captions": captions, "val_image_idxs": image_idxs,
    ...         "val_features": np.array([[0.0], [7.0]]), "val_urls": np.array(["a", "b"])}
    >>> captions, features, urls = sample_coco_minibatch(data, batch_size=2, split="val")
    >>> captions.tolist(), features.tolist(), urls.tolist()
    ([[1, 2], [1, 2]], [[7.0], [7.0]], ['b', 'b'])
    """
    missing = [
        key
        for key in (f"{split}_{part}" for part in ("captions", "image_idxs", "features", "urls"))
        if key not in data
    ]
    if missing:
        raise ValueError(f"data must have the keys {missing}, got the keys {sorted(data)}")
    drawn = np.random.choice(len(data[f"{split}_captions"]), batch_size)
    images = data[f"{split}_image_idxs"][drawn]
    return (
        data[f"{split}_captions"][drawn],
        data[f"{split}_features"][images],
        data[f"{split}_urls"][images],
    )


def decode_captions(
    captions: Array, idx_to_word: Sequence[str] | Mapping[int, str]
) -> str | list[str]:
    """Turn numbers into words: without ``'<NULL>'``, and up to ``'<END>'``, which is kept.

    Parameters
    ----------
    captions : integer array (T,) or (N, T)
    idx_to_word : list or dict
        The word of each number.

    Returns
    -------
    str for one caption, list of str for many

    Raises
    ------
    TypeError
        If the captions are not integers.
    ValueError
        If a number has no word, or there are not one or two dimensions.

    Examples
    --------
    >>> decode_captions(np.array([1, 3, 0, 2, 3]), ["<NULL>", "<START>", "<END>", "cat"])
    '<START> cat <END>'
    """
    words_of = (
        dict(idx_to_word) if isinstance(idx_to_word, Mapping) else dict(enumerate(idx_to_word))
    )
    captions = as_words("captions", captions, max(words_of, default=-1) + 1)
    if captions.ndim not in (1, 2):
        raise ValueError(f"captions must have shape (T,) or (N, T), got {captions.shape}")
    decoded = [_sentence(row, words_of) for row in np.atleast_2d(captions).tolist()]
    return decoded[0] if captions.ndim == 1 else decoded


def _sentence(row: list[int], words_of: Mapping[int, str]) -> str:
    words = []
    for number in row:
        if number not in words_of:
            raise ValueError(f"captions must hold numbers that have a word, got {number}")
        word = words_of[number]
        if word != "<NULL>":
            words.append(word)
        if word == "<END>":
            break
    return " ".join(words)
