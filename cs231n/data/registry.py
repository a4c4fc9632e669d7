"""What can be downloaded: file names, hashes, and the addresses that hold them, in order.

CIFAR-10's hashes are those that its publisher gives; MNIST's were computed from the official
files. A new mirror is one more address.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteFile:
    """A file that several addresses hold.

    Parameters
    ----------
    name : str
        What it is called on disk.
    known_hash : str
        ``"sha256:..."`` or ``"md5:..."``.
    urls : tuple of str
        Where it is, the first choice first.
    """

    name: str
    known_hash: str
    urls: tuple[str, ...]


_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_MNIST_HASHES = {
    "train-images-idx3-ubyte.gz": (
        "71524e2cd1ad2968737f7f2f2ff69cbfc32df8ccddff51593f7cb2d4e0eb5b64"
    ),
    "train-labels-idx1-ubyte.gz": (
        "fe03b8bd7915f70bf5aa08be480aa413fbd85afcaa58b35d230d335f284fd88e"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "5634745efa576a17e7d4cf5cd9d09123c75e6538e5114267c2d156edaf519341"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "ae18e77e031ccde52407f794d123116439864147d33ac992975f85dd4dc42af6"
    ),
}
MNIST = tuple(
    RemoteFile(name, f"sha256:{digest}", tuple(mirror + name for mirror in _MNIST_MIRRORS))
    for name, digest in _MNIST_HASHES.items()
)

_CIFAR10_MIRRORS = ("https://www.cs.toronto.edu/~kriz/", "http://www.cs.toronto.edu/~kriz/")
_CIFAR10_HASHES = {
    "cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530",
    "cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a",
}
# Either archive holds the whole data set; the second is tried when the first cannot be had.
CIFAR10 = tuple(
    RemoteFile(name, f"md5:{digest}", tuple(mirror + name for mirror in _CIFAR10_MIRRORS))
    for name, digest in _CIFAR10_HASHES.items()
)
