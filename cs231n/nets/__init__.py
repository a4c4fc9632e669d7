"""Networks as descriptions, and the planned way to run them.

``specs`` say what a layer is; ``placing`` hands shapes from layer to layer and names the arrays;
``plan`` lays all arrays out in memory, once, and gives each layer's ``steps`` theirs; ``network``
runs them.
"""

from cs231n.nets.network import Network
from cs231n.nets.profile import LayerProfile, Profile
from cs231n.nets.specs import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Constant,
    Conv,
    Dirac,
    DropConnect,
    Dropout,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Glorot,
    GrahamUniform,
    GroupNorm,
    He,
    Initial,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Normal,
    ReLU,
    Residual,
    Scale,
    Spec,
)
from cs231n.nets.zoo import Architecture, whiten, whitening_filters, zoo
