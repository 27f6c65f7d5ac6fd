"""Measure everything, print the tables, write the results; see the README, "How fast"."""

import argparse
import json
import platform
import sys
from functools import partial
from importlib import metadata
from pathlib import Path

from bench import course, gradients, report, works
from bench.measure import ROOT, Process, race
from bench.peers import GROWTH_PEERS, MANY_PEERS, OURS, PEERS

RESULTS = ROOT / "bench" / "results"
LIBRARIES = ("numpy", "torch", "jax", "scikit-learn", "autograd")


def main(arguments=None):
    """Run the command and return its exit status."""
    options = _options(arguments)
    results = _stored(options.out) if options.report else _measured(options)
    if options.readme and (results["quick"] or not SECTIONS.keys() <= results.keys()):
        print("README.md is as it was: these results are not of a whole run", file=sys.stderr)
        return 1
    text = report.markdown(results)
    (options.out / "report.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)
    if {"steps", "growth"} <= results.keys():
        report.figure(results).savefig(options.out / "how_fast.png")
    if options.readme:
        readme = ROOT / "README.md"
        new = report.put_into(readme.read_text(encoding="utf-8"), report.summary(results))
        readme.write_text(new, encoding="utf-8", newline="\n")
    return 0


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, for a look; not to quote")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="these sections alone")
    parser.add_argument("--report", action="store_true", help="measure nothing, use the last JSON")
    parser.add_argument("--readme", action="store_true", help="put the tables into README.md")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for JSON and figure")
    options = parser.parse_args(arguments)
    if options.readme and (options.only or options.quick):
        parser.error("--readme takes a whole run: leave out --only and --quick")
    return options


def _stored(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def _measured(options):
    results = {"about": about(), "quick": options.quick}
    for name in options.only or SECTIONS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results[name] = SECTIONS[name](options.quick)
        _write(options.out, results)  # what is measured is kept, whatever comes
    return results


def _write(folder, results):
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    (folder / "results.json").write_text(text, encoding="utf-8", newline="\n")


def about():
    """Return on what is measured: processor, system, versions."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return {
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": found,
    }


def _processor():
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _turns(quick):
    return {"rounds": 3, "seconds": 0.02} if quick else {"rounds": 15, "seconds": 0.15}


def _race(work, peers, quick):
    print(f"  {work.name}", file=sys.stderr, flush=True)
    return race(work, peers, **_turns(quick), say=lambda text: print(text, file=sys.stderr))


def _steps(quick):
    table = works.table()[:3] if quick else works.table()
    return {work.name: _race(work, PEERS, quick) for work in table}


def _many(quick):
    work = works.many_xor(20 if quick else 1000)
    return {work.name: _race(work, MANY_PEERS, quick)}


def _gradients(quick):
    work = works.images_784(10, (64, 30, 10) if quick else (784, 30, 10))
    measure = partial(gradients.measure, work, rounds=15, plain_rounds=1 if quick else 2)
    with Process(OURS) as process:
        return process.ask("call", measure)


def _growth(quick):
    growing = works.growing()[:3] if quick else works.growing()
    return [
        {"parameters": work.n_parameters, **_race(work, GROWTH_PEERS, quick)} for work in growing
    ]


def _course(quick):
    return {
        "whole": not quick,
        "lessons": course.lessons(["03"] if quick else []),
        "imports": course.imports(3 if quick else 15),
    }


SECTIONS = {
    "steps": _steps,
    "many": _many,
    "gradients": _gradients,
    "growth": _growth,
    "course": _course,
}

if __name__ == "__main__":
    sys.exit(main())
