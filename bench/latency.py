"""From a key press to changed pixels: `python -m bench.latency [--moves 30] [--burst 15]`.

Every explorer is moved by the keyboard in JupyterLab in a real Chromium, in turn with a figure of
matplotlib behind ipywidgets' `interactive_output`, which is what a notebook would use otherwise.
Then all of it once more through a proxy that delays each way by 75 ms, as a far server does.

A time runs from the key's event to the first frame painted after the picture's last change.  Needs
the extra ``browser`` and Debian's Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import v4

from tests.browser.lab import chromium, lab_server, reader

DELAY = 0.075  # seconds each way: a round trip of 150 ms
REFERENCE = "interactive_output, inline figure"

# name, kind, code of the cell, what takes the keys, what is drawn
EXPLORERS = [
    (
        REFERENCE,
        "kernel",
        """
import ipywidgets, numpy as np, matplotlib.pyplot as plt
from backprop_kit import Network, gate
from backprop_kit.visual.figures import draw_hidden_space, draw_regions
XOR = gate("XOR")
w = ipywidgets.FloatSlider(2, min=-5, max=5, step=0.5, description="w")
def draw(w):
    network = Network((2, 2, 1))
    network.weights[0][0, 0] = w
    figure, axes = plt.subplots(1, 2, figsize=(8, 4))
    draw_regions(lambda X: network.predict(X)[:, 0] > 0.5, axes[0])
    draw_hidden_space(XOR.X, network.forward(XOR.X).outputs[1], XOR.y, axes)
    plt.show()
ipywidgets.VBox([w, ipywidgets.interactive_output(draw, {"w": w})])
""",
        ".noUi-handle",
        ".widget-output, .jupyter-widgets-output-area",
    ),
    (
        "XOR bench",
        "kernel",
        "from backprop_kit.visual.explorers import xor_bench\nxor_bench()",
        'input[type="range"]',
        ".stage",
    ),
    (
        "gradient-check dial",
        "kernel",
        """
