import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest

from backprop_kit.visual import graph_diagram


def node(name, value, links=(), grad=0.0):
    return SimpleNamespace(name=name, value=value, links=list(links), grad=grad)


def texts(drawing):
    root = ElementTree.fromstring(drawing)
    return {
        "".join(text.itertext()): (float(text.get("x")), float(text.get("y")))
        for text in root.iter("{http://www.w3.org/2000/svg}text")
    }


@pytest.fixture
def product():
    """Return ``p = s * 3`` and ``r = p * s``: s feeds two."""
    s = node("s", 0.5, grad=3.0)
    p = node("p", 1.5, [(s, 3.0)], grad=0.5)
    return node("r", 0.75, [(p, 0.5), (s, 1.5)], grad=1.0)


def test_every_value_slope_and_derivative_is_there(product):
    written = texts(graph_diagram(product))
    for expected in ("0.7500", "slope 0.5000", "slope 1.5000", "slope 3.0000", "grad 3.0000"):
        assert expected in written


def test_forward_shows_values_alone(product):
    drawing = graph_diagram(product, backward=False)
    assert "0.7500" in drawing
    assert "slope" not in drawing
    assert "grad" not in drawing


def test_a_number_stands_above_all_that_it_feeds(product):
    written = texts(graph_diagram(product))
    assert written["s"][1] < written["p"][1] < written["r"][1]


def test_twin_links_are_drawn_apart():
    u = node("u", 3.0)
    drawing = graph_diagram(node("*", 9.0, [(u, 3.0), (u, 3.0)]))
    starts = [line.split('"')[1] for line in drawing.split("<line ")[1:]]
    assert len(set(starts)) == 2


def test_the_same_graph_gives_the_same_drawing(product):
    assert graph_diagram(product) == graph_diagram(product)


def test_a_number_alone():
    assert "2.00" in graph_diagram(node("", 2.0), decimals=2)


def test_what_cannot_be_drawn():
    with pytest.raises(TypeError, match="result must be a node"):
        graph_diagram(3.0)
    deep = node("u", 1.0)
    for _ in range(40):
        deep = node("+", 1.0, [(deep, 1.0)])
    with pytest.raises(ValueError, match="more than 40"):
        graph_diagram(deep)
