"""JSON text as the events of a YAML parser, so that one reader serves both and every value has its place.

Strict as RFC 8259 is, except that a string may hold a lone surrogate escape, which becomes U+FFFD as in Go.
"""

import re
from typing import Any

from yaml.error import Mark
from yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

__all__ = ["JsonBroken", "JsonParser"]

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:([{}\[\],:])|"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"'
    r"|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-]))"
)
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"(?:\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u....|\\.")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PLAIN = (True, False)
_QUOTED = (False, True)


class JsonBroken(Exception):
    """The text is not JSON from `line` and `column` on (both from 0)."""

    def __init__(self, line: int, column: int, what: str) -> None:
        self.line = line
        self.column = column
        self.what = what
        super().__init__(what)


class JsonParser:
    """`get_event` gives one event after the other; raises `JsonBroken`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 0
        self._line_start = 0
        self._closers: list[str] = []
        self._expect = "value"

    def get_event(self) -> Any:
        """The next event, `StreamEndEvent` after the last."""
        while True:
            if self._expect == "end":
                return self._end()
            match = _TOKEN.match(self._text, self._position)
            if match is None:
                raise self._broken()
            event = self._token(match)
            self._position = match.end()
            if event is not None:
                return event

    def _token(self, match: "re.Match[str]") -> Any:
        sign, string, bare = match.groups()
        expect = self._expect
        mark = self._mark(match.start(match.lastindex or 0) - (string is not None))
        if string is not None and expect in ("value", "first value", "key", "first key"):
            self._expect = "colon" if "key" in expect else self._after_value()
            return ScalarEvent(None, None, _QUOTED, _unescape(string), mark, mark)
        if bare is not None and expect in ("value", "first value"):
            self._expect = self._after_value()
            return ScalarEvent(None, None, _PLAIN, bare, mark, mark)
        if sign is not None:
            if sign in "{[" and expect in ("value", "first value"):
                self._closers.append("}" if sign == "{" else "]")
                self._expect = "first key" if sign == "{" else "first value"
                start = MappingStartEvent if sign == "{" else SequenceStartEvent
                return start(None, None, True, mark, mark, flow_style=True)
            if self._closers and sign == self._closers[-1] and expect in ("comma", "first key", "first value"):
                self._closers.pop()
                self._expect = self._after_value()
                return (MappingEndEvent if sign == "}" else SequenceEndEvent)(mark, mark)
            if sign == "," and expect == "comma":
                self._expect = "key" if self._closers[-1] == "}" else "value"
                return None
            if sign == ":" and expect == "colon":
                self._expect = "value"
                return None
        raise self._broken()

    def _after_value(self) -> str:
        return "comma" if self._closers else "end"

    def _end(self) -> Any:
        match = _BLANK.match(self._text, self._position)
        if match is not None and match.end() != len(self._text):
            raise self._broken()
        return StreamEndEvent()

    def _mark(self, position: int) -> Mark:
        newline = self._text.rfind("\n", self._line_start, position)
        if newline >= 0:
            self._line += self._text.count("\n", self._line_start, position)
            self._line_start = newline + 1
        return Mark("", position, self._line, position - self._line_start, None, 0)

    def _broken(self) -> JsonBroken:
        blank = _BLANK.match(self._text, self._position)
        position = blank.end() if blank else self._position
        mark = self._mark(position)
        found = f'"{self._text[position]}"' if position < len(self._text) else "the end of the text"
        wanted = {
            "comma": f'"," or "{self._closers[-1] if self._closers else ""}"',
            "colon": '":"',
            "end": "nothing more",
            "key": "a key in double quotes",
            "first key": 'a key in double quotes or "}"',
            "first value": 'a value or "]"',
            "value": "a value",
        }[self._expect]
        return JsonBroken(mark.line, mark.column, f"not JSON: found {found} where {wanted} must stand")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_one_escape, text) if "\\" in text else text


def _one_escape(match: "re.Match[str]") -> str:
    escape = match[0]
    if escape[1] != "u":
        return _SHORT.get(escape[1], escape[1])
    code = int(escape[2:6], 16)
    if len(escape) == 12:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
    return "�" if 0xD800 <= code < 0xE000 else chr(code)
