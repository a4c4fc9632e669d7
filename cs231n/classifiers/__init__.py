"""Models: ``params``, a dict of arrays, and ``loss(X, y=None)``."""
