"""Functions that write and read JSON and base64."""

import base64
import re

from finale.expr.functions.table import Entry, Run, text_of, typed
from finale.expr.gotext import as_bytes, as_text
from finale.expr.values import from_json, to_json_indented

__all__ = ["ENCODINGS", "decode_base64"]


def _to_json(run: Run, value: object) -> str:
    text = to_json_indented(value)
    run.spend(len(text))
    return text


def _from_json(run: Run, text: object) -> object:
    source = text_of(text)
    run.spend(len(source))
    return from_json(source)


def _to_base64(run: Run, text: object) -> str:
    return base64.b64encode(as_bytes(text_of(text))).decode("ascii")


def decode_base64(text: str) -> str:
    """Go's ``base64.StdEncoding.DecodeString`` as a string. Raises ``ValueError``."""
    plain = text.replace("\r", "").replace("\n", "")
    fault = _fault(plain)
    if fault is not None:
        raise ValueError(f"illegal base64 data at input byte {len(plain[:fault].encode()) + len(text) - len(plain)}")
    return as_text(base64.b64decode(plain))


_LETTERS = re.compile(r"[A-Za-z0-9+/]*")


def _fault(text: str) -> int | None:
    """Where base64 text goes wrong; None if it does not. At its end Go names the start of the group that is short."""
    letters = _LETTERS.match(text)
    end = letters.end() if letters else 0
    begun = end % 4
    if end == len(text):
        return end - begun if begun else None
    if text[end] != "=" or begun < 2:
        return end
    padding = 4 - begun
    if padding == 2 and not text.startswith("==", end):
        return end if end + 1 < len(text) else end + 1
    return None if end + padding == len(text) else end + padding


ENCODINGS: tuple[Entry, ...] = (
    typed("toJSON", _to_json, "func(interface {}) string"),
    typed("fromJSON", _from_json, "func(string) interface {}"),
    typed("toBase64", _to_base64, "func(string) string"),
    typed("fromBase64", lambda run, text: decode_base64(text_of(text)), "func(string) string"),
)
