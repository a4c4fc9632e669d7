"""Networks as descriptions, and the planned way to run them.

``specs`` say what a layer is; ``language`` reads and writes them as text; ``sizes`` counts back to
the map that must go in; ``placing`` hands shapes from layer to layer and names the arrays; ``plan``
lays all arrays out in memory, once, and gives each layer's ``steps`` theirs; ``network`` runs them.
"""

from cs231n.nets.comparison import Comparison, Costs, compare
from cs231n.nets.effective import EffectiveField, effective_field, effective_growth
from cs231n.nets.field import Field, ReceptiveField, receptive_field
from cs231n.nets.language import ParseError, describe, parse
from cs231n.nets.network import Network
from cs231n.nets.profile import LayerProfile, Profile
from cs231n.nets.seen import seen_pixels
from cs231n.nets.sizes import input_size
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
    FanInUniform,
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
from cs231n.nets.summary import LayerSummary, Summary, summary
from cs231n.nets.zoo import Architecture, whiten, whitening_filters, zoo
