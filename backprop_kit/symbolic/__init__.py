"""What the formulas say: notation, derivation by machine, and evaluation at numbers."""

from backprop_kit.symbolic import notation
from backprop_kit.symbolic.codegen import compile_step, write_step
from backprop_kit.symbolic.conventions import (
    CONVENTIONS,
    Convention,
    ConventionTable,
    Rescaling,
    rescaling,
)
from backprop_kit.symbolic.derivation import (
    DEFINITIONS,
    Chain,
    E,
    Updates,
    derive_updates,
    differentiate,
    error_in_full,
)
from backprop_kit.symbolic.evaluation import by_letter, evaluate, sample_arrays
from backprop_kit.symbolic.layers import DeltaRecursion, delta_recursion, softmax_delta
from backprop_kit.symbolic.lemmas import Lemma, LemmaCheck, lemma
from backprop_kit.symbolic.matrices import MatrixForm, matrix_form
from backprop_kit.symbolic.substitution import Substituted, substituted
from backprop_kit.symbolic.translation import (
    Translation,
    UpdateTable,
    compare_updates,
    translate,
)
from backprop_kit.symbolic.transposes import Product, TransposeLab, transpose_lab
from backprop_kit.symbolic.typeset import (
    Change,
    Formula,
    LineTable,
    NotationTable,
    Partial,
    textbook_latex,
)

__all__ = [
    "CONVENTIONS",
    "DEFINITIONS",
    "Chain",
    "Change",
    "Convention",
    "ConventionTable",
    "DeltaRecursion",
    "E",
    "Formula",
    "Lemma",
    "LemmaCheck",
    "LineTable",
    "MatrixForm",
    "NotationTable",
    "Partial",
    "Product",
    "Rescaling",
    "Substituted",
    "Translation",
    "TransposeLab",
    "UpdateTable",
    "Updates",
    "by_letter",
    "compare_updates",
    "compile_step",
    "delta_recursion",
    "derive_updates",
    "differentiate",
    "error_in_full",
    "evaluate",
    "lemma",
    "matrix_form",
    "notation",
    "rescaling",
    "sample_arrays",
    "softmax_delta",
    "substituted",
    "textbook_latex",
    "translate",
    "transpose_lab",
    "write_step",
]
