r"""The letters of a network of any depth, and those of a single step ``y = W x``.

Document A gives its two layers letters of their own (`notation`).  Any depth needs one letter a
role and the layer as a superscript, as documents B and E write it: ``u[L, i]`` is the net input of
unit ``i`` of layer ``L``.  The five lemmas look at one step alone and need no layer.

>>> from backprop_kit.symbolic.letters import i, L, u
>>> u[L + 1, i]
u^(L+1)[i]
>>> import sympy
>>> sympy.latex(u[L + 1, i])
'u^{(L+1)}_{i}'
"""

import sympy

from backprop_kit.symbolic.notation import Entry, Letter, Quantity

# i, j are free, r, s are summed over: no letter is ever both (slip 6 of SOURCES).
i, j, r, s = sympy.symbols("i j r s", integer=True, positive=True)
L, M = sympy.symbols("L M", integer=True, positive=True)
m, n_in = sympy.symbols("m n", integer=True, positive=True)

LAYERED = {
    letter.name: letter
    for letter in (
        Letter("u", "u", ("L", "i"), "forward", "net input of unit i of layer L"),
        Letter("x", "x", ("L", "i"), "forward", "output of unit i of layer L"),
        Letter("W", "W", ("L", "i", "j"), "weight", "weight into (E) or out of (B) unit i"),
        Letter("b", "b", ("L", "i"), "threshold", "intercept of unit i, added"),
        Letter("theta", r"\theta", ("L", "i"), "threshold", "threshold of unit i, subtracted"),
        Letter("delta", r"\delta", ("L", "i"), "backward", "∂E/∂u, the error term of unit i"),
        Letter("n", "n", ("L",), "given", "number of units of layer L"),
        Letter("y_hat", r"\hat{y}", ("k", "j"), "forward", "output j for sample k"),
        Letter("y", "y", ("k", "j"), "given", "target j of sample k"),
    )
}

SINGLE = {
    letter.name: letter
    for letter in (
        Letter("x", "x", ("i",), "forward", "what goes into the step"),
        Letter("u", "u", ("i",), "forward", "what stands between two steps"),
        Letter("y", "y", ("i",), "forward", "what comes out of the step"),
        Letter("W", "W", ("i", "j"), "weight", "weight to y_i from x_j"),
        Letter("J", "J", ("i", "j"), "weight", "Jacobian: the derivative of y_i by x_j"),
        Letter("∂f/∂y", r"\nabla_y f", ("i",), "backward", "derivative of f by y_i"),
        Letter("∂f/∂u", r"\nabla_u f", ("i",), "backward", "derivative of f by u_i"),
    )
}


class SingleEntry(Entry):
    """One entry of a letter of `SINGLE`; ``∂f/∂y[r]`` is typeset as a fraction."""

    def _latex(self, printer):
        over, _, under = self.base.name.partition("/")
        if not under:
            return super()._latex(printer)
        # the entry's own letters: no colour inside what is coloured as a whole
        entry = single(under.removeprefix("∂"))[self.indices]
        return rf"\frac{{\partial {over.removeprefix('∂')}}}{{\partial {entry._latex(printer)}}}"


class SingleQuantity(Quantity):
    """A letter of `SINGLE`."""

    entry = SingleEntry

    @property
    def letter(self) -> Letter:
        """The row of `SINGLE` that this quantity belongs to."""
        return SINGLE[self.name]


class LayerEntry(Entry):
    """One entry of a letter of `LAYERED`, its layer a superscript."""

    @property
    def layer(self):
        """The layer, a number or a formula such as ``L + 1``."""
        return self.indices[0]

    def _latex(self, printer):
        layer = str(self.layer).replace(" ", "")
        units = "".join(printer._print(index) for index in self.indices[1:])
        if not units:
            return f"{self.base.letter.latex}_{{{layer}}}"  # n_L, a number of units
        return f"{self.base.letter.latex}^{{({layer})}}_{{{units}}}"

    def _sympystr(self, printer):
        layer = str(self.layer).replace(" ", "")
        units = ", ".join(printer._print(index) for index in self.indices[1:])
        return f"{self.base.name}^({layer})[{units}]" if units else f"{self.base.name}_({layer})"


class LayerQuantity(Quantity):
    """A letter of `LAYERED`: its first index is the layer, or for a loss the sample."""

    entry = LayerEntry

    @property
    def letter(self) -> Letter:
        """The row of `LAYERED` that this quantity belongs to."""
        return LAYERED[self.name]


class ElementwiseBase(sympy.Function):
    """A function of one number, used entry by entry; its slope is known by name alone.

    SymPy's printers pass over a function's parent classes unless their names end in ``Base``.
    """

    nargs = 1

    def _latex(self, printer):
        name = type(self).__name__.replace("_prime", "'")
        return rf"{name}\left({printer._print(self.args[0])}\right)"

    def _sympystr(self, printer):
        return f"{type(self).__name__.replace('_prime', chr(39))}({printer._print(self.args[0])})"


class f_prime(ElementwiseBase):  # noqa: N801
    """The slope of `f`."""


class f(ElementwiseBase):  # noqa: N801
    """The activation.

    Examples
    --------
    >>> f(u[L, i]).diff(u[L, i])
    f'(u^(L)[i])
    """

    def fdiff(self, argindex=1):
        """Return the slope, by its name."""
        return f_prime(self.args[0])


class g_prime(ElementwiseBase):  # noqa: N801
    """The slope of `g`."""


class g(ElementwiseBase):  # noqa: N801
    """A function used entry by entry in a lemma, where ``f`` is the function differentiated."""

    def fdiff(self, argindex=1):
        """Return the slope, by its name."""
        return g_prime(self.args[0])


def single(name) -> SingleQuantity:
    """Return a letter of `SINGLE`.

    Raises
    ------
    KeyError
        When there is none of that name.

    Examples
    --------
    >>> single("W")[i, j]
    W[i, j]
    """
    SINGLE[name]
    return SingleQuantity(name)


u, x, W, b, theta, delta, n, y_hat_of, y_of = (LayerQuantity(name) for name in LAYERED)
