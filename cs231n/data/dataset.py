"""What every data set of this package is: two parts of images with labels, and class names."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A data set for image classification, checked when it is made.

    Parameters
    ----------
    name : str
        The name under which :func:`cs231n.data.load` knows it.
    X_train, X_test : ndarray
        Images, uint8, (N, C, H, W); both parts have the same C, H, W.
    y_train, y_test : ndarray
        Labels, int64, (N,), each an index into ``class_names``.
    class_names : tuple of str
        One name per class.

    Raises
    ------
    TypeError, ValueError
        If a part has another type, another shape, or labels without a class name.

    Examples
    --------
    >>> X, y = np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1])
    >>> Dataset("toy", X, y, X[:1], y[:1], ("cat", "dog"))
    Dataset('toy', 2 train, 1 test, input (1, 8, 8), 2 classes)
    """

    name: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name is {self.name!r}; expected a str")
        _check_class_names(self.class_names)
        for part in ("train", "test"):
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            _check_array(f"X_{part}", X, np.uint8, "(N, C, H, W)")
            _check_array(f"y_{part}", y, np.int64, "(N,)")
            _check_labels(part, X, y, len(self.class_names))
        if self.X_train.shape[1:] != self.X_test.shape[1:]:
            raise ValueError(
                f"X_test has shape {self.X_test.shape}; "
                f"expected images like those of X_train, {self.X_train.shape}"
            )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape (C, H, W) of one image."""
        channels, height, width = self.X_train.shape[1:]
        return channels, height, width

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name!r}, {len(self.y_train)} train, {len(self.y_test)} test, "
            f"input {self.input_shape}, {len(self.class_names)} classes)"
        )


def _check_class_names(names: tuple[str, ...]) -> None:
    """Raise unless ``names`` is a tuple of at least one string."""
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"class_names is {names!r}; expected a tuple of str")
    if not names:
        raise ValueError("class_names is empty; expected one name per class")


def _check_array(name: str, value: np.ndarray, dtype: type, shape: str) -> None:
    """Raise unless ``value`` is an array of ``dtype`` with as many dimensions as ``shape``."""
    expected = f"expected {np.dtype(dtype).name} {shape}"
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} is a {type(value).__name__}; {expected}")
    if value.dtype != dtype:
        raise TypeError(f"{name} has dtype {value.dtype}; {expected}")
    if value.ndim != shape.strip("(,)").count(",") + 1:
        raise ValueError(f"{name} has shape {value.shape}; {expected}")


def _check_labels(part: str, X: np.ndarray, y: np.ndarray, num_classes: int) -> None:
    """Raise unless there is one label in [0, num_classes) per image."""
    if len(X) != len(y):
        raise ValueError(f"y_{part} has shape {y.shape}; expected one label per image of {X.shape}")
    if y.size and not 0 <= y.min() <= y.max() < num_classes:
        raise ValueError(
            f"y_{part} has labels from {y.min()} to {y.max()}; expected 0 to {num_classes - 1}"
        )
