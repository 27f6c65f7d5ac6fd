"""An explorer that answers from the kernel: controls in the browser, a frame from Python.

Its state is a dictionary of plain values; its picture, words and code are a function of that
dictionary.  A control only binds: what the student does becomes new values, the values become a
frame, and the frame replaces the picture.  What goes wrong is said beside the control.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import anywidget
import ipywidgets
import traitlets

from backprop_kit.visual.controls import Action, Field, Surface, TextBox
from backprop_kit.visual.explorers.frame import Explorer, Frame, shipped


class Live(Explorer):
    """Controls, and the frame that belongs to their values.

    Parameters
    ----------
    name : str
        What the explorer is called; the stored text is ``Explorer: <name>``.
    controls : sequence of Slider, Options, Toggle, TextBox, Action or Surface
    show : callable
        ``show(values)`` returns the `Frame` of the values, and depends on nothing else.
    start : mapping, optional
        Values at the start that no control shows, such as points or a curve so far.
    help : str, default ""
        What can be done in the picture, in one sentence.
    still : Frame, optional
        What the saved notebook holds, where a frame hangs on the last bits of this processor.

    Raises
    ------
    TypeError, ValueError
        If two controls share a key, a control is none, or one presses a button that is none.

    Examples
    --------
    >>> from backprop_kit.visual import svg
    >>> from backprop_kit.visual.controls import Slider
    >>> def show(values):
    ...     drawing = svg.document([], values["width"], 9, "a box")
    ...     return Frame(drawing, f"{values['width']} wide", code="")
    >>> box = Live("A box", [Slider("width", "width", 1, 9, 5, 1)], show)
    >>> box
    Explorer: A box
    >>> box.move(width=7).says
    '7 wide'
    """

    def __init__(
        self,
        name: str,
        controls: Sequence[Any],
        show: Callable[[Mapping[str, Any]], Frame],
        *,
        start: Mapping[str, Any] | None = None,
        help: str = "",
        still: Frame | None = None,
    ):
        super().__init__()
        self._still = still
        self._panel = self._formula = None
        self._fields, self._actions, self._surfaces = {}, {}, {}
        for control in controls:
            kind = self._kind_of(control)
            if any(control.key in known for known in self._kinds) or control.key in (start or {}):
                raise ValueError(f"controls: the key {control.key!r} stands twice")
            kind[control.key] = control
        for key in (c.then for c in self._fields.values() if isinstance(c, TextBox) and c.then):
            self._button(key)
        self.name, self.help = name, help
        self._shown_controls = [c for c in controls if not isinstance(c, Surface)]
        self._show = show
        self._start = dict(start or {}) | {key: c.value for key, c in self._fields.items()}
        self._values = self._start
        self.frame = show(self.values)

    @property
    def _kinds(self):
        return self._fields, self._actions, self._surfaces

    def _kind_of(self, control):
        if isinstance(control, Field):
            return self._fields
        if isinstance(control, Action):
            return self._actions
        if isinstance(control, Surface):
            return self._surfaces
        raise TypeError(f"controls must be controls, got {type(control).__name__}")

    @property
    def still(self) -> Frame:
        """What the saved notebook holds."""
        return self._still or self.frame

    @property
    def values(self) -> Mapping[str, Any]:
        """The values now: those of the controls, and those that no control shows."""
        return MappingProxyType(self._values)

    def move(self, **values) -> Frame:
        """Set controls, as the student does; raise ValueError or TypeError if a value is none."""
        return self._become(self._moved(self._values, values))

    def press(self, key: str) -> Frame:
        """Press the button with this key."""
        return self._become(self._pressed(self._values, key))

    def point(self, key: str, x: float, y: float) -> Frame:
        """Point at a place of the surface with this key."""
        return self._become(self._pointed(self._values, key, x, y))

    def reset(self) -> Frame:
        """Go back to the values of the start."""
        return self._become(self._start)

    def _moved(self, values, new):
        for key in new:
            if key not in self._fields:
                raise ValueError(f"there is no control {key!r}, only {', '.join(self._fields)}")
        return values | {key: self._fields[key].read(value) for key, value in new.items()}

    def _pressed(self, values, key):
        return values | dict(self._button(key).act(MappingProxyType(values)))

    def _button(self, key):
        if key not in self._actions:
            raise ValueError(f"there is no button {key!r}, only {', '.join(self._actions)}")
        return self._actions[key]

    def _pointed(self, values, key, x, y):
        if key not in self._surfaces:
            raise ValueError(f"there is no surface {key!r}, only {', '.join(self._surfaces)}")
        return values | dict(self._surfaces[key].point(MappingProxyType(values), x, y))

    def _become(self, values, **about):
        """Show the values; they count from now on only if they can be shown."""
        frame = self._show(MappingProxyType(values))
        self._values, self.frame = values, frame
        self._send(**about)
        return frame

    def _send(self, **about):
        if self._panel is not None:
            self._panel.shown = self._shown(**about)
        if self._formula is not None:
            self._formula.value = self.frame.latex

    def _shown(self, **about):
        values = {key: self._values[key] for key in self._fields}
        return {"values": values, "answer": [0, 0]} | self.frame.sent() | about

    def _answer(self, _widget, request, _buffers):
        """Do what happened in the browser, and answer with a frame or with what went wrong."""
        changed = None
        try:
            values = self._values
            for step in request["steps"]:
                differs = [k for k, v in step["values"].items() if v != values[k]]
                changed = differs[0] if differs else changed
                values, before = self._moved(values, step["values"]), values
                match step["act"]:
                    case ["press", key]:
                        changed, before = key, values
                        values = self._pressed(values, key)
                    case ["point", key, x, y, _]:
                        changed = key
                        values = self._pointed(values, key, x, y)
                    case ["reset"]:
                        values = self._start
            self._become(values, answer=request["answer"], over=values == before)
        except Exception as error:  # whatever it is, the student must hear of it
            words = f"This cannot be shown: {error} ({type(error).__name__})"
            self._send(error=words, at=changed, answer=request["answer"])

    def _made_view(self):
        controls = [control.describe() for control in self._shown_controls]
        self._panel = _View(name=self.name, controls=controls, help=self.help, shown=self._shown())
        self._panel.on_msg(self._answer)
        if not self.frame.latex:
            return self._panel
        self._formula = ipywidgets.HTMLMath(self.frame.latex)
        if self.frame.svg:
            return ipywidgets.VBox([self._panel, self._formula])
        self._formula.layout.min_height = "56px"  # of a sum: what stands below must not jump
        return ipywidgets.VBox([self._formula, self._panel])


class _View(anywidget.AnyWidget):
    _esm = shipped("drawing.js", "live.js")
    _css = shipped("explorer.css")
    name = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    help = traitlets.Unicode().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
