"""Links to Binder from whatever remote git names, and none from what is no public address."""

from __future__ import annotations

import re
import shutil
import subprocess

import nbformat
import pytest

from tools import links
from tools.hygiene import hygiene
from tools.run_tests import ROOT

LESSON = "00_start_here.ipynb"
LINK = "https://mybinder.org/v2/{}/HEAD?labpath=notebooks%2F00_start_here.ipynb"


@pytest.fixture
def clone(tmp_path):
    """Give a repository with the README and the lessons, and no remote."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    shutil.copy(ROOT / "README.md", tmp_path)
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


def pages(folder):
    """Return the README, and the prose of lesson 00."""
    notebook = nbformat.read(folder / "notebooks" / LESSON, as_version=4)
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return (folder / "README.md").read_text(encoding="utf-8"), "\n".join(prose)


def between_the_marks(page):
    return page.split(links.START)[1].split(links.END)[0].strip()


@pytest.mark.parametrize(
    ("address", "repository"),
    {
        "https://github.com/owner/repo": "gh/owner/repo",
        "https://github.com/owner/repo.git": "gh/owner/repo",
        "https://github.com/owner/repo/": "gh/owner/repo",
        "https://www.github.com/owner/repo": "gh/owner/repo",
        "HTTPS://GitHub.com/Owner/Repo": "gh/Owner/Repo",
        "https://someone:s3cret@github.com/owner/repo.git": "gh/owner/repo",
        "ssh://git@github.com/owner/repo.git": "gh/owner/repo",
        "ssh://git@ssh.github.com:443/owner/repo.git": "gh/owner/repo",
        "git@github.com:owner/repo.git": "gh/owner/repo",
        "github.com:owner/repo": "gh/owner/repo",
        "git@github.com:o-w.n_er/re.po.git.git": "gh/o-w.n_er/re.po.git",
        "git@gitlab.com:group/repo.git": "gl/group%2Frepo",
        "https://gitlab.com/group/part/repo.git": "gl/group%2Fpart%2Frepo",
        "https://git.uni.edu/group/repo.git": "git/https%3A%2F%2Fgit.uni.edu%2Fgroup%2Frepo",
        "https://git.uni.edu:8443/g/repo": "git/https%3A%2F%2Fgit.uni.edu%3A8443%2Fg%2Frepo",
        "ssh://git@git.uni.edu:2222/g/repo": "git/https%3A%2F%2Fgit.uni.edu%2Fg%2Frepo",
    }.items(),
)
def test_each_form_of_an_address_gives_its_repository(address, repository):
    assert links.binder_repository(address) == repository


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/srv/git/repo.git",
        "../elsewhere",
        "file:///srv/git/repo.git",
        "C:\\lessons\\repo",
        "https://localhost/owner/repo",
        "https://10.0.0.3/owner/repo",
        "git@server:owner/repo.git",
        "https://github.com/owner",
        "https://github.com/owner/repo/tree",
        "https://github.com/owner/..",
        "https://github.com/owner/.git",
        "https://github.com/owner/repo?x=1",
        "https://github.com/owner/repo#x",
        "https://github.com/owner/repo) [x](https://evil.example",
        'https://github.com/owner/"><script>alert(1)</script>',
        "https://github.com/owner/repo\nhttps://evil.example/a/b",
        "https://github.com/owner/repo\n",
        "https://github.com/owner/re po",
        "https://github.com/öwner/repo",
        "https://github.com/owner/repo`$(touch x)`",
        "https://github.com@evil.example:x/owner/repo",
        "javascript:alert(1)",
    ],
)
def test_no_link_is_made_of_what_binder_cannot_fetch(address):
    with pytest.raises(ValueError, match="no public address"):
        links.binder_repository(address)


def test_what_stands_before_the_at_sign_is_not_the_host():
    repository = links.binder_repository("https://github.com@evil.example/owner/repo")
    assert repository == "git/https%3A%2F%2Fevil.example%2Fowner%2Frepo"


def test_one_link_a_lesson_is_printed(clone, capsys):
    before = pages(clone)
    git(clone, "remote", "add", "origin", "git@github.com:owner/repo.git")
    assert links.main([], root=clone) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == LINK.format("gh/owner/repo")
    assert len(printed) == len(list((clone / "notebooks").glob("[0-9]*.ipynb")))
    assert pages(clone) == before


def test_badges_are_written_and_a_fork_gets_its_own(clone):
    for owner in ("owner", "fork"):
        git(
            clone,
            "remote",
            "add" if owner == "owner" else "set-url",
            "origin",
            f"git@github.com:{owner}/repo",
        )
        assert links.main(["--write"], root=clone) == 0
        for page in pages(clone):
            assert f"]({LINK.format(f'gh/{owner}/repo')})" in page
            assert set(re.findall(r"mybinder\.org/v2/gh/(\w+)/", page)) == {owner}
    assert "![Open in Binder](notebooks/binder.svg)" in pages(clone)[0]
    assert "![Open in Binder](binder.svg)" in pages(clone)[1]
    assert hygiene(clone / "notebooks" / LESSON) == []


def test_without_a_remote_they_say_how_to_make_one(clone, capsys):
    git(clone, "remote", "add", "origin", "git@github.com:owner/repo")
    links.main(["--write"], root=clone)
    git(clone, "remote", "remove", "origin")
    assert links.main(["--write"], root=clone) == 1
    assert "git remote add origin" in capsys.readouterr().out
    for page in pages(clone):
        assert between_the_marks(page) == links.NO_LINK
        assert "mybinder.org/v2" not in page


def test_a_remote_that_gives_no_link_is_not_repeated(clone, capsys):
    git(clone, "remote", "add", "origin", "https://someone:s3cret@localhost/owner/repo")
    assert links.main(["--write"], root=clone) == 1
    said = capsys.readouterr().out + "".join(pages(clone))
    assert "s3cret" not in said
    assert "mybinder.org/v2" not in said


def test_the_remote_is_origin_or_the_only_one(clone):
    assert links.remote_address(clone) is None
    git(clone, "remote", "add", "mine", "https://github.com/mine/repo")
    assert links.remote_address(clone) == "https://github.com/mine/repo"
    git(clone, "remote", "add", "theirs", "https://github.com/theirs/repo")
    assert links.remote_address(clone) is None
    git(clone, "remote", "add", "origin", "https://github.com/owner/repo")
    assert links.remote_address(clone) == "https://github.com/owner/repo"


def test_the_remote_of_a_folder_around_is_not_ours(clone):
    git(clone, "remote", "add", "origin", "https://github.com/other/thing")
    assert links.remote_address(clone / "notebooks") is None


@pytest.mark.parametrize(
    "page", ["none", "<!-- /binder --> <!-- binder -->", "<!-- binder -->" * 2]
)
def test_a_page_without_its_place_is_refused_and_nothing_is_written(clone, page):
    git(clone, "remote", "add", "origin", "https://github.com/owner/repo")
    (clone / "README.md").write_text(page, encoding="utf-8")
    before = pages(clone)
    with pytest.raises(ValueError, match="expected one <!-- binder -->"):
        links.main(["--write"], root=clone)
    assert pages(clone) == before


def test_the_committed_pages_agree():
    readme, lesson = (between_the_marks(page) for page in pages(ROOT))
    found = re.findall(r"https://mybinder\.org/v2/(\S+?)/HEAD", readme)
    repository = found[0] if found else None
    names = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    assert readme == links.block(repository, names, "notebooks/binder.svg")
    assert lesson == links.block(repository, names, "binder.svg")
