"""The k-nearest-neighbour classifier, and three ways to compute all its distances."""

import numpy as np
import numpy.typing as npt

from cs231n.validation import Array, as_extent, as_float_array


class KNearestNeighbor:
    """Give an image the label that most of its k nearest training images have.

    ``dists[i, j] = sqrt(sum_d (X[i, d] - X_train[j, d])^2)``; of labels with equally many votes,
    the smallest wins; of training images at the same distance, the first are nearer. All numbers
    are taken as float64: bytes would overflow, and float32 loses small distances between large
    vectors.

    Attributes
    ----------
    X_train : float64 array (n_train, D), or None before ``train``
    y_train : array (n_train,), or None before ``train``

    References
    ----------
    Cover & Hart, "Nearest neighbor pattern classification", 1967,
    https://doi.org/10.1109/TIT.1967.1053964

    Examples
    --------
    >>> classifier = KNearestNeighbor()
    >>> classifier.train(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]]), np.array([7, 2, 2]))
    >>> classifier.compute_distances_no_loops(np.array([[0.0, 0.0]]))[0, :2].tolist()
    [0.0, 5.0]
    >>> classifier.predict(np.array([[1.0, 0.0], [3.0, 3.0]]), k=1).tolist()
    [7, 2]
    """

    X_train: Array | None = None
    y_train: Array | None = None

    def train(self, X: npt.ArrayLike, y: npt.ArrayLike) -> None:
        """Remember the training images; nothing is computed.

        Parameters
        ----------
        X : array (n_train, D)
            Not copied if it is float64 already.
        y : array (n_train,)
            Labels of any kind that can be sorted.

        Raises
        ------
        ValueError, TypeError
            If X is not a matrix of at least one row of real numbers, or y not one label a row.
        """
        X, y = _as_rows("X", X), np.asarray(y)
        if X.shape[0] == 0:
            raise ValueError(f"X must hold at least one training image, got shape {X.shape}")
        if y.shape != X.shape[:1]:
            raise ValueError(
                f"y must have shape ({X.shape[0]},), one label a row of X {X.shape}, got {y.shape}"
            )
        self.X_train, self.y_train = X, y

    def predict(self, X: npt.ArrayLike, k: int = 1, num_loops: int = 0) -> Array:
        """Return the labels (n_test,) of the images X (n_test, D).

        Parameters
        ----------
        X : array (n_test, D)
        k : int
            How many neighbours vote.
        num_loops : 0, 1 or 2
            Which of the three ways computes the distances.

        Raises
        ------
        ValueError
            For another ``num_loops``, a k outside [1, n_train], or a classifier without training.
        """
        if num_loops not in (0, 1, 2):
            raise ValueError(f"num_loops must be 0, 1 or 2, got {num_loops!r}")
        ways = (
            self.compute_distances_no_loops,
            self.compute_distances_one_loop,
            self.compute_distances_two_loops,
        )
        return self.predict_labels(ways[num_loops](X), k=k)

    def compute_distances_two_loops(self, X: npt.ArrayLike) -> Array:
        """Return the distances (n_test, n_train), one after the other; for reading."""
        X, X_train = self._matching(X)
        dists = np.zeros((X.shape[0], X_train.shape[0]))
        for i in range(X.shape[0]):
            for j in range(X_train.shape[0]):
                dists[i, j] = np.sqrt(np.sum((X[i] - X_train[j]) ** 2))
        return dists

    def compute_distances_one_loop(self, X: npt.ArrayLike) -> Array:
        """Return the distances (n_test, n_train), a test image at a time; for reading."""
        X, X_train = self._matching(X)
        dists = np.zeros((X.shape[0], X_train.shape[0]))
        for i in range(X.shape[0]):
            dists[i] = np.sqrt(np.sum((X_train - X[i]) ** 2, axis=1))
        return dists

    def compute_distances_no_loops(self, X: npt.ArrayLike) -> Array:
        """Return the distances (n_test, n_train) by one matrix product.

        ``|a - b|^2 = |a|^2 - 2 a.b + |b|^2``. The array of differences, (n_test, n_train, D), is
        never made. Distances far below the vectors' own length drown in rounding: they are right
        to about ``1e-8 |a|``.

        Parameters
        ----------
        X : array (n_test, D)
        """
        X, X_train = self._matching(X)
        dists = X @ X_train.T  # (n_test, D) @ (D, n_train) -> (n_test, n_train)
        dists *= -2  # in place from here on: one array of the result's size is enough
        dists += np.einsum("nd,nd->n", X, X)[:, None]
        dists += np.einsum("nd,nd->n", X_train, X_train)
        np.maximum(dists, 0, out=dists)  # rounding may leave -1e-10 where two images are equal
        return np.sqrt(dists, out=dists)

    def predict_labels(self, dists: npt.ArrayLike, k: int = 1) -> Array:
        """Return the labels (n_test,) that win the vote of the k nearest training images.

        Parameters
        ----------
        dists : array (n_test, n_train)
        k : int
            From 1 to n_train.

        Raises
        ------
        ValueError
            For a k outside [1, n_train], distances of another width, or a classifier without
            training.
        """
        _, y_train = self._trained()
        dists, k = as_float_array("dists", dists, ndim=2), as_extent("k", k, 1)
        n_test, n_train = dists.shape
        if n_train != len(y_train):
            raise ValueError(
                f"dists must have a column for each of {len(y_train)} training images, "
                f"got shape {dists.shape}"
            )
        if k > n_train:
            raise ValueError(f"k must lie in [1, {n_train}], the training images, got {k}")
        nearest = np.argsort(dists, axis=1, kind="stable")[:, :k]
        labels, codes = np.unique(y_train, return_inverse=True)  # sorted labels
        boxes = codes[nearest] + len(labels) * np.arange(n_test)[:, None]  # one a row and label
        votes = np.bincount(boxes.ravel(), minlength=n_test * len(labels))
        votes = votes.reshape(n_test, len(labels))  # (n_test * labels,) -> (n_test, labels)
        return labels[votes.argmax(axis=1)]  # the first maximum: the smallest label

    def _trained(self) -> tuple[Array, Array]:
        if self.X_train is None or self.y_train is None:
            raise ValueError("the classifier knows no images yet: call train(X, y) first")
        return self.X_train, self.y_train

    def _matching(self, X: npt.ArrayLike) -> tuple[Array, Array]:
        X, X_train = _as_rows("X", X), _as_rows("X_train", self._trained()[0])
        if X.shape[1] != X_train.shape[1]:
            raise ValueError(
                f"X must have {X_train.shape[1]} columns to match X_train {X_train.shape}, "
                f"got shape {X.shape}"
            )
        return X, X_train


def _as_rows(name: str, value: npt.ArrayLike) -> Array:
    return as_float_array(name, value, ndim=2).astype(np.float64, copy=False)
