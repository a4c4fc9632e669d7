"""Layers as descriptions: one small frozen dataclass each."""

from cs231n.nets.specs.affine import Affine, Flatten
from cs231n.nets.specs.base import Parameter, Shape, Spec
from cs231n.nets.specs.convolution import Conv
from cs231n.nets.specs.normalization import BatchNorm, LayerNorm
from cs231n.nets.specs.pointwise import Dropout, ReLU
from cs231n.nets.specs.pooling import AvgPool, GlobalAvgPool, MaxPool
