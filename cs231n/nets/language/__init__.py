"""Networks as text: the token style, the course's pattern, Graham's notation.

``reader`` moves through a text; ``tokens``, ``layer`` and ``values`` read the token style by the
table in ``vocabulary``, ``graham`` reads Graham's; ``choices`` and ``building`` give the numbers
that a text leaves open; ``writing`` goes back.
"""

from cs231n.nets.language.layers import Layers
from cs231n.nets.language.parsing import as_layers, parse
from cs231n.nets.language.source import ParseError, Span
from cs231n.nets.language.writing import describe
