"""Published nets as descriptions: ``zoo(name, input_shape, classes)``; one family a file."""

from cs231n.nets.zoo.base import Architecture, Entry
from cs231n.nets.zoo.counting import Counts, count
from cs231n.nets.zoo.fmp import fmp_sizes
from cs231n.nets.zoo.table import Zoo, zoo
from cs231n.nets.zoo.whitening import whiten, whitening_filters
