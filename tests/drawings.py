"""Read what a drawing says."""

import re
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def drawing(frame):
    """Return the root element of a frame's picture."""
    return ElementTree.fromstring(frame.svg)


def texts(part):
    """Return the words of each text in an element, or in a drawing as it is stored."""
    root = ElementTree.fromstring(part) if isinstance(part, str) else part
    return ["".join(text.itertext()) for text in root.findall(".//{*}text")]


def numbers_in(text):
    """Read numbers as they are written for a reader: ``−0.5``, ``2.25e−16``."""
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-"))]
