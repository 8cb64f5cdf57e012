"""JSON text as the events of a YAML parser, so that one reader serves both and every value has its place.

Strict as RFC 8259 is. An escape of half a surrogate pair becomes U+FFFD, as in Go's encoding/json.
"""

import math
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
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)(?![\w.+-]))"
)
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PLAIN = (True, False)
_QUOTED = (False, True)
_LONGEST_NUMBER = 400

_KEY = "a key in double quotes"
_VALUE = "a value"
_FIRST_KEY = 'a key in double quotes or "}"'
_FIRST_VALUE = 'a value or "]"'
_COLON = '":"'
_COMMA = '"," or the end of the list or object'
_END = "nothing more"


class JsonBroken(Exception):
    """The text is not JSON from `offset` (in characters) on."""

    def __init__(self, offset: int, what: str) -> None:
        self.offset = offset
        self.what = what
        super().__init__(what)


class JsonParser:
    """`get_event` gives one event after the other, `StreamEndEvent` at the end. Raises `JsonBroken`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._closers: list[str] = []
        self._expected = _VALUE

    def get_event(self) -> Any:
        """The next event."""
        while self._expected is not _END:
            match = _TOKEN.match(self._text, self._offset)
            event = self._event(match) if match is not None else None
            if match is None or event is _REFUSED:
                raise self._broken()
            self._offset = match.end()
            if event is not None:
                return event
        self._offset = self._after_blank()
        if self._offset != len(self._text):
            raise self._broken()
        return StreamEndEvent()

    def _event(self, match: "re.Match[str]") -> Any:
        sign, string, bare = match.groups()
        expected = self._expected
        takes_value = expected is _VALUE or expected is _FIRST_VALUE
        if string is not None and (takes_value or expected is _KEY or expected is _FIRST_KEY):
            self._expected = self._after_value() if takes_value else _COLON
            mark = _mark(match.start(2) - 1)
            return ScalarEvent(None, None, _QUOTED, _unescape(string), mark, mark)
        if bare is not None and takes_value and _is_representable(bare):
            self._expected = self._after_value()
            mark = _mark(match.start(3))
            return ScalarEvent(None, None, _PLAIN, bare, mark, mark)
        if sign is None:
            return _REFUSED
        mark = _mark(match.start(1))
        if sign in "{[" and takes_value:
            self._closers.append("}" if sign == "{" else "]")
            self._expected = _FIRST_KEY if sign == "{" else _FIRST_VALUE
            start = MappingStartEvent if sign == "{" else SequenceStartEvent
            return start(None, None, True, mark, mark, flow_style=True)
        if self._closers[-1:] == [sign] and expected in (_COMMA, _FIRST_KEY, _FIRST_VALUE):
            self._closers.pop()
            self._expected = self._after_value()
            return (MappingEndEvent if sign == "}" else SequenceEndEvent)(mark, mark)
        if sign == "," and expected is _COMMA:
            self._expected = _KEY if self._closers[-1] == "}" else _VALUE
            return None
        if sign == ":" and expected is _COLON:
            self._expected = _VALUE
            return None
        return _REFUSED

    def _after_value(self) -> str:
        return _COMMA if self._closers else _END

    def _after_blank(self) -> int:
        blank = _BLANK.match(self._text, self._offset)
        return blank.end() if blank is not None else self._offset

    def _broken(self) -> JsonBroken:
        offset = self._after_blank()
        if self._text[offset : offset + 1] == '"' and self._expected in (_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY):
            return JsonBroken(offset, "not JSON: a string has no end, a line break or a wrong escape in it")
        found = f'"{self._text[offset]}"' if offset < len(self._text) else "the end of the text"
        return JsonBroken(offset, f"not JSON: found {found} where {self._expected} must stand")


_REFUSED = object()


def _mark(offset: int) -> Mark:
    return Mark("", offset, 0, 0, None, 0)


def _is_representable(bare: str) -> bool:
    return bare in ("true", "false", "null") or (len(bare) <= _LONGEST_NUMBER and math.isfinite(float(bare)))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_one_escape, text) if "\\" in text else text


def _one_escape(match: "re.Match[str]") -> str:
    escape = match[0]
    if escape[1] != "u":
        return _SHORT.get(escape[1], escape[1])
    code = int(escape[2:6], 16)
    if len(escape) == 12:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
