"""Computed states, stepped through in the browser: all frames are sent once, none is asked for.

An explorer is made of three things, in this order: its states (plain Python), a picture of each (a
function of the state), and this stepper, which only turns pages.  A far server is as quick as a
near one, and the first frame stands in the saved notebook for those who have no kernel.
"""

from collections.abc import Sequence

import anywidget
import traitlets

from backprop_kit.visual.explorers.frame import Explorer, Frame, shipped


class Stepper(Explorer):
    """Frames to step through, play and scrub, with their text and the code behind them.

    Parameters
    ----------
    name : str
        What the explorer is called; the stored text is ``Explorer: <name>``.
    frames : sequence of Frame
    code : str
        A few lines of `backprop_kit` that reproduce the states shown, for frames without their own.
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
        super().__init__()
        frames = tuple(frames)
        if not frames:
            raise ValueError("frames must hold one frame at least, got none")
        for number, frame in enumerate(frames):
            if not isinstance(frame, Frame):
                raise TypeError(f"frames[{number}] must be a Frame, got {type(frame).__name__}")
            if set(frame.notes) != set(frames[0].notes):
                raise ValueError(f"frames[{number}].notes must have the keys of frames[0].notes")
            for key, to in frame.goto.items():
                if not isinstance(to, int) or not 0 <= to < len(frames):
                    last = len(frames) - 1
                    raise ValueError(
                        f"frames[{number}].goto[{key!r}] must be 0 to {last}, got {to!r}"
                    )
                if key in frame.notes:
                    raise ValueError(f"frames[{number}]: {key!r} is in notes and in goto")
        self.frames = tuple(frame.with_code(code) for frame in frames)
        self.name, self.code, self.help = name, code, help

    @property
    def frame(self) -> Frame:
        """The first frame: what the saved notebook shows."""
        return self.frames[0]

    def _made_view(self):
        frames = [frame.sent() for frame in self.frames]
        return _View(name=self.name, frames=frames, help=self.help)


class _View(anywidget.AnyWidget):
    _esm = shipped("drawing.js", "stepper.js")
    _css = shipped("explorer.css")
    name = traitlets.Unicode().tag(sync=True)
    frames = traitlets.List().tag(sync=True)
    help = traitlets.Unicode().tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
