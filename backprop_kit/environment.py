"""Whether this kernel has what the workbook needs, and what to do where it has not."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

DISTRIBUTION = "backprop-workbook"
_MEND = "Close JupyterLab and start it by `python3 workbook.py` in the workbook's folder."


@dataclass(frozen=True)
class Environment:
    """What was found, a line each.

    Attributes
    ----------
    found : tuple of str
        The names of the packages that are there, new enough.
    problems : tuple of str
        One sentence for each that is not.
    """

    found: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.problems

    def __repr__(self):
        if self.ready:
            return f"✓ Ready. Found: {', '.join(self.found)}."
        return "\n".join([*(f"✗ {problem}" for problem in self.problems), _MEND])


def check_environment(
    distribution: str = DISTRIBUTION, version: Callable[[str], str] = metadata.version
) -> Environment:
    """Compare what is installed with what the workbook's own metadata ask for.

    Parameters
    ----------
    distribution : str
        The installed package whose requirements are checked.
    version : callable
        From a package's name to its version; raises ``PackageNotFoundError`` where it is missing.

    Returns
    -------
    Environment
        Prints as one line when all is well, else as one sentence a problem.

    Examples
    --------
    >>> check_environment("no-such-workbook").ready
    False
    """
    try:
        requirements = metadata.requires(distribution) or []
        python = metadata.metadata(distribution)["Requires-Python"]
        from packaging.requirements import Requirement
        from packaging.specifiers import SpecifierSet
    except (metadata.PackageNotFoundError, ModuleNotFoundError):
        return Environment((), (f"{distribution} is not installed for {sys.executable}.",))
    here = ".".join(str(part) for part in sys.version_info[:3])
    found, problems = [], []
    if python and here not in SpecifierSet(python):
        problems.append(f"Python is {here}, needed is {python}.")
    for requirement in map(Requirement, requirements):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except metadata.PackageNotFoundError:
            problems.append(f"{requirement.name} is missing; needed is {requirement}.")
            continue
        if requirement.specifier.contains(installed, prereleases=True):
            found.append(requirement.name)
        else:
            problems.append(f"{requirement.name} is {installed}, needed is {requirement}.")
    return Environment(tuple(found), tuple(problems))
