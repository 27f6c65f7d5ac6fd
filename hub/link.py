"""The links that a teacher gives to a class: each fetches the lessons and opens one on the hub.

`python -m hub.link https://hub.school.edu` prints one for each lesson, made from the repository's
own git remote. nbgitpuller, on the hub, clones at the first click and merges at every later one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from tools.links import binder_repository, remote_address
from tools.notebooks import LESSONS
from tools.run_tests import ROOT

FOLDER = "backprop-workbook"  # in each student's home
HOSTS = {"gh": "https://github.com/", "gl": "https://gitlab.com/", "git": ""}
NO_REMOTE = (
    "There is no public remote to fetch from yet. Make the repository public on GitHub or GitLab, "
    "name it to git (`git remote add origin ADDRESS`; where there is an `origin` already, "
    "`set-url` in place of `add`) and push."
)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Print the links; return 1 when there is no public remote."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "hub", type=hub_address, help="the hub's address, such as https://hub.school.edu"
    )
    hub = parser.parse_args(arguments).hub
    try:
        address = remote_address(root)
        repository = public_address(address) if address else None
    except ValueError as problem:
        print(problem)
        repository = None
    if repository is None:
        print(NO_REMOTE)
        return 1
    for lesson in sorted((root / LESSONS.name).glob("[0-9]*.ipynb")):
        print(lesson_link(hub, repository, lesson.name))
    return 0


def hub_address(text: str) -> str:
    """Return a hub's address as its users know it, without the slash and `/hub` at its end.

    Raises
    ------
    argparse.ArgumentTypeError
        If it does not begin with https:// (or http://) and a host.

    Examples
    --------
    >>> hub_address("https://hub.school.edu/hub/")
    'https://hub.school.edu'
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} must be an address such as https://HOST")
    return text.rstrip("/").removesuffix("/hub")


def public_address(remote: str) -> str:
    """Return the https address behind a git remote, without name, token and port of ssh.

    Raises
    ------
    ValueError
        If the remote is no address on a public host.

    Examples
    --------
    >>> public_address("git@gitlab.com:group/part/repo.git")
    'https://gitlab.com/group/part/repo'
    """
    provider, _, place = binder_repository(remote).partition("/")
    return HOSTS[provider] + unquote(place)


def lesson_link(hub: str, repository: str, lesson: str) -> str:
    """Return the address that fetches the lessons and opens one, a file of `notebooks/`.

    Examples
    --------
    >>> lesson_link("https://hub.edu", "https://github.com/o/r", "05_x.ipynb").split("?")[0]
    'https://hub.edu/hub/user-redirect/git-pull'
    """
    opens = f"lab/tree/{FOLDER}/{LESSONS.name}/{lesson}"
    query = urlencode({"repo": repository, "targetpath": FOLDER, "urlpath": opens})
    return f"{hub}/hub/user-redirect/git-pull?{query}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
