"""Models: ``params``, a dict of arrays, and ``loss(X, y=None)``; and assignment 1's classifiers."""

from cs231n.classifiers.k_nearest_neighbor import *
from cs231n.classifiers.linear_classifier import *
