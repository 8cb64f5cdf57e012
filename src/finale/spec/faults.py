"""What is wrong with a text that is not YAML, in words an author can act on."""

import re
from typing import Any, NamedTuple

import yaml

__all__ = ["QUOTE_TAGS", "Finding", "Unreadable", "explain_yaml_error"]

QUOTE_TAGS = (
    "a value that begins with {{ is not quoted, so YAML takes it for an object",
    "expected a quoted text",
    'Quote it: "{{...}}"',
)
_UNQUOTED_TAG = re.compile(r"(?:^|[:,\[-])\s*(\{\{.*)$")
_REASONS = (
    (
        "'\\t' that cannot start any token",
        "a tab stands where YAML wants spaces",
        "expected spaces",
        "Indent by spaces",
    ),
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "",
        'Check the indentation; a text that holds ": " needs quotes',
    ),
    ("could not find expected ':'", "a key has no colon behind it", 'expected "key: value"', ""),
    (
        "did not find expected key",
        "the indentation does not fit the lines above",
        "expected a key of the object above",
        "Align it with its neighbours; text behind a closing quote needs quotes around the whole",
    ),
    (
        "did not find expected '-' indicator",
        "the indentation does not fit the list above",
        'expected "- " or less indentation',
        "",
    ),
    ("found unexpected end of stream", "a quoted text has no end", "expected a closing quote", ""),
    (
        "found undefined tag handle",
        "a tag that is not understood",
        "expected plain values",
        'Quote a text that begins with "!"',
    ),
    (
        "that cannot start any token",
        "a value begins with a character that YAML keeps for itself",
        "",
        "Quote the value",
    ),
    ("control characters are not allowed", "a control character", "expected printable text", ""),
    ("special characters are not allowed", "a control character", "expected printable text", ""),
)


class Finding(NamedTuple):
    """Something wrong in a text. Lines and columns count from 0 within the document; `twin_line` is that of the other
    of two that exclude each other.
    """

    line: int
    column: int
    what: str
    expected: str = ""
    hint: str = ""
    path: str = ""
    twin_line: int | None = None


class Unreadable(Exception):
    """The text is not YAML or JSON from `finding` on; what comes behind it cannot be read."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.what)


def explain_yaml_error(error: yaml.YAMLError, text: str) -> Finding:
    """The parser's complaint with its place, in our words where we have better ones."""
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    raw = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).strip()
    line, column = (
        (mark.line, mark.column) if mark is not None else _line_and_column(text, getattr(error, "position", 0))
    )
    lines = text.split("\n")
    context: Any = getattr(error, "context_mark", None)
    for number in (line, line - 1, context.line if context is not None else line):
        if 0 <= number < len(lines) and (match := _UNQUOTED_TAG.search(lines[number])):
            return Finding(number, match.start(1), *QUOTE_TAGS)
    for sign, what, expected, hint in _REASONS:
        if sign in raw:
            return Finding(line, column, what, expected, hint)
    return Finding(line, column, f"not YAML: {raw}")


def _line_and_column(text: str, position: Any) -> tuple[int, int]:
    before = text[:position] if isinstance(position, int) else ""
    return before.count("\n"), len(before) - before.rfind("\n") - 1
