"""Text of one document → plain values, with the place of everything on demand. YAML and JSON go the same way.

The parser's events are read by one loop with a stack of its own, so that depth, aliases and duplicate keys are checked
while reading, no input can exhaust the interpreter's stack, and no tree of nodes is held. Nothing is constructed but
objects, lists, strings, numbers, booleans and null: tags other than YAML's own are refused.
"""

import math
from collections.abc import Callable
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

__all__ = ["MOST_PROBLEMS", "Reading", "read_text"]

DEEPEST = 200
"""Levels of nesting that we read; manifests have about 25."""
MOST_ALIASED = 1_000_000
"""Values that aliases may stand for in one document; go-yaml has a limit of its own for the same reason."""

MOST_PROBLEMS = 1_000
"""Problems of one file that are listed; a text with more is something else than a manifest."""

_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, Any] = {
    f"{_TAG}int": int,
    f"{_TAG}float": int | float,
    f"{_TAG}bool": bool,
    f"{_TAG}null": type(None),
}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Frame:
    """An object or list being read. In an object, `key` is that of the value which comes next, None before a key."""

    __slots__ = ("anchor", "is_merging", "items", "key", "key_offsets", "merged", "size_before", "takes_keys")

    def __init__(self, items: Any, anchor: str | None, size_before: int) -> None:
        self.items = items
        self.takes_keys = type(items) is dict
        self.anchor = anchor
        self.size_before = size_before
        self.key: str | None = None
        self.key_offsets: dict[str, int] = {}
        self.is_merging = False
        self.merged: list[Any] = []


