"""A frame, which is one state as the student sees it, and what every explorer is."""

import importlib.resources
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ipywidgets

from backprop_kit.visual.display import picture

_HERE = importlib.resources.files("backprop_kit.visual.explorers")


@dataclass(frozen=True)
class Frame:
    """One state as the browser shows it.

    Attributes
    ----------
    svg : str
        The picture; may be empty where a formula stands in its place.  An element with
        ``data-key`` can be chosen: by a click, or by Tab and Enter.
    says : str
        What is seen, in words and with the numbers; it stands below the picture and is its text
        alternative.
    notes : mapping of str to str
        What to say of a part that is chosen, by its key; in a `Stepper` the same keys in every
        frame, so that a choice stays while the frames turn.
    goto : mapping of str to int
        In a `Stepper`, the frame that comes up when a part is chosen, by its key; such a part has
        no note.
    code : str
        A few lines of `backprop_kit` that reproduce the state.
    latex : str
        A formula, typeset below the picture, or in its place where there is none.
    """

    svg: str
    says: str
    notes: Mapping[str, str] = field(default_factory=dict)
    goto: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    latex: str = ""

    def with_code(self, code) -> "Frame":
        """Return the frame with this code, or as it is where it has its own."""
        return self if self.code else replace(self, code=code)

    def sent(self) -> dict[str, Any]:
        """Return the frame as the browser gets it."""
        return vars(self) | {"notes": dict(self.notes), "goto": dict(self.goto)}


class Explorer(ABC):
    """A widget that is stored as a picture, and as one line of text that never changes.

    Attributes
    ----------
    name : str
    frame : Frame
        The state shown now.
    """

    name: str
    frame: Frame

    def __init__(self):
        self._view = None

    @abstractmethod
    def _made_view(self) -> ipywidgets.DOMWidget:
        """Make the widget."""

    @property
    def still(self) -> Frame:
        """What the saved notebook holds: the state shown now, or what an explorer puts for it."""
        return self.frame

    @property
    def view(self) -> ipywidgets.DOMWidget:
        """The widget; made when it is first shown."""
        if self._view is None:
            self._view = self._made_view()
        return self._view

    def __repr__(self):
        return f"Explorer: {self.name}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.still.svg:
            still = picture(self.still.svg, alt=self.still.says)._repr_mimebundle_()
        else:
            still = {"text/latex": self.still.latex}
        live = self.view._repr_mimebundle_()
        live = live[0] if isinstance(live, tuple) else live
        return live | still | {"text/plain": repr(self)}


def shipped(*names) -> str:
    """Return the text of files shipped beside this one, one after the other."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
