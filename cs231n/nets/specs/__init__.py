"""Layers as descriptions: one small frozen dataclass each."""

from cs231n.nets.specs.affine import Affine, DropConnect, Flatten
from cs231n.nets.specs.base import Parameter, Shape, Spec, Window
from cs231n.nets.specs.convolution import Conv
from cs231n.nets.specs.initial import (
    Constant,
    Dirac,
    FanInUniform,
    Glorot,
    GrahamUniform,
    He,
    Initial,
    Normal,
)
from cs231n.nets.specs.normalization import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from cs231n.nets.specs.pointwise import GELU, Dropout, LeakyReLU, ReLU, Scale
from cs231n.nets.specs.pooling import AvgPool, FractionalMaxPool, GlobalAvgPool, MaxPool
from cs231n.nets.specs.residual import Residual, Sum
