r"""One table of the symbols that every room uses, written as the textbook writes them.

The letters are those of SOURCES.md, document A.  Code spells them as they are spelled here:
``v`` and ``gamma`` belong to the hidden layer, ``w`` and ``theta`` to the output layer.

>>> from backprop_kit.symbolic import notation
>>> notation.w[notation.h, notation.j]
w[h, j]
>>> import sympy
>>> sympy.latex(notation.y_hat[notation.j])
'\\hat{y}_{j}'
"""

from dataclasses import dataclass

import sympy
from sympy.tensor.indexed import Indexed, IndexedBase


@dataclass(frozen=True)
class Letter:
    r"""One row of the notation table.

    Attributes
    ----------
    name : str
        The spelling in code, ``"y_hat"``.
    latex : str
        The spelling in a formula, ``r"\hat{y}"``.
    indices : tuple of str
        The index letters it carries, in order: ``("h", "j")`` for a weight ``w_hj``.
    kind : str
        ``"forward"``, ``"weight"``, ``"threshold"`` or ``"given"``; decides the colour.
    meaning : str
        What it stands for, in words.
    """

    name: str
    latex: str
    indices: tuple[str, ...]
    kind: str
    meaning: str


TABLE = {
    letter.name: letter
    for letter in (
        Letter("x", "x", ("i",), "forward", "input number i"),
        Letter("v", "v", ("i", "h"), "weight", "weight from input i to hidden unit h"),
        Letter("alpha", r"\alpha", ("h",), "forward", "net input of hidden unit h"),
        Letter("gamma", r"\gamma", ("h",), "threshold", "threshold of hidden unit h"),
        Letter("b", "b", ("h",), "forward", "output of hidden unit h"),
        Letter("w", "w", ("h", "j"), "weight", "weight from hidden unit h to output unit j"),
        Letter("beta", r"\beta", ("j",), "forward", "net input of output unit j"),
        Letter("theta", r"\theta", ("j",), "threshold", "threshold of output unit j"),
        Letter("y_hat", r"\hat{y}", ("j",), "forward", "output j: the network's answer"),
        Letter("y", "y", ("j",), "given", "target j: the answer wanted"),
    )
}

# The three index letters of SOURCES.md and the size each one runs up to.
i, h, j = sympy.symbols("i h j", integer=True, positive=True)
d, q, l = sympy.symbols("d q l", integer=True, positive=True)  # noqa: E741  (the field's letter)
SIZES = {i: d, h: q, j: l}

eta = sympy.Symbol("eta", positive=True)


class Entry(Indexed):
    """One entry of a quantity, such as ``w[h, j]``; typeset as ``w_{hj}``."""

    def __call__(self, *args):
        """Say what a bracket right behind an entry means to Python."""
        raise TypeError(f"{self} is not callable: put * between {self} and the bracket behind it")

    def _latex(self, printer):
        names = [printer._print(index) for index in self.indices]
        # "w_{hj}" and "w_{12}" as in the textbook, "w_{1,12}" where numbers would run together
        joint = "" if all(len(name) == 1 for name in names) else ","
        return f"{self.base.letter.latex}_{{{joint.join(names)}}}"


class Quantity(IndexedBase):
    """A letter of the table that takes as many indices as the table gives it.

    Raises
    ------
    ValueError
        When it is given another number of indices.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import h, theta, w
    >>> theta[h, h]
    Traceback (most recent call last):
        ...
    ValueError: theta takes 1 index (theta[j]), got 2
    """

    entry = Entry  # what an entry is made of; letters with a layer have a class of their own

    @property
    def letter(self) -> Letter:
        """The row of the table that this quantity belongs to."""
        return TABLE[self.name]

    def __getitem__(self, indices, **kw_args):
        """Return the entry at ``indices``."""
        indices = indices if isinstance(indices, tuple) else (indices,)
        expected = self.letter.indices
        if len(indices) != len(expected):
            plural = "index" if len(expected) == 1 else "indices"
            raise ValueError(
                f"{self.name} takes {len(expected)} {plural} "
                f"({self.name}[{', '.join(expected)}]), got {len(indices)}"
            )
        return self.entry(self, *(sympy.sympify(index) for index in indices))

    def _latex(self, printer):
        return self.letter.latex


x = Quantity("x")
v = Quantity("v")
alpha = Quantity("alpha")
gamma = Quantity("gamma")
b = Quantity("b")
w = Quantity("w")
beta = Quantity("beta")
theta = Quantity("theta")
y_hat = Quantity("y_hat")
y = Quantity("y")


class sigma(sympy.Function):  # noqa: N801  (a function is spelled as it is written)
    """The sigmoid as SymPy knows it: all it is told is its slope (SOURCES A11).

    Lesson 03 derives that slope from ``1 / (1 + exp(-u))``; `definition` gives that form.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from backprop_kit.symbolic.notation import sigma
    >>> u = Symbol("u")
    >>> sigma(u).diff(u)
    (1 - sigma(u))*sigma(u)
    """

    nargs = 1

    def fdiff(self, argindex=1):
        """Return the slope, written through the value: ``sigma * (1 - sigma)``."""
        return self * (1 - self)

    @staticmethod
    def definition(u):
        """Return ``1 / (1 + exp(-u))``."""
        return 1 / (1 + sympy.exp(-u))

    def _latex(self, printer):
        return rf"\sigma\left({printer._print(self.args[0])}\right)"


def letter_of(entry) -> Letter:
    """Return the row of the table that an entry such as ``w[h, j]`` belongs to.

    Raises
    ------
    TypeError
        If `entry` is not an indexed symbol of this table.

    Examples
    --------
    >>> from backprop_kit.symbolic.notation import b, h, letter_of
    >>> letter_of(b[h]).meaning
    'output of hidden unit h'
    """
    if not isinstance(entry, Entry):
        raise TypeError(f"entry must be an indexed symbol such as w[h, j], got {entry!r}")
    return entry.base.letter
