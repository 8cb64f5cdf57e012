"""Text of one document → plain values, with the place of everything on demand. YAML and JSON go the same way.

The parser's events are read by one loop with a stack of its own, so that depth, aliases and duplicate keys are checked
while reading, no input can exhaust the interpreter's stack, and no tree of nodes is held. Nothing is constructed but
objects, lists, text, numbers, booleans and null: tags other than YAML's own are refused.
"""

import math
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from finale.spec.faults import QUOTE_TAGS, Finding, Unreadable, explain_yaml_error
from finale.spec.json_text import JsonBroken, JsonParser
from finale.spec.paths import child_path, item_path
from finale.spec.scalars import resolve_scalar
from finale.spec.values import any_string

__all__ = ["Reading", "read_text"]

DEEPEST = 200
"""Levels of nesting that we read; manifests have about 25."""
MOST_ALIASED = 1_000_000
"""Values that aliases may stand for in one document; go-yaml has a limit of its own for the same reason."""

_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Frame:
    """An object or list being read. `key`: the key whose value comes next, None while a key must come."""

    __slots__ = ("anchor", "items", "key", "key_lines", "merged", "size_before")

    def __init__(self, items: Any, anchor: str | None, size_before: int) -> None:
        self.items = items
        self.anchor = anchor
        self.size_before = size_before
        self.key: str | None = None
        self.key_lines: dict[str, int] = {}
        self.merged: list[Any] | None = None


