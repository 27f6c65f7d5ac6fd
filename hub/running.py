"""A JupyterHub on loopback, with its proxy, and a repository that its students fetch from."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.student import Student
from tools.notebooks import LESSONS
from tools.run_tests import ROOT

EXAMPLE = ROOT / "hub" / "jupyterhub_config.py"
LOOPBACK = ROOT / "hub" / "loopback_config.py"


@dataclass(frozen=True)
class Hub:
    """A running hub: the proxy's address, the tokens of two services, the hub's process number."""

    address: str
    token: str
    culler_token: str
    pid: int

    def student(self, name: str) -> Student:
        """Return a student of this hub."""
        return Student(name, self.address, self.token)


@contextmanager
def running_hub(folder: Path, proxy: str) -> Iterator[Hub]:
    """Start a hub that keeps everything in `folder`; stop it and all servers at the end."""
    public, internal, api = _free_ports(3)
    token, culler_token = secrets.token_hex(16), secrets.token_hex(16)
    env = dict(os.environ) | {
        "HUB_LOAD_FOLDER": str(folder),
        "HUB_LOAD_PORT": str(public),
        "HUB_LOAD_HUB_PORT": str(internal),
        "HUB_LOAD_PROXY_PORT": str(api),
        "HUB_LOAD_PROXY": str(Path(proxy).absolute()),
        "HUB_LOAD_TOKEN": token,
        "HUB_LOAD_CULLER_TOKEN": culler_token,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "jupyterhub", "-f", str(LOOPBACK), "--log-level=WARN"]
    log = folder / "hub.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        address = f"http://127.0.0.1:{public}"
        try:
            _wait_until_served(f"{address}/hub/api", process, log)
            yield Hub(address, token, culler_token, process.pid)
        finally:
            process.terminate()
            process.wait(120)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [free.getsockname()[1] for free in sockets]
    for free in sockets:
        free.close()
    return ports


def _wait_until_served(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("JupyterHub did not start:\n" + log.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Origin:
    """The repository that a teacher publishes: the lessons."""

    folder: Path

    @property
    def address(self) -> str:
        """The address that git fetches from."""
        return self.folder.as_uri()

    @classmethod
    def make(cls, folder: Path) -> Origin:
        """Publish the lessons as they are."""
        skip = shutil.ignore_patterns(".ipynb_checkpoints", ".backprop_progress*")
        shutil.copytree(LESSONS, folder / LESSONS.name, ignore=skip)
        shutil.copy(ROOT / ".gitignore", folder)
        origin = cls(folder)
        origin._git("init", "--quiet", "--initial-branch=main")
        origin.publish("Lessons")
        return origin

    def publish(self, message: str) -> None:
        """Commit what is in the folder."""
        self._git("add", "--all")
        person = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
        self._git(*person, "commit", "--quiet", "--message", message)

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True)
