"""A progress bar that leaves nothing behind, and that nobody sees where nobody watches.

It shows in a notebook that a person runs, and in a terminal. A notebook that a tool runs (nbval,
nbclient, a documentation build) gets no output at all, so that its stored outputs cannot depend on
how long the training took. Such tools say with each cell that nobody can answer a question
(``allow_stdin`` is false), and JupyterLab says that somebody can.
"""

import sys
import time

WAIT = 0.5  # seconds before the first picture: what is over sooner needs no bar
PAUSE = 0.1  # seconds between two pictures
WIDTH = 30  # characters of the bar in a terminal


class ProgressBar:
    """A bar that follows `update` and disappears with `clear`.

    Parameters
    ----------
    total : int
        What `update` counts up to.
    clock : callable
        Seconds as a float.

    Examples
    --------
    >>> bar = ProgressBar(10)
    >>> bar.update(1, "error 0.5")
    >>> bar.clear()
    """

    def __init__(self, total, *, clock=time.monotonic):
        self._total = total
        self._clock = clock
        self._next = clock() + WAIT
        self._screen = _find_screen()
        self._shown = False

    def update(self, done, text=""):
        """Show that `done` of the total are done, with a short text; not at every call."""
        if self._screen is None or self._clock() < self._next:
            return
        self._screen.show(done, self._total, text)
        self._shown = True
        self._next = self._clock() + PAUSE

    def clear(self):
        """Take the bar away."""
        if self._shown:
            self._screen.clear()
            self._shown = False


class TerminalScreen:
    """Draws the bar in one line of a terminal, over and over."""

    def __init__(self, stream):
        self._stream = stream
        self._length = 0

    def show(self, done, total, text):
        """Write the bar over the last one."""
        filled = WIDTH * done // total
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total} {text}"
        self._write(line.ljust(self._length))
        self._length = len(line)

    def clear(self):
        """Write blanks over the bar."""
        self._write(" " * self._length + "\r")

    def _write(self, text):
        self._stream.write("\r" + text)
        self._stream.flush()


class NotebookScreen:
    """Draws the bar as one output of the cell, replaced in place."""

    def __init__(self, display):
        self._display = display
        self._handle = None

    def show(self, done, total, text):
        """Display the bar, or replace the one that is there."""
        line = f"{done} of {total} {text}"
        self._put(
            f'<progress value="{done}" max="{total}" aria-label="training"></progress> {line}', line
        )

    def clear(self):
        """Replace the bar by nothing; the cell's other outputs stay."""
        self._put("", "")

    def _put(self, html, plain):
        data = {"text/html": html, "text/plain": plain}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def _find_screen():
    """Return the screen that a person looks at, or None."""
    # A notebook's kernel has loaded IPython; here it is looked up and never loaded.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        watched = getattr(kernel, "_allow_stdin", False)
        return NotebookScreen(sys.modules["IPython.display"].display) if watched else None
    stream = sys.stderr
    return TerminalScreen(stream) if stream is not None and stream.isatty() else None
