"""Links that open the lessons on Binder, made from the repository's own git remote.

`python -m tools.links` prints one for each lesson. `python -m tools.links --write` also puts them
into README.md and lesson 00, between `<!-- binder -->` and `<!-- /binder -->`; in a fork, these are
the fork's own. Before there is a public remote, it says there how to make one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat

from tools.notebooks import LESSONS, normal_text
from tools.run_tests import ROOT

START, END = "<!-- binder -->", "<!-- /binder -->"
# Any other host is "git": Binder clones from its https address.
PROVIDERS = {
    "github.com": "gh",
    "www.github.com": "gh",
    "ssh.github.com": "gh",
    "gitlab.com": "gl",
    "altssh.gitlab.com": "gl",
}
COMMAND = ".venv/bin/python -m tools.links --write"
NO_LINK = (
    "There is no link to Binder yet. Make the repository public on GitHub or GitLab, name it to "
    "git (`git remote add origin ADDRESS`; where there is an `origin` already, `set-url` in place "
    f"of `add`), push, and run `{COMMAND}`: it puts the links here."
)

# Nothing but these characters reaches a page, so no address can break out of its link. The forms
# are `https://host/path` and `git@host:path`; what stands before the @ is dropped, tokens too.
_HOST = r"(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+)"
_PATH = r"(?P<path>[\w.-]+(?:/[\w.-]+)+)/?"
_ADDRESSES = [
    re.compile(rf"https?://(?:[^@/\s]+@)?{_HOST}(?P<port>(?::\d+)?)/{_PATH}", re.ASCII | re.I),
    re.compile(rf"(?:ssh|git)://(?:[^@/\s]+@)?{_HOST}(?::\d+)?(?P<port>)/{_PATH}", re.ASCII | re.I),
    re.compile(rf"(?:[\w.-]+@)?{_HOST}(?P<port>):{_PATH}", re.ASCII | re.I),
]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Print the links, write them if asked to; return 1 when there are none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="into README.md and lesson 00, too")
    options = parser.parse_args(arguments)
    repository = None
    try:
        if address := remote_address(root):
            repository = binder_repository(address)
    except ValueError as problem:
        print(problem)
    lessons = sorted(path.name for path in (root / LESSONS.name).glob("[0-9]*.ipynb"))
    if repository is None:
        print(NO_LINK)
    else:
        print("\n".join(lesson_link(repository, lesson) for lesson in lessons))
    if options.write:
        write(root, repository, lessons)
    return 0 if repository else 1


def remote_address(root: Path) -> str | None:
    """Return the address of the remote `origin`, or of the only one; None when there is none."""
    top = _git(root, "rev-parse", "--show-toplevel").strip()
    if not top or Path(top).resolve() != root.resolve():
        return None  # no repository, or a folder in somebody else's
    names = _git(root, "remote").split()
    name = "origin" if "origin" in names else names[0] if len(names) == 1 else None
    return _git(root, "remote", "get-url", name).strip() if name else None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:  # no git on this computer
        return ""


def binder_repository(address: str) -> str:
    """Return how Binder calls the repository at a git address.

    A user's name, a token and a port in the address are left out.

    Parameters
    ----------
    address : str
        As `git remote get-url` prints it: https, ssh, or `git@host:path`.

    Raises
    ------
    ValueError
        If it is no address on a public host, or holds characters that no repository's name has.

    Examples
    --------
    >>> binder_repository("git@github.com:owner/repo.git")
    'gh/owner/repo'
    >>> binder_repository("https://gitlab.com/group/part/repo")
    'gl/group%2Fpart%2Frepo'
    """
    for pattern in _ADDRESSES:
        if not (found := pattern.fullmatch(address)):
            continue
        host, path = found["host"].lower(), found["path"].removesuffix(".git")
        parts = path.split("/")
        provider = PROVIDERS.get(host, "git")
        if {"", ".", ".."} & set(parts) or (provider == "gh" and len(parts) != 2):
            break
        if provider == "gh":
            return f"gh/{path}"
        place = path if provider == "gl" else f"https://{host}{found['port']}/{path}"
        return f"{provider}/{quote(place, safe='')}"
    raise ValueError(
        "The git remote is no public address that others can fetch from, such as "
        "https://github.com/OWNER/REPO or git@gitlab.com:GROUP/REPO.git; see `git remote -v`."
    )


def lesson_link(repository: str, lesson: str) -> str:
    """Return the address that opens a lesson, a file of `notebooks/`, on Binder."""
    path = quote(f"{LESSONS.name}/{lesson}", safe="")
    return f"https://mybinder.org/v2/{repository}/HEAD?labpath={path}"


def block(repository: str | None, lessons: list[str], badge: str) -> str:
    """Return what stands between the two marks: the links, or how to make them.

    `badge` is the picture's file, seen from the page.
    """
    if repository is None:
        return NO_LINK
    first = f"[![Open in Binder]({badge})]({lesson_link(repository, lessons[0])})"
    others = [f"[{name[:2]}]({lesson_link(repository, name)})" for name in lessons[1:]]
    return f"{first} opens lesson 00 in the browser, with nothing to install. Or go to lesson\n" + (
        " ·\n".join(others) + "."
    )


def write(root: Path, repository: str | None, lessons: list[str]) -> None:
    """Put the block into README.md and into lesson 00; into neither, if one has no place for it."""
    readme, lesson = root / "README.md", root / LESSONS.name / lessons[0]
    page = replace_block(
        readme.read_text(encoding="utf-8"),
        block(repository, lessons, f"{LESSONS.name}/binder.svg"),
    )
    notebook = nbformat.read(lesson, as_version=4)
    cells = [cell for cell in notebook.cells if START in cell.source] or notebook.cells[:1]
    cells[0].source = replace_block(cells[0].source, block(repository, lessons, "binder.svg"))
    readme.write_text(page, encoding="utf-8", newline="\n")
    lesson.write_text(normal_text(notebook), encoding="utf-8", newline="\n")


def replace_block(page: str, text: str) -> str:
    """Return `page` with `text` between its two marks.

    Raises
    ------
    ValueError
        If the marks are not there, once each and in this order.
    """
    if (page.count(START), page.count(END)) != (1, 1) or page.index(START) > page.index(END):
        raise ValueError(f"expected one {START} and, after it, one {END}")
    return page[: page.index(START)] + f"{START}\n{text}\n{END}" + page.split(END)[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