from backprop_kit import worked_example
from backprop_kit.exercises.faulty import faulty
from backprop_kit.exercises.lesson_05 import MISTAKES
from backprop_kit.visual.explorers import gradient_check_dial
example = worked_example()
pair = Network.from_parameters(example.weights, example.thresholds)
samples = [example.x], [example.y]
gradient_check_dial(pair, *samples, faulty=faulty, mistakes=MISTAKES, eta=example.eta)
""",
        'input[type="range"]',
        ".stage",
    ),
    (
        "loss landscape",
        "kernel",
        "from backprop_kit.visual.explorers import loss_landscape\n"
        'loss_landscape(Network((2, 2, 1)), XOR.X, XOR.y[:, None], "w_11", "w_21", eta=5)',
        'input[type="range"]',
        ".stage",
    ),
    (
        "perceptron bench",
        "kernel",
        "from backprop_kit.visual.explorers import perceptron_bench\nperceptron_bench()",
        'input[type="range"]',
        ".stage",
    ),
    (
        "sigmoid and slopes",
        "browser",
        "from backprop_kit.visual.explorers import slope_stepper\nslope_stepper()",
        'input[type="range"]',
        ".stage",
    ),
    (
        "backpropagation",
        "browser",
        "from backprop_kit.visual.explorers import backpropagation_stepper\n"
        "backpropagation_stepper(Network((3, 4, 2), rng=4), [0.5, 1.0, -0.5], [1.0, 0.0])",
        'input[type="range"]',
        ".stage",
    ),
]

WATCH = """(picture) => {
    if (!window.times) {
        window.times = { down: 0, drawn: 0 };
        document.addEventListener("keydown", () => { times.down = performance.now(); }, true);
    }
    const painted = () => requestAnimationFrame(() => {
        const channel = new MessageChannel(); // its message comes after the frame is painted
        channel.port1.onmessage = () => { times.drawn = performance.now(); };
        channel.port2.postMessage(0);
    });
    window.watcher?.disconnect();
    window.watcher = new MutationObserver(painted);
    window.watcher.observe(picture, { childList: true, subtree: true, attributes: true });
}"""
STILL = """(quiet) => times.drawn > times.down && performance.now() - times.drawn > quiet"""


def measure(person, place, moves, burst):
    """Return the times of single moves, and of a burst, in ms, of the explorer in one cell."""
    _, _, _, control, picture = EXPLORERS[place]
    cell = person.page.locator(".jp-CodeCell").nth(place)
    cell.scroll_into_view_if_needed()
    knob = cell.locator(control).first
    cell.locator(picture).first.evaluate(WATCH)
    knob.focus()
    ways = ["ArrowRight", "ArrowLeft"]
    if knob.evaluate("knob => knob.max !== undefined && knob.value === knob.max"):
        ways.reverse()
    singles = []
    for move in range(moves + moves % 2):
        _press(person.page, ways[move % 2])
        singles.append(_time(person.page))
    for move in range(burst - burst % 2):
        person.page.keyboard.press(ways[move % 2])
    _press(person.page, ways[0])
    after = _time(person.page)
    _press(person.page, ways[1])  # back to where it stood
    _time(person.page)
    return singles, after


def _press(page, key):
    page.evaluate("() => { times.drawn = 0; }")
    page.keyboard.press(key)


def _time(page):
    page.wait_for_function(STILL, arg=300, polling=50, timeout=10_000)
    return page.evaluate("() => times.drawn - times.down")


@contextmanager
def delayed(port, delay):
    """Give a port of this machine behind which another one lies, `delay` seconds away."""
    loop, ready, places = asyncio.new_event_loop(), threading.Event(), []

    async def carry(source, target):
        queue = asyncio.Queue()

        async def send():
            while True:
                at, data = await queue.get()
                await asyncio.sleep(max(0, at - loop.time()))
                if not data:
                    break
                target.write(data)
                await target.drain()
            target.close()

        sending = asyncio.ensure_future(send())
        while data := await source.read(65536):
            queue.put_nowait((loop.time() + delay, data))
        queue.put_nowait((loop.time() + delay, b""))
        await sending

    async def connect(reader_, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            carry(reader_, far_writer), carry(far_reader, writer), return_exceptions=True
        )

    async def serve():
        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        places.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run():
        asyncio.set_event_loop(loop)
        loop.create_task(serve())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait(10)
    try:
        yield places[0]
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)


async def _cancel_all():
    carriers = asyncio.all_tasks() - {asyncio.current_task()}
    for carrier in carriers:
        carrier.cancel()
    await asyncio.gather(*carriers, return_exceptions=True)


def table(results, reference):
    """Return the rows as text, each beside the reference's median."""
    head = f"{'explorer':36}{'answers':>9}{'median':>9}{'95 %':>9}{'burst':>9}{'ratio':>8}"
    lines = [head, "-" * len(head)]
    for (name, kind, *_), (singles, bursts) in zip(EXPLORERS, results, strict=True):
        median = statistics.median(singles)
        high = sorted(singles)[int(0.95 * (len(singles) - 1))]
        lines.append(
            f"{name:36}{kind:>9}{median:>6.0f} ms{high:>6.0f} ms"
            f"{statistics.median(bursts):>6.0f} ms{median / reference:>8.2f}"
        )
    return "\n".join(lines)


def run(person, moves, burst, rounds=3):
    """Open the notebook and measure each explorer `rounds` times in turn."""
    person.open("latency.ipynb")
    person.run_all()
    results = [([], []) for _ in EXPLORERS]
    for place in range(len(EXPLORERS)):
        measure(person, place, 5, 0)  # nobody is measured on the first moves
    for _ in range(rounds):
        for place in range(len(EXPLORERS)):
            singles, after = measure(person, place, moves // rounds, burst)
            results[place][0].extend(singles)
            results[place][1].append(after)
    return results


def main(arguments):
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--moves", type=int, default=30, help="single moves of each explorer")
    parser.add_argument("--burst", type=int, default=15, help="key presses in a burst")
    options = parser.parse_args(arguments)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [v4.new_code_cell(code.strip()) for _, _, code, _, _ in EXPLORERS]
    with tempfile.TemporaryDirectory(prefix="latency-") as folder, chromium() as browser:
        lessons = Path(folder, "lessons")
        lessons.mkdir()
        nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), lessons / "latency.ipynb")
        with lab_server(Path(folder), lessons) as address:
            with reader(browser, address) as person:
                near = run(person, options.moves, options.burst)
            port = address.split("://")[1].split("/")[0].split(":")[1]
            with (
                delayed(int(port), DELAY) as far_port,
                reader(browser, address.replace(f":{port}/", f":{far_port}/")) as person,
            ):
                far = run(person, options.moves, options.burst)
    print("Key press to painted picture, kernel on this machine; ratio to the first row's median\n")
    print(table(near, statistics.median(near[0][0])))
    print(f"\nThe same with {2 * DELAY * 1000:.0f} ms to the kernel and back\n")
    print(table(far, statistics.median(far[0][0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
