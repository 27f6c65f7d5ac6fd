"""A JupyterLab server on this machine and a real Chromium that reads lessons in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tools.notebooks import LESSONS
from tools.run_tests import quiet_environment

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1280, "height": 1500}
RUN_TIMEOUT = 240  # seconds for all cells of one lesson
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SETTINGS = {
    # All cells in the page at once, so that they can be checked and photographed.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


@contextmanager
def lab_server(
    folder: Path, lessons: Path = LESSONS, settings: dict[str, dict] = SETTINGS
) -> Iterator[str]:
    """Serve a copy of `lessons` from `folder`; give the address of its notebooks."""
    shutil.copytree(
        lessons, folder / "root" / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    for name, value in settings.items():
        file = folder / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    port, token = _free_port(), secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={folder / 'root'}",
        f"--IdentityProvider.token={token}",
        f"--LabApp.user_settings_dir={folder / 'settings'}",
        f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        "--LabApp.expose_app_in_browser=True",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = folder / "jupyterlab.log"
    with quiet_environment() as env, log.open("wb") as log_file:
        env["JUPYTER_CONFIG_DIR"] = str(folder / "config")  # not one person's own settings
        env["JUPYTER_DATA_DIR"] = str(folder / "data")
        server = subprocess.Popen(command, env=env, stdout=log_file, stderr=subprocess.STDOUT)
        try:
            _wait_until_served(f"http://127.0.0.1:{port}/api?token={token}", server, log)
            yield f"http://127.0.0.1:{port}/lab/tree/notebooks/{{name}}?reset&token={token}"
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_until_served(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start:\n" + log.read_text(encoding="utf-8"))


@dataclass
class Reader:
    """A browser page; notes every request that would leave the machine, and stops it."""

    page: object
    address: str
    left_the_machine: list[str] = field(default_factory=list)

    def note_request(self, address: str) -> bool:
        """Record an address outside the machine; say whether it was one."""
        outside = urlsplit(address).hostname not in LOOPBACK
        if outside:
            self.left_the_machine.append(address)
        return outside

    def open(self, name: str) -> None:
        """Open a lesson and wait until its cells and its kernel are there."""
        self.page.goto(self.address.format(name=name))
        self.page.wait_for_function(_WITH_NOTEBOOK.format("return ready;"), timeout=90_000)
        self.settle()

    def run_all(self) -> None:
        """Clear the outputs, run all cells in the new kernel and wait for the last one."""
        self.command("editmenu:clear-all")
        self.page.wait_for_function(_WITH_NOTEBOOK.format("return counts.every(c => c === null);"))
        self.page.evaluate("() => { window.jupyterapp.commands.execute('runmenu:run-all'); }")
        self.page.wait_for_function(
            _WITH_NOTEBOOK.format(
                "return errors > 0 || (counts.every(c => c > 0) && kernel.status === 'idle');"
            ),
            timeout=RUN_TIMEOUT * 1000,
        )
        self.settle()

    def command(self, name: str) -> None:
        """Run one of JupyterLab's commands."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def settle(self) -> None:
        """Wait until pictures are loaded, formulas are set and the height stands still."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.jp-Notebook img')].every(i => i.complete)
                  && !document.querySelector('.jp-Notebook .MathJax_Processing')""",
            timeout=30_000,
        )
        last, same = None, 0
        for _ in range(60):
            height = self.page.evaluate(f"() => document.querySelector('{_SCROLLER}').scrollHeight")
            same = same + 1 if height == last else 0
            if same == 4:
                return
            last = height
            self.page.wait_for_timeout(200)

    def counts(self) -> list[int | None]:
        """Return the execution counts of the code cells."""
        return self.page.evaluate(_WITH_NOTEBOOK.format("return counts;"))

    def folded_texts(self) -> list[str]:
        """Return what the folded outputs show of themselves."""
        return self.page.locator(".jp-OutputPlaceholder .jp-PlaceholderText").all_inner_texts()

    def report(self) -> dict[str, list[str]]:
        """Return what the page shows that it should not: errors, broken formulas, bare figures."""
        return self.page.evaluate(_REPORT)

    def violations(self) -> list[str]:
        """Return what axe finds wrong inside the cells' outputs: each rule, and where it fails."""
        from axe_playwright_python.sync_playwright import Axe

        # axe passes over what it takes for hidden: below the window, and in JupyterLab, whose
        # body has no height, everything.
        height, _ = self.page.locator(_SCROLLER).first.evaluate(_HEIGHTS)
        self.page.set_viewport_size(VIEWPORT | {"height": height + 500})
        self.page.add_style_tag(content="body { overflow: visible !important; }")
        self.settle()
        context = {"include": [[".jp-Notebook .jp-OutputArea-output"]]}
        found = Axe().run(self.page, context, {"resultTypes": ["violations", "passes"]}).response
        self.page.set_viewport_size(VIEWPORT)
        if not any(rule["id"] == "color-contrast" for rule in found["passes"]):
            raise RuntimeError("axe saw no text in the outputs")
        return [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def change_theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until it is there."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name, timeout=30_000
        )

    def figures(self) -> int:
        """Count the drawn figures in outputs."""
        return self.page.evaluate("() => document.querySelectorAll(`" + _FIGURES + "`).length")

    def photograph(self, out: Path, stem: str) -> list[Path]:
        """Save the whole lesson as a row of pictures, top to bottom."""
        out.mkdir(parents=True, exist_ok=True)
        scroller = self.page.locator(_SCROLLER).first
        height, shown = scroller.evaluate(_HEIGHTS)
        step = shown - 60  # some overlap, so that nothing is cut in both pictures
        saved = []
        for number, top in enumerate(range(0, max(1, height - 60), step), 1):
            scroller.evaluate("(e, top) => e.scrollTo({top, behavior: 'instant'})", top)
            self.page.wait_for_timeout(150)
            saved.append(out / f"{stem}-{number:02d}.png")
            self.page.locator(".jp-NotebookPanel").first.screenshot(path=saved[-1])
        scroller.evaluate("e => e.scrollTo({top: 0, behavior: 'instant'})")
        return saved


