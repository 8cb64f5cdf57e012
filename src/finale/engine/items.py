"""Loop items: reading them, naming them, what `{{item}}` is worth. Items are kept as the JSON text they were written in.

Argo tells kinds of items by their raw JSON token, so ``1.50`` stays ``1.50`` and ``"1"`` is a string (§1.2, §4.6).
"""

import json
import re
from typing import Any

from finale.expr.values import to_json
from finale.spec.values import any_string

__all__ = ["ItemsInvalid", "describe", "encode", "item_values", "parse_items", "sequence_items"]


class ItemsInvalid(Exception):
    """The list of a loop cannot be read; the text is Argo's."""


class _Number(str):
    """A number as it was written."""


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)
_VERB = re.compile(r"%([-+# 0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])")


def parse_items(text: str) -> list[str]:
    """The items of a `withParam` text, each as JSON text. ``null`` is an empty list. Raises `ItemsInvalid`."""
    try:
        value = _DECODER.decode(text.strip())
    except ValueError:
        stripped = text.strip()
        found = (
            f"invalid character '{stripped[0]}' looking for beginning of value"
            if stripped
            else "unexpected end of JSON input"
        )
        raise ItemsInvalid(f"withParam value could not be parsed as a JSON list: {stripped}: {found}") from None
    if value is None:
        return []
    if not isinstance(value, list):
        kind = (
            "object"
            if isinstance(value, dict)
            else "string"
            if type(value) is str
            else "number"
            if isinstance(value, str)
            else "bool"
        )
        raise ItemsInvalid(
            f"withParam value could not be parsed as a JSON list: {text.strip()}: "
            f"json: cannot unmarshal {kind} into Go value of type []v1alpha1.Item"
        )
    return [encode(item) for item in value]


def encode(item: object) -> str:
    """JSON text of an item, numbers as they were written."""
    if isinstance(item, _Number):
        return str(item)
    if isinstance(item, dict):
        return (
            "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{encode(item[key])}" for key in sorted(item)) + "}"
        )
    if isinstance(item, list):
        return "[" + ",".join(encode(entry) for entry in item) + "]"
    if isinstance(item, float):
        return any_string(item)
    return json.dumps(item, ensure_ascii=False)


def item_values(item_json: str) -> dict[str, object]:
    """The variables `item` and ``item.<key>`` of one item."""
    item = _DECODER.decode(item_json)
    if isinstance(item, dict):
        values: dict[str, object] = {f"item.{key}": _word(value) for key, value in item.items()}
        values["item"] = _compact(item)
        return values
    if isinstance(item, list) or item is None:
        return {"item": _compact(item or [])}
    if isinstance(item, str) and not isinstance(item, _Number):
        return {"item": item}
    return {"item": _word(item)}


def _compact(item: object) -> str:
    return encode(item).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _word(item: object) -> str:
    """An item as Go prints it: strings JSON-escaped without their quotes, lists as ``[a b]``, maps as JSON."""
    if isinstance(item, _Number):
        return str(item)
    if isinstance(item, str):
        return json.dumps(item, ensure_ascii=False)[1:-1]
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, list):
        return "[" + " ".join(_word(entry) for entry in item) + "]"
    if item is None:
        return "[]"
    return encode(item)


def describe(index: int, item_json: str) -> str:
    """What stands in parentheses behind an expanded name: ``0:foo``, ``1:image:debian,tag:9.1``."""
    item = _DECODER.decode(item_json)
    pairs = sorted(f"{key}:{_word(value)}" for key, value in item.items()) if isinstance(item, dict) else []
    word = ",".join(pairs) if isinstance(item, dict) else _word(item)
    return f"{index}:{word.replace('(', '').replace(')', '')}"


def sequence_items(sequence: dict[str, Any], texts: dict[str, str]) -> list[str]:
    """The items of a `withSequence`; `texts` are its fields with tags replaced. Raises `ItemsInvalid`."""

    def number(name: str) -> int:
        text = texts[name]
        if not re.fullmatch(r"[+-]?\d+", text):
            raise ItemsInvalid(f'strconv.Atoi: parsing "{text}": invalid syntax')
        return int(text)

    start = number("start") if "start" in texts else 0
    if "end" in texts:
        end = number("end")
    elif "count" in texts:
        count = number("count")
        if count == 0:
            return []
        end = start + count - 1
    else:
        raise ItemsInvalid("neither end nor count was specified in withSequence")
    form = texts.get("format") or "%d"
    numbers = range(start, end + 1) if start <= end else range(start, end - 1, -1)
    return [_json_text(_format(form, value)) for value in numbers]


def _json_text(text: str) -> str:
    """The formatted text in quotes, read as JSON as Argo does; falls back to an escaped string."""
    try:
        return encode(_DECODER.decode(f'"{text}"'))
    except ValueError:
        return to_json(text)


def _format(form: str, value: int) -> str:
    """Go's Sprintf with one integer: the verbs d, x, X, o, b, c, q-less; others print Go's complaint."""
    used = False

    def one(match: re.Match[str]) -> str:
        nonlocal used
        flags, width, _, verb = match.groups()
        if verb == "%":
            return "%"
        if used:
            return f"%!{verb}(MISSING)"
        used = True
        digits = {"d": "d", "x": "x", "X": "X", "o": "o", "v": "d"}.get(verb)
        if digits is not None:
            return f"%{flags}{width}{digits}" % value
        if verb == "b":
            return f"{value:b}".rjust(int(width or 0), "0" if "0" in flags else " ")
        if verb == "c":
            return chr(value).rjust(int(width or 0))
        return f"%!{verb}(int={value})"

    text = _VERB.sub(one, form)
    return text if used else f"{text}%!(EXTRA int={value})"
