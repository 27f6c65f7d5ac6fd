"""Set up the workbook and open it, test it, or re-execute its lessons.

python3 workbook.py                      open lesson 00 in JupyterLab
python3 workbook.py test                 run all tests (those in a browser apart)
python3 workbook.py refresh [LESSON ...] re-execute and normalise lessons, all of them by default

Whatever follows `--` goes on to JupyterLab or pytest:
python3 workbook.py -- --port=9999       python3 workbook.py test -- -k xor

The libraries go into the folder .venv beside this file; nothing else on the computer changes.
"""

# Standard library only, and no syntax newer than Python 3.6: this file must start on any
# Python 3 in order to say that it is too old.

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser

OLDEST_PYTHON = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "workbook-stamp.json")  # written last: it says that a set-up finished
OURS = os.path.join(VENV, "made-by-workbook.txt")  # written first: this folder is ours to remake
LOG = os.path.join(VENV, "workbook-install.log")
FIRST_LESSON = "notebooks/00_start_here.ipynb"


class SetupError(Exception):
    """Something the reader can mend; its text says how."""


def main(arguments):
    """Run one command and return the exit status."""
    ours, passed_on = split_at_dashes(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="open", choices=["open", "test", "refresh"])
    parser.add_argument("lessons", nargs="*", help="for refresh: numbers or files, e.g. 03")
    options = parser.parse_args(ours)
    if options.lessons and options.command != "refresh":
        parser.error("only refresh takes lessons; put arguments for others after --")
    try:
        check_python()
        python = set_up(extras=[] if options.command == "open" else ["test"])
        if options.command == "open":
            return run(python, lab_arguments(passed_on))
        if options.command == "test":
            return run(python, ["-m", "tools.run_tests", *passed_on])
        return run(python, ["-m", "tools.notebooks", "refresh", *options.lessons, *passed_on])
    except SetupError as problem:
        say("\n" + str(problem))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The same command starts again.")
        return 130


def split_at_dashes(arguments):
    """Return the arguments before and after the first `--`."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def say(text):
    """Print at once, also into a pipe, which on Windows cannot take every character."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


# ---------------------------------------------------------------- set-up