class Reading:
    """One document: its `value`, its `findings`, whether it `has_null` anywhere, and places if they were asked for.

    `places` gives the offset where each path's value is best shown: the value itself, or the key of a block below it;
    `key_places` that of the key. Offsets count characters of the document's text.
    """

    def __init__(self, *, with_places: bool) -> None:
        self.value: Any = None
        self.findings: list[Finding] = []
        self.has_null = False
        self.places: dict[str, int] = {}
        self.key_places: dict[str, int] = {}
        self._with_places = with_places
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0

    def consume(self, next_event: Callable[[], Any]) -> None:
        """Read all events of a document. Raises `Unreadable`, and whatever the parser raises."""
        frames = self._frames
        frame: _Frame | None = None
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                if frame is not None and frame.takes_keys and frame.key is None:
                    frame.key = self._key(event, frame)
                    continue
                self._size += 1
                value = self._scalar(event)
                if event.anchor is not None:
                    self._anchors[event.anchor] = (value, 1)
                if self._with_places:
                    self._remember(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._check_start(event, frame)
                frame = _Frame({} if kind is MappingStartEvent else [], event.anchor, self._size)
                frames.append(frame)
                self._size += 1
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = self._close(event, frames.pop())
                frame = frames[-1] if frames else None
            elif kind is AliasEvent:
                value = self._alias(event, frame)
            elif kind is StreamEndEvent:
                return
            else:
                continue
            if frame is None:
                self.value = value
            elif frame.key is None:
                frame.items.append(value)
            elif frame.is_merging:
                frame.merged.append(value)
                frame.is_merging, frame.key = False, None
            else:
                frame.items[frame.key] = value
                frame.key = None

    def _key(self, event: Any, frame: _Frame) -> str:
        text: str = event.value
        if event.implicit[0]:
            if text == "<<":
                frame.is_merging = True
                return text
            resolved = resolve_scalar(text)
            if resolved is None:
                self._find(event, "a key is empty", "expected a name before the colon")
            elif type(resolved) is not str:
                text = any_string(resolved)
        offset = event.start_mark.index
        if text in frame.key_offsets:
            path = child_path(self._path(inside=False), text)
            what = f'the key "{text}" appears twice in one object'
            self._add(Finding(offset, what, path=path, twin=frame.key_offsets[text]))
        frame.key_offsets[text] = offset
        if self._with_places:
            self.key_places[child_path(self._path(inside=False), text)] = offset
        return text

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag: str | None = event.tag
        if tag is None and event.implicit[0]:
            value = resolve_scalar(text)
            if value is None:
                self.has_null = True
            elif type(value) is float and not math.isfinite(value):
                self._find(event, f"{text} is no number that JSON can hold", hint=f'Quote it: "{text}"')
                return text
            return value
        if tag is None or tag == "!" or tag == f"{_TAG}str":
            return text
        value = resolve_scalar(text)
        if tag not in _TAGGED:
            self._find(event, f'the tag "{tag}" is not understood', "expected a plain value")
            return text
        if not isinstance(value, _TAGGED[tag]) or (type(value) is float and not math.isfinite(value)):
            self._find(event, f'"{text}" does not fit its tag "!!{tag.removeprefix(_TAG)}"')
            return text
        self.has_null = self.has_null or value is None
        return value

    def _check_start(self, event: Any, frame: _Frame | None) -> None:
        if frame is not None and frame.takes_keys and frame.key is None:
            self._refuse_key(event)
        if len(self._frames) >= DEEPEST:
            raise Unreadable(Finding(event.start_mark.index, f"nested deeper than {DEEPEST} levels"))
        if event.tag is not None and event.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            self._find(event, f'the tag "{event.tag}" is not understood', "expected a plain value")
        if self._with_places:
            self._remember(event)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)

    def _close(self, event: Any, frame: _Frame) -> Any:
        for given in frame.merged:
            for part in given if isinstance(given, list) else [given]:
                if isinstance(part, dict):
                    frame.items = part | frame.items
                else:
                    self._find(event, 'a merge key ("<<") has another value', "expected an object or a list of objects")
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.items, self._size - frame.size_before)
        return frame.items

    def _alias(self, event: Any, frame: _Frame | None) -> Any:
        if frame is not None and frame.takes_keys and frame.key is None:
            self._refuse_key(event)
        if self._with_places:
            self._remember(event)
        if event.anchor not in self._anchors:
            inside = any(outer.anchor == event.anchor for outer in self._frames)
            self._stop(event, f'the alias "*{event.anchor}" ' + ("stands inside itself" if inside else "has no anchor"))
        value, size = self._anchors[event.anchor]
        self._size += size
        if self._size > MOST_ALIASED and size > 1:
            self._stop(event, f"aliases blow this document up to more than {MOST_ALIASED:,} values")
        return self._copy(value, len(self._frames), event)

    def _copy(self, value: Any, depth: int, event: Any) -> Any:
        if depth > DEEPEST:
            raise Unreadable(Finding(event.start_mark.index, f"nested deeper than {DEEPEST} levels by an alias"))
        if isinstance(value, dict):
            return {key: self._copy(part, depth + 1, event) for key, part in value.items()}
        if isinstance(value, list):
            return [self._copy(part, depth + 1, event) for part in value]
        return value

    def _refuse_key(self, event: Any) -> None:
        offset = event.start_mark.index - 1
        if type(event) is MappingStartEvent and event.flow_style:
            raise Unreadable(Finding(offset, *QUOTE_TAGS, path=self._path(inside=False)))
        self._stop(event, "a key is a list, an object or an alias", "expected a name before the colon")

    def _remember(self, event: Any) -> None:
        path = self._path(inside=True)
        offset = event.start_mark.index
        is_block = getattr(event, "flow_style", None) is False
        self.places[path] = self.key_places.get(path, offset) if is_block else offset

    def _path(self, *, inside: bool) -> str:
        """Path of the value that comes next, or (not `inside`) of the innermost open object."""
        path = ""
        for frame in self._frames if inside else self._frames[:-1]:
            if not frame.takes_keys:
                path = item_path(path, len(frame.items))
            elif frame.key is not None:
                path = child_path(path, frame.key)
        return path

    def _find(self, event: Any, what: str, expected: str = "", hint: str = "") -> None:
        self._add(Finding(event.start_mark.index, what, expected, hint, self._path(inside=True)))

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)
        if len(self.findings) > MOST_PROBLEMS:
            raise Unreadable(Finding(finding.offset, f"more than {MOST_PROBLEMS:,} problems in one document"))

    def _stop(self, event: Any, what: str, expected: str = "", hint: str = "") -> None:
        raise Unreadable(Finding(event.start_mark.index, what, expected, hint, self._path(inside=True)))


def read_text(text: str, *, with_places: bool = False) -> Reading:
    """Read one document. Raises `Unreadable`: nothing of it can be used.

    A text that begins with ``{`` is read as JSON; what is not JSON may still be YAML's braces.
    """
    broken: JsonBroken | None = None
    stripped = text.lstrip()
    if stripped.startswith("{"):
        try:
            return _consumed(JsonParser, text, with_places)
        except JsonBroken as error:
            broken = error
    try:
        return _consumed(_Loader, text, with_places)
    except Unreadable:
        if broken is not None and stripped[1:].lstrip()[:1] == '"':
            raise Unreadable(Finding(broken.offset, broken.what)) from None
        raise


def _consumed(parser: Callable[[str], Any], text: str, with_places: bool) -> Reading:
    reading = Reading(with_places=with_places)
    try:
        reading.consume(parser(text).get_event)
    except yaml.YAMLError as error:
        raise Unreadable(explain_yaml_error(error, text), reading.findings) from None
    except Unreadable as error:
        raise Unreadable(error.finding, reading.findings) from None
    return reading
