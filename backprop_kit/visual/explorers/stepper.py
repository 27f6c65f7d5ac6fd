"""Computed states, stepped through in the browser: all frames are sent once, none is asked for.

An explorer is made of three things, in this order: its states (plain Python), a picture of each (a
function of the state), and this stepper, which only turns pages.  A far server is as quick as a
near one, and the first frame stands in the saved notebook for those who have no kernel.
"""

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import anywidget
import traitlets

from backprop_kit.visual.display import picture

_FILES = importlib.resources.files("backprop_kit.visual.explorers")


@dataclass(frozen=True)
class Frame:
    """One state as the browser shows it.

    Attributes
    ----------
    svg : str
        The picture.  An element with ``data-key`` can be chosen: by a click, or by Tab and Enter.
    says : str
        What is seen, in words and with the numbers; it stands below the picture and is its text
        alternative.
    notes : mapping of str to str
        What to say of a part that is chosen, by its key; the same keys in every frame, so that a
        choice stays while the frames turn.
    goto : mapping of str to int
        The frame that comes up when a part is chosen, by its key; such a part has no note.
    """

    svg: str
    says: str
    notes: Mapping[str, str] = field(default_factory=dict)
    goto: Mapping[str, int] = field(default_factory=dict)


class Stepper:
    """Frames to step through, play and scrub, with their text and the code behind them.

    Parameters
    ----------
    name : str
        What the explorer is called; the stored text is ``Explorer: <name>``.
    frames : sequence of Frame
    code : str
        A few lines of `backprop_kit` that reproduce the states shown.
    help : str, default ""
        What can be chosen in the picture, in one sentence.

    Raises
    ------
    TypeError, ValueError
        If a frame is none, or there are no frames; if the notes of two frames have other keys; if
        a part leads to a frame that is not there, or has a note as well.

    Examples
    --------
    >>> drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    >>> Stepper("Two dots", [Frame(drawing, "One dot."), Frame(drawing, "Two dots.")], "dots(2)")
    Explorer: Two dots
    """

    def __init__(self, name: str, frames: Sequence[Frame], code: str, *, help: str = ""):
        self.frames = tuple(frames)
        if not self.frames:
            raise ValueError("frames must hold one frame at least, got none")
        for number, frame in enumerate(self.frames):
            if not isinstance(frame, Frame):
                raise TypeError(f"frames[{number}] must be a Frame, got {type(frame).__name__}")
            if set(frame.notes) != set(self.frames[0].notes):
                raise ValueError(f"frames[{number}].notes must have the keys of frames[0].notes")
            for key, to in frame.goto.items():
                if not isinstance(to, int) or not 0 <= to < len(self.frames):
                    last = len(self.frames) - 1
                    raise ValueError(
                        f"frames[{number}].goto[{key!r}] must be 0 to {last}, got {to!r}"
                    )
                if key in frame.notes:
                    raise ValueError(f"frames[{number}]: {key!r} is in notes and in goto")
        self.name, self.code, self.help = name, code, help
        self._view = None

    @property
    def view(self) -> anywidget.AnyWidget:
        """The widget; made when it is first shown."""
        if self._view is None:
            frames = [
                {
                    "svg": frame.svg,
                    "says": frame.says,
                    "notes": dict(frame.notes),
                    "goto": dict(frame.goto),
                }
                for frame in self.frames
            ]
            self._view = _View(name=self.name, frames=frames, code=self.code, help=self.help)
        return self._view

    def __repr__(self):
        return f"Explorer: {self.name}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        first = self.frames[0]
        still = picture(first.svg, alt=first.says)._repr_mimebundle_()
        live = self.view._repr_mimebundle_()
        live = live[0] if isinstance(live, tuple) else live
        return live | still | {"text/plain": repr(self)}


class _View(anywidget.AnyWidget):
    _esm = (_FILES / "stepper.js").read_text(encoding="utf-8")
    _css = (_FILES / "explorer.css").read_text(encoding="utf-8")
    name = traitlets.Unicode().tag(sync=True)
    frames = traitlets.List().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    help = traitlets.Unicode().tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
