import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest

from backprop_kit.visual import graph_diagram
from tests.drawings import SVG


def node(name, value, links=(), grad=0.0):
    return SimpleNamespace(name=name, value=value, links=list(links), grad=grad)


def texts(drawing):
    root = ElementTree.fromstring(drawing)
    return {
        "".join(text.itertext()): (float(text.get("x")), float(text.get("y")))
        for text in root.iter(f"{SVG}text")
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


def rectangles(drawing):
    """Return the boxes as (left, right, top, bottom)."""
    root = ElementTree.fromstring(drawing)
    found = []
    for box in root.iter(f"{SVG}rect"):
        if box.get("x"):
            x, y, width, height = (float(box.get(k)) for k in ("x", "y", "width", "height"))
            found.append((x, x + width, y, y + height))
    return found


def lines(drawing):
    root = ElementTree.fromstring(drawing)
    return [
        [float(line.get(k)) for k in ("x1", "y1", "x2", "y2")] for line in root.iter(f"{SVG}line")
    ]


def test_a_link_past_a_row_goes_round_its_boxes():
    s = node("s", 3.0)
    square = node("×", 9.0, [(s, 3.0), (s, 3.0)])
    drawing = graph_diagram(node("+", 12.0, [(square, 1.0), (s, 1.0)]))
    for x0, y0, x1, y1 in lines(drawing):
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            inside = [
                left < x < right and top < y < bottom
                for left, right, top, bottom in rectangles(drawing)
            ]
            assert not any(inside)
    assert texts(drawing).keys() >= {"s", "×", "+", "slope 1.0000", "slope 3.0000"}


def test_boxes_stand_apart_and_inside_the_drawing(product):
    wide = node("+", 5.0, [(product, 1.0), *((node(f"w_{k}", 1.0), 1.0) for k in range(4))])
    drawing = graph_diagram(wide)
    boxes = rectangles(drawing)
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            apart = one[1] < other[0] or other[1] < one[0] or one[3] < other[2] or other[3] < one[2]
            assert apart
    width = float(ElementTree.fromstring(drawing).get("width"))
    assert min(box[0] for box in boxes) > 0
    assert max(box[1] for box in boxes) < width


def test_numbers_that_are_equal_are_still_two():
    first, second = node("s", 1.0), node("s", 1.0)
    assert first == second
    assert len(rectangles(graph_diagram(node("+", 2.0, [(first, 1.0), (second, 1.0)])))) == 3
