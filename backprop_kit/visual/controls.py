"""The few controls that explorers share; each has a label, and the browser draws it with one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """What all inputs share; each adds a ``value``, and a ``read`` that lets fitting values pass.

    Attributes
    ----------
    key, label : str
    """

    key: str
    label: str

    def __post_init__(self):
        self.read(self.value)

    def describe(self) -> dict[str, Any]:
        """Return what the browser needs to draw the control."""
        return {"kind": type(self).__name__.lower()} | vars(self)


@dataclass(frozen=True)
class Slider(Field):
    """A number between two ends.

    Attributes
    ----------
    low, high, value, step : float
    power : bool
        The number shown is 10 to the power of the value.

    Examples
    --------
    >>> Slider("eta", "learning rate η", 0, 2, 0.5, 0.1).read(0.7)
    0.7
    """

    low: float
    high: float
    value: float
    step: float
    power: bool = False

    def read(self, value) -> float:
        """Return `value` if it lies between the ends; raise otherwise."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{self.key} must be a number, got {type(value).__name__}")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.key} must be {self.low:g} to {self.high:g}, got {value:g}")
        return value

    def describe(self) -> dict[str, Any]:
        """Return what the browser needs to draw the control."""
        decimals = len(f"{self.step:.10f}".rstrip("0").split(".")[1])
        return super().describe() | {"decimals": decimals}


@dataclass(frozen=True)
class Options(Field):
    """One of several words.

    Attributes
    ----------
    options : sequence of str
    value : str

    Examples
    --------
    >>> Options("gate", "gate", ("AND", "XOR"), "AND").read("NOR")
    Traceback (most recent call last):
    ValueError: gate must be one of AND, XOR, got 'NOR'
    """

    options: Sequence[str]
    value: str

    def read(self, value) -> str:
        """Return `value` if it is one of the options; raise otherwise."""
        if value not in self.options:
            raise ValueError(f"{self.key} must be one of {', '.join(self.options)}, got {value!r}")
        return value

    def describe(self) -> dict[str, Any]:
        """Return what the browser needs to draw the control."""
        return super().describe() | {"options": list(self.options)}


@dataclass(frozen=True)
class Toggle(Field):
    """Something that is so or is not.

    Examples
    --------
    >>> Toggle("fold", "show the fold", True).read(False)
    False
    """

    value: bool

    def read(self, value) -> bool:
        """Return `value` if it is True or False; raise otherwise."""
        if not isinstance(value, bool):
            raise TypeError(f"{self.key} must be True or False, got {type(value).__name__}")
        return value


@dataclass(frozen=True)
class TextBox(Field):
    """A line of text that the student types; it is parsed by the explorer, never evaluated.

    Attributes
    ----------
    value : str
    size : int
        How many characters it is wide.
    longest : int
        How many characters it takes.
    then : str
        The key of the button that Enter presses, and so does a pause in typing.
    pause : int
        How long a pause, in milliseconds.

    Examples
    --------
    >>> TextBox("answer", "Δw[h, j] =", "").read("eta * b[h]")
    'eta * b[h]'
    """

    value: str
    size: int = 60
    longest: int = 500
    then: str = ""
    pause: int = 1000

    def read(self, value) -> str:
        """Return `value` if it is text that is not too long; raise otherwise."""
        if not isinstance(value, str):
            raise TypeError(f"{self.key} must be text, got {type(value).__name__}")
        if len(value) > self.longest:
            raise ValueError(
                f"{self.key} must have {self.longest} characters at most, got {len(value)}"
            )
        return value


@dataclass(frozen=True)
class Action:
    """A button.

    Attributes
    ----------
    key, label : str
    act : callable
        ``act(values)`` returns the new values; it changes nothing else.
    title : str
        What the button does, where the label is short.
    repeats : bool
        Pressed once it goes on, until it is pressed again or the values no longer change.
    """

    key: str
    label: str
    act: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    title: str = ""
    repeats: bool = False

    def describe(self) -> dict[str, Any]:
        """Return what the browser needs to draw the button."""
        title = self.title or self.label
        fields = {"key": self.key, "label": self.label, "repeats": self.repeats, "title": title}
        return {"kind": "action"} | fields


@dataclass(frozen=True)
class Surface:
    """A part of the picture in which every point can be pointed at (see `svg.surface`).

    Attributes
    ----------
    key : str
    point : callable
        ``point(values, x, y)`` returns the new values; it changes nothing else.  Whatever it does
        must be within reach of the other controls too, for those who use the keyboard.
    """

    key: str
    point: Callable[[Mapping[str, Any], float, float], Mapping[str, Any]]