@contextmanager
def chromium() -> Iterator[object]:
    """Start the browser; one at a time, and one for all readers."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def reader(browser: object, address: str) -> Iterator[Reader]:
    """Give a `Reader` of the server at `address`, in a fresh profile."""
    context = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
    person = Reader(context.new_page(), address)

    def stop_at_the_border(route):
        if person.note_request(route.request.url):
            route.abort()
        else:
            route.continue_()

    context.route("**/*", stop_at_the_border)
    person.page.on("websocket", lambda socket: person.note_request(socket.url))
    try:
        yield person
    finally:
        context.close()


_SCROLLER = ".jp-NotebookPanel .jp-WindowedPanel-outer"
# The cells' height, without the empty page that JupyterLab leaves below them.
_HEIGHTS = """e => {
    const cells = e.querySelectorAll('.jp-Cell');
    const last = cells[cells.length - 1].getBoundingClientRect().bottom;
    return [Math.ceil(last - e.getBoundingClientRect().top + e.scrollTop), e.clientHeight];
}"""
_FIGURES = ".jp-OutputArea-output img, .jp-OutputArea-output svg:not(svg svg):not(mjx-container *)"

_WITH_NOTEBOOK = """() => {{
    const app = window.jupyterapp;
    const panel = app && app.shell.currentWidget;
    if (!panel || !panel.content || !panel.content.model || !panel.sessionContext) return false;
    const kernel = panel.sessionContext.session && panel.sessionContext.session.kernel;
    const widgets = panel.content.widgets;
    const code = widgets.filter(
        w => w.model.type === 'code' && w.model.sharedModel.getSource().trim());
    const counts = code.map(w => w.model.executionCount);
    const outputs = code.flatMap(w => w.model.outputs.toJSON());
    const errors = outputs.filter(o => o.output_type === 'error').length;
    const shown = document.querySelectorAll('.jp-Notebook .jp-Cell').length;
    const ready = code.length > 0 && !!kernel && kernel.status === 'idle'
        && panel.content.model.cells.length === shown;
    {}
}}"""

_REPORT = """() => {
    const all = selector => [...document.querySelectorAll('.jp-Notebook ' + selector)];
    const text = nodes => nodes.map(n => (n.textContent.trim() || n.outerHTML).slice(0, 300));
    const figures = [...document.querySelectorAll(`FIGURES`)];
    const name = f => (f.getAttribute('alt') || f.getAttribute('aria-label') || '').trim();
    const drawn = f => f.tagName === 'IMG' ? f.naturalWidth > 0
        : f.getBoundingClientRect().width > 0 || f.closest('.jp-mod-outputsHidden, [hidden]');
    // What the page shows in red, an error or a warning, has this type in JupyterLab.
    const red = text(all('[data-mime-type="application/vnd.jupyter.stderr"]'));
    const outputs = window.jupyterapp.shell.currentWidget.content.widgets
        .filter(w => w.model.type === 'code').flatMap(w => w.model.outputs.toJSON());
    return {
        'error outputs': outputs.filter(o => o.output_type === 'error').map(o => o.evalue),
        'text on stderr': red,
        // MathJax sets an unknown macro as red text, and a formula it cannot read as an merror.
        'broken formulas': text(all('mjx-merror, merror, mtext[mathcolor="red"]')),
        'formulas left as text': all('.jp-RenderedMarkdown, .jp-RenderedLatex').map(node => {
            const copy = node.cloneNode(true);
            copy.querySelectorAll('mjx-container, code, pre').forEach(n => n.remove());
            return copy.textContent;
        }).filter(t => /\\$[^$\\n]*\\\\[a-z]+[^$]*\\$/i.test(t)).map(t => t.slice(0, 300)),
        'figures without a text': figures.filter(f => !name(f)).map(f => f.outerHTML.slice(0, 200)),
        'figures not drawn': figures.filter(f => !drawn(f)).map(name),
    };
}""".replace("FIGURES", _FIGURES)
