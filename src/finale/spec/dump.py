"""Objects → plain JSON and YAML text that Argo, kubectl and we ourselves read back as the same.

Strings are quoted wherever Go's rules, YAML 1.1 or YAML 1.2 would take them for something else.
"""

import io
import re
from typing import Any

import msgspec
import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from finale.spec.document import Document
from finale.spec.scalars import resolve_scalar

__all__ = ["to_json", "to_yaml"]

_FIRST = ("apiVersion", "kind", "metadata", "spec", "status")
_AMBIGUOUS = re.compile(
    r"[-+]?[0-9][0-9_]*(?::[0-9_.]+)+|[0-9]{4}-[0-9]|[-+.]?[0-9][0-9_.eExXoO+-]*$|[=~]|<<$|---|\.\.\."
)
"""Strings that some reader takes for a number in base 60, a time, a number, a special value or a marker."""
_Emitter: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ENDLESS = 1 << 30
"""Line width, so that no string is folded."""
_BLOCK, _PLAIN, _QUOTED = (True, True), (True, False), (False, True)


def to_json(value: Document | msgspec.Struct | dict[str, Any]) -> dict[str, Any]:
    """Plain JSON: absent fields left out; apiVersion, kind, metadata, spec and status first, the rest as it stands."""
    body = value.body if isinstance(value, Document) else value
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return {key: plain[key] for key in (*_FIRST, *plain) if key in plain}


def to_yaml(*values: Document | msgspec.Struct | dict[str, Any], sort_keys: bool = False) -> str:
    """YAML in block style, documents parted by ``---``; `sort_keys` orders all keys as Argo's ``-o yaml`` does."""
    texts = []
    for value in values:
        stream = io.StringIO()
        emitter = _Emitter(stream, width=_ENDLESS, allow_unicode=True, sort_keys=False)
        emitter.emit(StreamStartEvent())
        emitter.emit(DocumentStartEvent(explicit=False))
        _emit(emitter.emit, to_json(value), sort_keys)
        emitter.emit(DocumentEndEvent(explicit=False))
        emitter.emit(StreamEndEvent())
        texts.append(stream.getvalue())
    return "---\n".join(texts)


def _emit(emit: Any, value: Any, sort_keys: bool) -> None:
    if isinstance(value, dict):
        emit(MappingStartEvent(None, None, implicit=True, flow_style=not value))
        for key in sorted(value) if sort_keys else value:
            emit(_scalar(key))
            _emit(emit, value[key], sort_keys)
        emit(MappingEndEvent())
    elif isinstance(value, list):
        emit(SequenceStartEvent(None, None, implicit=True, flow_style=not value))
        for item in value:
            _emit(emit, item, sort_keys)
        emit(SequenceEndEvent())
    else:
        emit(_scalar(value))


def _scalar(value: Any) -> ScalarEvent:
    if not isinstance(value, str):
        return ScalarEvent(None, None, _PLAIN, msgspec.json.encode(value).decode())
    if "\n" in value:
        return ScalarEvent(None, None, _QUOTED, value, style="|")
    if not isinstance(resolve_scalar(value), str) or _AMBIGUOUS.match(value):
        return ScalarEvent(None, None, _QUOTED, value, style='"')
    return ScalarEvent(None, None, _BLOCK, value)
