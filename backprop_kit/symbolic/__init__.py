"""What the formulas say: notation, derivation by machine, and evaluation at numbers."""

from backprop_kit.symbolic import notation
from backprop_kit.symbolic.derivation import (
    DEFINITIONS,
    Chain,
    E,
    Updates,
    derive_updates,
    differentiate,
    error_in_full,
)
from backprop_kit.symbolic.evaluation import evaluate
from backprop_kit.symbolic.typeset import (
    Change,
    Formula,
    LineTable,
    NotationTable,
    Partial,
    textbook_latex,
)

__all__ = [
    "DEFINITIONS",
    "Chain",
    "Change",
    "E",
    "Formula",
    "LineTable",
    "NotationTable",
    "Partial",
    "Updates",
    "derive_updates",
    "differentiate",
    "error_in_full",
    "evaluate",
    "notation",
    "textbook_latex",
]