def check_python():
    """Refuse a Python that is too old or cannot make an environment."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            "This is Python {}.{}, and the workbook needs {}.{} or newer.\n"
            "Install one from https://www.python.org/downloads/ and start the workbook with it, "
            "for example:  python3.12 workbook.py".format(*(sys.version_info[:2] + OLDEST_PYTHON))
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise SetupError(
            f"This Python cannot make an environment: its module '{error.name}' is missing.\n"
            "On Debian or Ubuntu:  apt install python3-venv   (with sudo, unless you are root)\n"
            "Then run the same command again."
        ) from error


def set_up(extras):
    """Make .venv as pyproject.toml asks, unless it is so already; return its Python."""
    python = venv_python()
    stamp = read_stamp()
    wanted = wanted_stamp(sorted(set(extras) | set(stamp.get("extras", []))))
    if stamp == wanted and starts(python):
        return python
    # A finished environment of the same place and Python is brought up to date;
    # anything else (interrupted, moved, another Python) is made anew.
    same = {key: stamp.get(key) for key in ("root", "python")}
    if not (all(same[key] == wanted[key] for key in same) and starts(python)):
        clear_venv()
        say("Setting up the workbook in .venv. This happens once and takes a minute or two.")
        os.makedirs(VENV)
        with open(OURS, "w", encoding="utf-8") as file:
            file.write("Made by workbook.py, which may delete and remake this folder.\n")
        wanted["extras"] = sorted(extras)
        make_venv()
    else:
        say("Bringing .venv up to date.")
        os.remove(STAMP)
    install(python, wanted["extras"])
    quiet_jupyterlab()
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump(wanted, file)
    return python


def venv_python():
    """Return the path of the environment's Python."""
    parts = ["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]
    return os.path.join(VENV, *parts)


def read_stamp():
    """Return what the last finished set-up wrote; empty when there is none."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def wanted_stamp(extras):
    """Return the stamp of an environment that fits this folder, Python and pyproject.toml."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        digest = hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()
    version = "{}.{}".format(*sys.version_info[:2])
    return {"pyproject": digest, "extras": extras, "root": ROOT, "python": version}


def starts(python):
    """Say whether this Python runs; it does not when its base Python was removed."""
    try:
        return subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def clear_venv():
    """Delete .venv if this script made it; refuse to touch anybody else's."""
    if not os.path.lexists(VENV):
        return
    if not os.path.exists(OURS):
        raise SetupError(
            "There is a .venv here that workbook.py did not make.\n"
            "Rename or delete it, then run the same command again:\n  " + VENV
        )
    try:
        shutil.rmtree(VENV)
    except OSError as error:
        raise SetupError(
            f"The old .venv cannot be deleted: {error}\n"
            "Close JupyterLab and whatever else uses it, then run the same command again."
        ) from error


def make_venv():
    """Create the environment with pip in it."""
    command = [sys.executable, "-m", "venv", VENV]
    result = subprocess.run(
        command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if result.returncode:
        raise SetupError(
            "Python could not make the environment .venv. It said:\n\n"
            + indent(result.stdout.decode(errors="replace"))
            + "\n\nOn Debian or Ubuntu this often helps:  apt install python3-venv"
        )


def install(python, extras):
    """Install the workbook and its libraries from pyproject.toml."""
    target = "." + ("[" + ",".join(extras) + "]" if extras else "")
    command = [python, "-m", "pip", "install", "--no-input", "--editable", target]
    say("Installing the libraries that pyproject.toml names ...")
    with open(LOG, "wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=clean_environment(), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_with_dots(process)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        with open(LOG, "rb") as log:
            last = log.read().decode(errors="replace").strip().splitlines()[-12:]
        raise SetupError(
            "The libraries could not be installed. Is there a network connection here, "
            "and room on the disk?\nThe last lines of pip:\n\n"
            + indent("\n".join(last))
            + "\n\nWhen that is mended, run the same command again; it starts afresh.\n"
            "The whole log: " + LOG
        )


def wait_with_dots(process):
    """Wait for a process, with a sign of life every few seconds."""
    started = shown = time.time()
    while process.poll() is None:
        time.sleep(0.1)
        if time.time() - shown > 10:
            shown = time.time()
            say(f"  ... {shown - started:.0f} s")


def quiet_jupyterlab():
    """Keep JupyterLab from asking on its first page whether it may fetch news."""
    folder = os.path.join(VENV, "etc", "jupyter", "labconfig")
    os.makedirs(folder, exist_ok=True)
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    with open(os.path.join(folder, "page_config.json"), "w", encoding="utf-8") as file:
        json.dump({"disabledExtensions": disabled}, file)


def clean_environment():
    """Return the environment without what would mix another Python into ours.

    Text is UTF-8 in it on every system, as Python 3.15 will have it by itself.
    """
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0", PYTHONUTF8="1")
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        env.pop(name, None)
    return env


def indent(text):
    """Set a quoted text off from ours."""
    return "\n".join("    " + line for line in text.splitlines())


# ---------------------------------------------------------------- running


def lab_arguments(passed_on):
    """Return the arguments that open the first lesson, for root and without a browser too."""
    arguments = ["-m", "jupyterlab", "--log-level=WARN"]
    arguments.append("--LabApp.default_url=/lab/tree/" + FIRST_LESSON)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    say("Starting JupyterLab. It runs until you press Ctrl+C here.")
    if "--no-browser" in passed_on or not has_browser():
        if "--no-browser" not in passed_on:
            arguments.append("--no-browser")
        say(
            "No browser can be opened from here. Copy the address that appears below, beginning\n"
            "with http:// and ending in a token, into a browser on this computer."
        )
    return arguments + passed_on


def has_browser():
    """Say whether a browser with a window can be opened from here."""
    needs_display = os.name == "posix" and sys.platform != "darwin"
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if needs_display and not any(os.environ.get(name) for name in displays):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def run(python, arguments):
    """Run the environment's Python at the top of the repository; return its exit status."""
    command = [python, *arguments]
    env = clean_environment()
    if os.name != "nt":  # become that process, so that Ctrl+C and kill reach it
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execve(python, command, env)
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it got the same Ctrl+C: let it end its kernels
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
