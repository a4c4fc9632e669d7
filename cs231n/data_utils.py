"""Data as the course's notebooks load it; the code lives in :mod:`cs231n.data`."""

import numpy as np  # noqa: F401 - published modules leak it

from cs231n.data.course_cifar10 import get_CIFAR10_data as get_CIFAR10_data
from cs231n.data.course_cifar10 import load_CIFAR10 as load_CIFAR10
from cs231n.data.course_cifar10 import load_CIFAR_batch as load_CIFAR_batch
from cs231n.data.course_cifar10 import load_pickle as load_pickle
from cs231n.data.course_files import load_imagenet_val as load_imagenet_val
from cs231n.data.course_files import load_models as load_models
from cs231n.data.tiny_imagenet import load_tiny_imagenet as load_tiny_imagenet
