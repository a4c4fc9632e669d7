"""Layers for sequences, by their published names; the code lives in ``cs231n.layers.recurrent``.

Published packages without a ``layers`` module keep ``affine_*`` here, too.
"""

import numpy as np  # noqa: F401

from cs231n.layers.affine import affine_backward, affine_forward  # noqa: F401
from cs231n.layers.recurrent import *  # noqa: F403
