"""Backpropagation as a derivation you can run.

Four rooms: ``numeric`` (what a network computes), ``symbolic`` (what the formulas say),
``exercises`` (what the student answers) and ``visual`` (what the student sees). This package loads
the first alone, so that importing it needs NumPy and nothing else.
"""

from .numeric import *  # noqa: F403
from .numeric import __all__ as __all__
