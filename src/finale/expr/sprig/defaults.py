"""sprig's defaults and JSON, and the questions for a value's type.

Source: sprig defaults.go and reflect.go.
"""

import re

from finale.expr.equality import deep_equal
from finale.expr.functions.table import Run
from finale.expr.govalues import Function, type_text
from finale.expr.sprig.reflection import is_empty, kind_of
from finale.expr.sprig.table import entry, plain
from finale.expr.values import from_json, to_json, to_json_indented

__all__ = ["DEFAULTS"]

# In JSON text an escape stands behind an even number of backslashes, so pairs of them are passed over first.
_HTML_ESCAPE = re.compile(r"\\\\|\\u003c|\\u003e|\\u0026")
_HTML = {"\\u003c": "<", "\\u003e": ">", "\\u0026": "&"}


def _default(default: object, *given: object) -> object:
    return default if not given or is_empty(given[0]) else given[0]


def _coalesced(*values: object) -> object:
    return next((value for value in values if not is_empty(value)), None)


def _read(run: Run, text: str) -> object:
    run.spend(len(text))
    return from_json(text)


def _read_or_nil(run: Run, text: str) -> object:
    try:
        return _read(run, text)
    except ValueError:
        return None


def _json(run: Run, value: object) -> str:
    text = to_json(value)
    run.spend(len(text))
    return text


def _json_or_empty(run: Run, value: object) -> str:
    try:
        return _json(run, value)
    except ValueError:
        return ""


def _pretty(run: Run, value: object) -> str:
    text = to_json_indented(value)
    run.spend(len(text))
    return text


def _pretty_or_empty(run: Run, value: object) -> str:
    try:
        return _pretty(run, value)
    except ValueError:
        return ""


def _raw(run: Run, value: object) -> str:
    return _HTML_ESCAPE.sub(lambda match: _HTML.get(match[0], match[0]), _json(run, value))


_ANY_TO_TEXT = "(interface {}) string"

DEFAULTS: tuple[tuple[str, Function], ...] = (
    plain("default", "(interface {}, ...interface {}) interface {}", _default),
    plain("empty", "(interface {}) bool", is_empty),
    plain("coalesce", "(...interface {}) interface {}", _coalesced),
    plain("all", "(...interface {}) bool", lambda *values: not any(map(is_empty, values))),
    plain("any", "(...interface {}) bool", lambda *values: not all(map(is_empty, values))),
    plain(
        "ternary",
        "(interface {}, interface {}, bool) interface {}",
        lambda yes, no, condition: yes if condition else no,
    ),
    entry("fromJson", "(string) interface {}", _read_or_nil),
    entry("mustFromJson", "(string) (interface {}, error)", _read),
    entry("toJson", _ANY_TO_TEXT, _json_or_empty),
    entry("mustToJson", "(interface {}) (string, error)", _json),
    entry("toPrettyJson", _ANY_TO_TEXT, _pretty_or_empty),
    entry("mustToPrettyJson", "(interface {}) (string, error)", _pretty),
    entry("toRawJson", _ANY_TO_TEXT, _raw),
    entry("mustToRawJson", "(interface {}) (string, error)", _raw),
    plain("typeOf", _ANY_TO_TEXT, type_text),
    plain("typeIs", "(string, interface {}) bool", lambda name, value: type_text(value) == name),
    plain("typeIsLike", "(string, interface {}) bool", lambda name, value: type_text(value) in (name, f"*{name}")),
    plain("kindOf", _ANY_TO_TEXT, kind_of),
    plain("kindIs", "(string, interface {}) bool", lambda name, value: kind_of(value) == name),
    plain("deepEqual", "(interface {}, interface {}) bool", deep_equal),
)