class Reading:
    """What one document came to: its `value`, `findings`, whether it `has_null` anywhere, and the places if asked for.

    `places` maps a path to the place of its key (for an item: of the item); `value_places` to that of its value.
    Lines and columns count from 0 within the document's text.
    """

    def __init__(self, *, with_places: bool) -> None:
        self.value: Any = None
        self.findings: list[Finding] = []
        self.has_null = False
        self.places: dict[str, tuple[int, int]] = {}
        self.value_places: dict[str, tuple[int, int]] = {}
        self._with_places = with_places
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0

    def consume(self, get_event: Any) -> None:
        """Read all events of one document. Raises `Unreadable` and what the parser raises."""
        frames = self._frames
        frame: _Frame | None = None
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                if frame is not None and frame.key is None and type(frame.items) is dict:
                    frame.key = self._key(event, frame)
                    continue
                value = self._scalar(event)
                self._size += 1
                if event.anchor is not None:
                    self._anchors[event.anchor] = (value, 1)
                if self._with_places:
                    self._remember(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if frame is not None and frame.key is None and type(frame.items) is dict:
                    self._refuse_key(event)
                if len(frames) >= DEEPEST:
                    self._stop(event, f"nested deeper than {DEEPEST} levels")
                if event.tag is not None and event.tag not in (f"{_TAG}map", f"{_TAG}seq"):
                    self._find(event, f'the tag "{event.tag}" is not understood', "expected plain values")
                if self._with_places:
                    self._remember(event)
                if event.anchor is not None:
                    self._anchors.pop(event.anchor, None)
                frame = _Frame({} if kind is MappingStartEvent else [], event.anchor, self._size)
                self._size += 1
                frames.append(frame)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                assert frame is not None
                value = frame.items
                if frame.merged is not None:
                    self._merge(frame, event)
                if frame.anchor is not None:
                    self._anchors[frame.anchor] = (value, self._size - frame.size_before)
                frames.pop()
                frame = frames[-1] if frames else None
            elif kind is AliasEvent:
                if frame is not None and frame.key is None and type(frame.items) is dict:
                    self._refuse_key(event)
                if self._with_places:
                    self._remember(event)
                value = self._alias(event)
            elif kind is StreamEndEvent:
                return
            else:
                continue
            if frame is None:
                self.value = value
            elif type(frame.items) is list:
                frame.items.append(value)
            elif frame.key == _MERGE and frame.merged is not None and frame.merged[-1:] == [_MERGE]:
                frame.merged[-1] = value
                frame.key = None
            else:
                frame.items[frame.key] = value
                frame.key = None

    def _key(self, event: Any, frame: _Frame) -> str:
        text: str = event.value
        if event.implicit[0]:
            if text == _MERGE:
                if frame.merged is None:
                    frame.merged = []
                frame.merged.append(_MERGE)
                return _MERGE
            resolved = resolve_scalar(text)
            if type(resolved) is not str:
                if resolved is None:
                    self._find(event, "a key is empty", "expected a name before the colon")
                text = any_string(resolved) if resolved is not None else text
        line = event.start_mark.line
        if text in frame.key_lines:
            path = child_path(self._path(-1), text)
            what = f'the key "{text}" appears twice in one object'
            self.findings.append(Finding(line, event.start_mark.column, what, "", "", path, frame.key_lines[text]))
        frame.key_lines[text] = line
        if self._with_places:
            mark = event.start_mark
            self.places.setdefault(child_path(self._path(-1), text), (mark.line, mark.column))
        return text

    def _scalar(self, event: Any) -> Any:
        if event.implicit[0]:
            value = resolve_scalar(event.value)
            if value is None:
                self.has_null = True
            elif type(value) is float and not math.isfinite(value):
                self._find(event, f"{event.value} is no number that JSON can hold", hint=f'Quote it: "{event.value}"')
                return event.value
            return value
        tag: str | None = event.tag
        if tag is None or tag in ("!", f"{_TAG}str"):
            return event.value
        value = resolve_scalar(event.value)
        if tag == f"{_TAG}null":
            self.has_null = True
            return None
        wanted: Any = {f"{_TAG}int": int, f"{_TAG}float": (int, float), f"{_TAG}bool": bool}.get(tag)
        if wanted is None:
            self._find(event, f'the tag "{tag}" is not understood', "expected plain values")
        elif not isinstance(value, wanted) or (isinstance(value, float) and not math.isfinite(value)):
            self._find(event, f'"{event.value}" does not fit its tag "!!{tag.removeprefix(_TAG)}"')
        else:
            return value
        return event.value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            inside = any(frame.anchor == event.anchor for frame in self._frames)
            self._stop(event, f'the alias "*{event.anchor}" ' + ("stands inside itself" if inside else "has no anchor"))
        value, size = self._anchors[event.anchor]
        self._size += size
        if self._size > MOST_ALIASED and size > 1:
            self._stop(event, f"aliases blow this document up to more than {MOST_ALIASED:,} values")
        return self._copy(value, len(self._frames), event)

    def _copy(self, value: Any, depth: int, event: Any) -> Any:
        if depth > DEEPEST:
            self._stop(event, f"nested deeper than {DEEPEST} levels by an alias")
        if isinstance(value, dict):
            return {key: self._copy(part, depth + 1, event) for key, part in value.items()}
        if isinstance(value, list):
            return [self._copy(part, depth + 1, event) for part in value]
        return value

    def _merge(self, frame: _Frame, event: Any) -> None:
        for given in frame.merged or ():
            for part in given if isinstance(given, list) else [given]:
                if not isinstance(part, dict):
                    self._find(
                        event, "a merge key (<<) is given something else", "expected an object or a list of objects"
                    )
                    continue
                for key, value in part.items():
                    frame.items.setdefault(key, value)

    def _refuse_key(self, event: Any) -> None:
        if getattr(event, "flow_style", False) and type(event) is MappingStartEvent:
            self._stop(event, QUOTE_TAGS[0], QUOTE_TAGS[1], QUOTE_TAGS[2])
        self._stop(event, "a key is a list, an object or an alias", "expected a name before the colon")

    def _remember(self, event: Any) -> None:
        mark = event.start_mark
        path = self._path(None)
        self.places.setdefault(path, (mark.line, mark.column))
        self.value_places.setdefault(path, (mark.line, mark.column))

    def _path(self, last: int | None) -> str:
        """Path of the value that comes next; with -1 that of the innermost frame."""
        path = ""
        frames = self._frames
        for frame in frames[:last]:
            path = item_path(path, len(frame.items)) if type(frame.items) is list else child_path(path, frame.key or "")
        return path

    def _find(self, event: Any, what: str, expected: str = "", hint: str = "") -> None:
        mark = event.start_mark
        self.findings.append(Finding(mark.line, mark.column, what, expected, hint, self._path(None)))

    def _stop(self, event: Any, what: str, expected: str = "", hint: str = "") -> None:
        mark = event.start_mark
        raise Unreadable(Finding(mark.line, mark.column, what, expected, hint, self._path(None)))


def read_text(text: str, *, with_places: bool = False) -> Reading:
    """Read one document. Raises `Unreadable`: nothing of it can be used."""
    broken: JsonBroken | None = None
    stripped = text.lstrip()
    if stripped.startswith("{"):
        reading = Reading(with_places=with_places)
        try:
            reading.consume(JsonParser(text).get_event)
        except JsonBroken as error:
            broken = error
        else:
            return reading
    reading = Reading(with_places=with_places)
    try:
        reading.consume(_Loader(text).get_event)
    except yaml.YAMLError as error:
        if broken is not None and stripped[1:].lstrip()[:1] == '"':
            raise Unreadable(Finding(broken.line, broken.column, broken.what)) from None
        raise Unreadable(explain_yaml_error(error, text)) from None
    return reading
