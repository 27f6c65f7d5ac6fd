"""One iteration of learning, stage by stage, with its numbers on the network (SOURCES A16)."""

from collections.abc import Mapping

from backprop_kit.numeric.validation import as_count
from backprop_kit.visual.diagram import network_diagram

# Where the drawing takes a letter's numbers (keyword, place in its list, length of that list),
# and the letter with its indices.
_PLACES = {
    "x": ("unit_values", 0, 3, "x_i"),
    "b": ("unit_values", 1, 3, "b_h"),
    "y_hat": ("unit_values", 2, 3, "y_hat_j"),
    "gamma": ("threshold_values", 0, 2, "gamma_h"),
    "theta": ("threshold_values", 1, 2, "theta_j"),
    "alpha": ("net_input_values", 0, 2, "alpha_h"),
    "beta": ("net_input_values", 1, 2, "beta_j"),
    "v": ("link_values", 0, 2, "v_ih"),
    "w": ("link_values", 1, 2, "w_hj"),
}


def stage_diagram(sizes, stage, values, *, decimals=4) -> str:
    """Draw one stage of an iteration with its numbers.

    Stage 1 shows values: what the forward pass computed.  Stages 2 to 6 show derivatives of the
    error by what is lit, and the caption says so.

    Parameters
    ----------
    sizes : sequence of int
        Sizes of a network with one hidden layer: ``(d, q, l)``.
    stage : int
        1 to 6, see `stage_highlights`.
    values : mapping of str to array_like
        The numbers by letter, ``{"theta": ..., "w": ...}``; ``"E"`` is the error.
    decimals : int, default 4
        Decimals of all numbers.

    Returns
    -------
    str
        The drawing; `show` puts it on the page.

    Raises
    ------
    TypeError, ValueError
        If a letter is unknown, or a number, a size or the stage does not fit.

    Examples
    --------
    >>> drawing = stage_diagram((2, 2, 1), 4, {"b": [0.25, -0.5]})
    >>> "0.2500" in drawing, "derivatives" in drawing
    (True, True)
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"values must map letters to numbers, got {type(values).__name__}")
    stage = as_count("stage", stage)
    numbers = {}
    for letter, array in values.items():
        if letter == "E":
            numbers["error_value"] = array
            continue
        if letter not in _PLACES:
            raise ValueError(f"values holds {letter!r}; known letters are {', '.join(_PLACES)}, E")
        keyword, place, length, _ = _PLACES[letter]
        numbers.setdefault(keyword, [None] * length)[place] = array
    caption = None if stage == 1 else f"stage {stage}: derivatives of $E$ by every {_list(values)}"
    return network_diagram(sizes, stage=stage, decimals=decimals, caption=caption, **numbers)


def _list(letters):
    """Return ``"$theta_j$, $beta_j$ and $w_hj$"``."""
    names = [f"${_PLACES[letter][-1]}$" for letter in letters if letter != "E"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
