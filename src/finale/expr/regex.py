"""Regular expressions with Go's meaning: RE2 syntax, linear time, Go's rules for repeated and empty matches.

RE2 itself does the matching (the `google-re2` wheel), so no pattern of a manifest can make us hang. What Go's package
regexp adds around a single match (find all, replace, split, ``$1`` in a replacement) is here. Positions inside are
bytes of UTF-8, as in Go; a byte that is not UTF-8 is carried in str as Python's surrogate escape.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import re2  # type: ignore[import-untyped]  # a wheel without stubs

from finale.expr.gotext import as_bytes, as_text

__all__ = ["Regex", "RegexInvalid", "compile_regex", "quote_meta"]

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 4 << 20

# RE2 in C++ and regexp in Go are of one author but word a few of their findings apart.
_GO_WORDS = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "trailing \\": "trailing backslash at end of expression",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid named capture group": "invalid named capture",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "pattern too large - compile failed": "expression too large",
}
# C++ accepts two things that Go refuses: \C, one byte, and two groups of one name.
_ESCAPE_OR_GROUP = re.compile(rb"\\Q.*?(?:\\E|\Z)|\\(.)|\(\?P?<([^>!=]+)>", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))?")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


class RegexInvalid(ValueError):
    """A pattern that Go's regexp would not compile; the text is in its words: ``error parsing regexp: …``."""


def _unlimited(length: int) -> None:
    """Nothing is counted."""


@lru_cache(maxsize=256)
def compile_regex(pattern: str) -> "Regex":
    """Compile `pattern` in RE2 syntax. Raises `RegexInvalid`."""
    return Regex(pattern)


def quote_meta(text: str) -> str:
    """`text` with a backslash before each character that means something in a pattern."""
    return _META.sub(r"\\\g<0>", text)


class Regex:
    """A compiled pattern; make it with `compile_regex`. Source: Go's package regexp."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        source = as_bytes(pattern)
        names: set[bytes] = set()
        for escaped, name in _ESCAPE_OR_GROUP.findall(source):
            if escaped == b"C":
                raise RegexInvalid("error parsing regexp: invalid escape sequence: `\\C`")
            if name and name in names:
                raise RegexInvalid(f"error parsing regexp: duplicate capture group name: `{as_text(name)}`")
            names.add(name)
        try:
            self._compiled = re2.compile(source, _OPTIONS)
        except re2.error as error:
            what, separator, where = as_text(error.args[0]).partition(": ")
            quoted = f": `{where}`" if separator else ""
            raise RegexInvalid(f"error parsing regexp: {_GO_WORDS.get(what, what)}{quoted}") from None

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs anywhere in `text`."""
        return self._compiled.search(as_bytes(text)) is not None

    def find(self, text: str) -> str:
        """The leftmost match, or the empty string."""
        data = as_bytes(text)
        match = self._compiled.search(data)
        return as_text(match.group()) if match else ""

    def find_all(self, text: str, limit: int = -1) -> list[str]:
        """Successive matches, at most `limit` of them unless it is negative."""
        data = as_bytes(text)
        return [as_text(data[start:end]) for start, end in self._spans(data, limit)]

    def split(self, text: str, limit: int = -1) -> list[str]:
        """The text between matches; `limit` counts the parts, 0 gives none and a negative one gives all."""
        if limit == 0:
            return []
        if self.pattern and not text:
            return [""]
        data, begin, end = as_bytes(text), 0, 0
        parts: list[bytes] = []
        for start, stop in self._spans(data, limit):
            if 0 < limit == len(parts) + 1:
                break
            end = start
            if stop != 0:
                parts.append(data[begin:end])
            begin = stop
        if end != len(data):
            parts.append(data[begin:])
        return [as_text(part) for part in parts]

    def replace_all(self, text: str, replacement: str, spend: Callable[[int], None] = _unlimited) -> str:
        """Every match replaced; ``$1``, ``${name}`` and ``$$`` in `replacement` are expanded.

        `spend` is told the length of each piece put in, and may raise to stop.
        """
        return self._replace(text, lambda group: as_bytes(self._expanded(replacement, group)), spend)

    def replace_all_literal(self, text: str, replacement: str, spend: Callable[[int], None] = _unlimited) -> str:
        """Every match replaced by `replacement` as it stands."""
        literal = as_bytes(replacement)
        return self._replace(text, lambda group: literal, spend)

    def _spans(self, data: bytes, limit: int) -> Iterator[tuple[int, int]]:
        # An empty match is not taken where the one before it ended.
        position, last_end, taken = 0, -1, 0
        while (limit < 0 or taken < limit) and position <= len(data):
            match = self._compiled.search(data, position)
            if match is None:
                return
            start, end = match.span()
            accepted = not (end == position and start == last_end)
            position = _after_character(data, position) if end == position else end
            last_end = end
            if accepted:
                taken += 1
                yield start, end

    def _replace(
        self, text: str, replacement: Callable[[Callable[[str | int], str]], bytes], spend: Callable[[int], None]
    ) -> str:
        data = as_bytes(text)
        parts: list[bytes] = []
        last_end = position = 0
        while position <= len(data):
            match = self._compiled.search(data, position)
            if match is None:
                break
            start, end = match.span()
            parts.append(data[last_end:start])
            if end > last_end or start == 0:
                parts.append(replacement(_group_reader(match)))
                spend(len(parts[-1]) + 64)
            last_end = end
            position = max(_after_character(data, position), end)
        return as_text(b"".join([*parts, data[last_end:]]))

    def _expanded(self, template: str, group: Callable[[str | int], str]) -> str:
        def value(reference: re.Match[str]) -> str:
            dollar, braced, bare = reference.groups()
            name = braced or bare
            if dollar or not name:
                return "$"
            is_number = name.isascii() and name.isdigit() and (name == "0" or name[0] != "0")
            return group(int(name) if is_number else name)

        return _REFERENCE.sub(value, template)


def _group_reader(match: "re2._Match") -> Callable[[str | int], str]:
    def group(name: str | int) -> str:
        try:
            found = match.group(name.encode() if isinstance(name, str) else name)
        except IndexError:
            return ""
        return as_text(found) if found is not None else ""

    return group


def _after_character(data: bytes, position: int) -> int:
    """Where the character at `position` ends; one past the end of `data` behind its last character."""
    position += 1
    while position < len(data) and data[position] & 0xC0 == 0x80:
        position += 1
    return position
