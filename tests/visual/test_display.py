import base64
import io
import re
import sys
import urllib.parse

import matplotlib
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from PIL import Image

from backprop_kit.visual import display as display_module
from backprop_kit.visual import draw_samples, figure, network_diagram, picture, show


@pytest.fixture
def shown(monkeypatch):
    """Collect what `show` hands to IPython."""
    collected = []
    monkeypatch.setattr(display_module, "display", collected.append)
    return collected


def gate_figure():
    fig, ax = figure()
    draw_samples([[0, 0], [1, 1]], [0, 1], ax)
    return fig


def png_of(markup):
    data = re.search(r'src="data:image/png;base64,([A-Za-z0-9+/=]+)"', markup)[1]
    return base64.b64decode(data)


def test_a_figure_becomes_an_image_with_alternative_text(shown):
    assert show(gate_figure(), alt="Two points.") is None
    (shown_picture,) = shown
    assert repr(shown_picture) == "Figure: Two points."
    assert re.match(r'<img alt="Two points." width="720" style="[^"]*"', shown_picture.markup)
    assert "max-width:100%" in shown_picture.markup
    assert "background:#FFFFFF" in shown_picture.markup


def test_the_stored_png_is_white_and_carries_no_version_or_date():
    stored = png_of(picture(gate_figure(), alt="Two points.").markup)
    image = Image.open(io.BytesIO(stored))
    assert image.convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)
    assert image.width == 1080
    assert not {"Software", "Creation Time"} & set(image.info)
    assert b"atplotlib" not in stored


def test_the_same_figure_is_stored_the_same_way():
    assert picture(gate_figure(), alt="a").markup == picture(gate_figure(), alt="a").markup


def test_a_readers_own_settings_do_not_change_what_is_stored():
    expected = picture(gate_figure(), alt="a").markup
    with matplotlib.rc_context({"font.size": 20, "savefig.dpi": 30, "savefig.bbox": "tight"}):
        assert picture(gate_figure(), alt="a").markup == expected


def test_ipython_stores_html_and_one_line_of_text():
    bundle, metadata = DisplayFormatter().format(picture(gate_figure(), alt="Two\n  points."))
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "Figure: Two points."
    assert metadata == {}


@pytest.mark.parametrize("of", [gate_figure, lambda: network_diagram((2, 1))])
def test_alternative_text_is_escaped(of):
    markup = picture(of(), alt="""f'(u) < "1/4" & more >""").markup
    assert "f&#x27;(u) &lt; &quot;1/4&quot; &amp; more &gt;" in markup
    assert "f'(u) <" not in markup


def test_a_drawing_is_an_image_that_holds_it_unchanged(shown):
    drawing = network_diagram((2, 2, 1))
    show(drawing, alt="A network.")
    markup = shown[0].markup
    assert markup.startswith('<img alt="A network." width="')
    assert "max-width:100%" in markup
    stored = markup.split('src="data:image/svg+xml,')[1].removesuffix('">')
    assert urllib.parse.unquote(stored) == drawing
    assert not set(stored) & set('"<>#&')


def test_a_pyplot_figure_is_closed(shown):
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    fig, ax = plt.subplots()
    ax.plot([0, 1])
    show(fig, alt="A line.")
    assert not plt.fignum_exists(fig.number)


def test_our_own_figures_never_reach_pyplot():
    before = sys.modules.get("matplotlib.pyplot")
    numbers = before.get_fignums() if before else []
    fig, _ = figure()
    assert type(fig) is Figure
    assert (before.get_fignums() if before else []) == numbers


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_alternative_text_is_required(alt, shown):
    with pytest.raises(ValueError, match="alt must say in words"):
        show(gate_figure(), alt=alt)
    with pytest.raises(ValueError, match="alt must say in words"):
        show(gate_figure())
    assert shown == []


def test_other_things_are_refused(shown):
    with pytest.raises(TypeError, match=r"figure must be a matplotlib Figure .* got tuple"):
        show(figure(), alt="x")
    with pytest.raises(TypeError, match="alt must be a string, got int"):
        show(gate_figure(), alt=3)
    with pytest.raises(ValueError, match="must be an SVG drawing"):
        show("a sentence", alt="x")
    with pytest.raises(ValueError, match="got <p>"):
        show("<p>hello</p>", alt="x")
    assert shown == []
