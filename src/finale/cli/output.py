"""Where a command's words go: results to standard output, everything about the doing of it to standard error.

Colours only on a terminal, and not with ``NO_COLOR``, ``TERM=dumb`` or ``--no-color`` (no-color.org).
"""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from finale.cli.show.symbols import Palette
from finale.errors import FinaleError, ManifestInvalid
from finale.problems import Problem

__all__ = ["Output"]


class Output:
    """Standard output and standard error of one command."""

    def __init__(self, *, no_color: bool = False, no_utf8: bool = False) -> None:
        self.is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        colour = self.is_terminal and not no_color and not os.environ.get("NO_COLOR")
        self.palette = Palette(colour, _can_show(sys.stdout) and not no_utf8)

    def line(self, text: str = "") -> None:
        """One line of the result, visible at once."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def lines(self, lines: Iterable[str]) -> None:
        """Lines of the result."""
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()

    def json(self, value: Any) -> None:
        """The result as JSON, two spaces to a level."""
        self.line(json.dumps(value, indent=2, ensure_ascii=not self.palette.utf8))

    def yaml(self, *values: dict[str, Any]) -> None:
        """The results as YAML documents that read back as the same values."""
        from finale.spec.dump import to_yaml  # noqa: PLC0415  (start-up time: PyYAML and msgspec)

        sys.stdout.write(to_yaml(*values))
        sys.stdout.flush()

    def object(self, value: dict[str, Any], kind: str, form: str) -> None:
        """An object as ``json`` or ``yaml`` that can be submitted or applied again: servers leave out what it is."""
        named = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, **value}
        if form == "json":
            self.json(named)
        else:
            self.yaml(named)

    def notice(self, text: str) -> None:
        """Something worth knowing that is no result."""
        self.say(text if text.startswith(("notice: ", "warning: ")) else f"notice: {text}")

    def say(self, text: str) -> None:
        """A line to standard error."""
        sys.stdout.flush()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def problem(self, problem: Problem) -> None:
        """A finding about what the user gave us."""
        self.say(problem.text())

    def failure(self, error: FinaleError) -> None:
        """Why the command did not do what was asked."""
        if isinstance(error, ManifestInvalid):
            for problem in error.problems:
                self.problem(problem)
            return
        self.say(f"Error: {error}")


def _can_show(stream: TextIO) -> bool:
    try:
        "✔●◷├─ǁ".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
        return False
    return True
