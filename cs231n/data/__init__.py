"""Data sets of labelled images: two that need no network, CIFAR-10 and MNIST.

``load("shapes")`` returns a :class:`Dataset`; :func:`available` tells what is on this machine.
"""

from cs231n.data.archives import unpack
from cs231n.data.catalog import Availability, available, load
from cs231n.data.cifar10 import load_cifar10, read_binary_batch, read_pickled_batch
from cs231n.data.dataset import Dataset
from cs231n.data.digits import load_digits
from cs231n.data.download import cache_folder
from cs231n.data.idx import read_idx
from cs231n.data.mnist import load_mnist
from cs231n.data.restricted_pickle import restricted_load
from cs231n.data.shapes import load_shapes, make_shapes
