"""What is wrong with a text that is not YAML, in words an author can act on."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

__all__ = ["QUOTE_TAGS", "Finding", "Unreadable", "explain_yaml_error"]


class Finding(NamedTuple):
    """Something wrong at `offset` (in characters) of a document's text; `twin` is where the other of two like it is."""

    offset: int
    what: str
    expected: str = ""
    hint: str = ""
    path: str = ""
    twin: int | None = None


class Unreadable(Exception):
    """The text cannot be read from `finding` on; `earlier` are the findings before it."""

    def __init__(self, finding: Finding, earlier: Sequence[Finding] = ()) -> None:
        self.finding = finding
        self.earlier = tuple(earlier)
        super().__init__(finding.what)


QUOTE_TAGS = (
    "a value that begins with {{ is not quoted, so YAML takes it for an object",
    "expected a quoted string",
    'Quote the whole value: "{{...}}"',
)
_UNQUOTED_TAG = re.compile(r"(?:^|[:,\[-])[ ]*(\{\{.*)$")
_INDENT = "Align it with its neighbours; a value that goes on behind a closing quote needs quotes around the whole"
_REASONS = (
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "",
        'Check the indentation; a value that holds ": " needs quotes',
    ),
    ("could not find expected ':'", "a key has no colon behind it", 'expected "key: value"', ""),
    ("did not find expected key", "this does not fit the lines above", "expected a key of the same object", _INDENT),
    ("did not find expected '-'", "this does not fit the list above", 'expected "- " or less indentation', _INDENT),
    ("found unexpected end of stream", "a quoted string has no end", "expected a closing quote", ""),
    ("found unexpected document indicator", "a quoted string has no end", "expected a closing quote", ""),
    ("did not find expected ',' or ']'", "a list in brackets has no end", 'expected "," or "]"', ""),
    ("did not find expected ',' or '}'", "an object in braces has no end", 'expected "," or "}"', ""),
    (
        "undefined tag handle",
        "a tag that is not understood",
        "expected a plain value",
        'Quote a value that begins with "!"',
    ),
    ("cannot start any token", "a value begins with a character that YAML keeps for itself", "", "Quote the value"),
    (
        "unknown escape character",
        "a backslash is followed by a character that makes no escape",
        "",
        "Use single quotes",
    ),
    (
        "did not find expected <document start>",
        "text follows the end of the document",
        "",
        'Separate documents by "---"',
    ),
    ("characters are not allowed", "a control character", "expected printable text", ""),
)
"""Part of libyaml's own words → ours: what, expected, hint. The first that fits counts."""
_AT_START = (
    "a key has no colon behind it",
    "a quoted string has no end",
    "a list in brackets has no end",
    "an object in braces has no end",
)
"""Findings that are shown where the thing begins; the parser notices them far behind."""


def explain_yaml_error(error: yaml.YAMLError, text: str) -> Finding:
    """The parser's complaint with its offset, in our words where we have better ones."""
    mark: Any = getattr(error, "problem_mark", None)
    begin: Any = getattr(error, "context_mark", None)
    raw = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).strip()
    offset = mark.index if mark is not None else begin.index if begin is not None else getattr(error, "position", 0)
    offset = min(max(offset, 0), len(text))
    for spot in (offset, offset - 1, begin.index if begin is not None else offset):
        start = text.rfind("\n", 0, max(spot, 0)) + 1
        line = text[start:].partition("\n")[0]
        if (match := _UNQUOTED_TAG.search(line)) is not None:
            return Finding(start + match.start(1), *QUOTE_TAGS)
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            where = start + indent.index("\t")
            return Finding(where, "a tab stands in the indentation", "expected spaces", "Replace tabs by spaces")
    for sign, what, expected, hint in _REASONS:
        if sign in raw:
            at_start = begin is not None and what in _AT_START
            return Finding(begin.index if at_start else offset, what, expected, hint)
    if not text[offset:].strip():
        offset = max(len(text.rstrip()) - 1, 0)
    return Finding(offset, f"not YAML: {raw}")
