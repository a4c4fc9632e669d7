"""Grids of images as the course's notebooks draw them; the code is in :mod:`cs231n.visualize`."""

import numpy as np  # noqa: F401 - published modules leak it

from cs231n.visualize.tiles import vis_grid as vis_grid
from cs231n.visualize.tiles import vis_nn as vis_nn
from cs231n.visualize.tiles import visualize_grid as visualize_grid
