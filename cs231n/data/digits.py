"""The 1,797 handwritten digits, 8x8, that come with scikit-learn: no download."""

import numpy as np

from cs231n.data.dataset import Dataset

NUM_TRAIN = 1000
SEED = 231


def load_digits() -> Dataset:
    """Load scikit-learn's digits, always split into the same parts.

    1,000 images to train and 797 to test, every class in the same proportion in both, drawn
    with the fixed seed 231. The grey levels 0..16 of the source become 0..255.

    Returns
    -------
    Dataset
        Images uint8, (N, 1, 8, 8).

    Notes
    -----
    E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI, 1998,
    https://doi.org/10.24432/C50P49

    Examples
    --------
    >>> load_digits()
    Dataset('digits', 1000 train, 797 test, input (1, 8, 8), 10 classes)
    """
    from sklearn import datasets

    source = datasets.load_digits()
    X = np.rint(source.images * (255 / 16)).astype(np.uint8)[:, None]  # (N, 8, 8) -> (N, 1, 8, 8)
    y = source.target.astype(np.int64)
    train, test = _stratified(y, NUM_TRAIN)
    names = tuple(str(digit) for digit in range(10))
    return Dataset("digits", X[train], y[train], X[test], y[test], names)


def _stratified(y: np.ndarray, num_train: int) -> tuple[np.ndarray, np.ndarray]:
    """Return shuffled indices of both parts, each class in the same proportion."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    order = rng.permutation(len(y))
    # The rank of every example within its class, as a fraction, puts the classes side by side:
    # the num_train lowest fractions hold the same share of each.
    fraction = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        fraction[members] = (np.arange(len(members)) + 0.5) / len(members)
    ranked = order[np.argsort(fraction[order], kind="stable")]
    return rng.permutation(ranked[:num_train]), rng.permutation(ranked[num_train:])
