"""What the formulas say: notation, derivation by machine, and evaluation at numbers."""

from backprop_kit.symbolic import notation
from backprop_kit.symbolic.derivation import (
    DEFINITIONS,
    Chain,
    E,
    Updates,
    derive_updates,
    differentiate,
)
from backprop_kit.symbolic.evaluation import evaluate
from backprop_kit.symbolic.typeset import Change, Formula, NotationTable, Partial, textbook_latex

__all__ = [
    "DEFINITIONS",
    "Chain",
    "Change",
    "E",
    "Formula",
    "NotationTable",
    "Partial",
    "Updates",
    "derive_updates",
    "differentiate",
    "evaluate",
    "notation",
    "textbook_latex",
]
