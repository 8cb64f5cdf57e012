"""Functions that write and read JSON and base64."""

import base64
import binascii

from finale.expr.functions.table import Entry, Run, text_of, typed
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
    return base64.b64encode(text_of(text).encode("utf-8", "surrogateescape")).decode("ascii")


def decode_base64(text: str) -> str:
    """Go's ``base64.StdEncoding.DecodeString`` as a string. Raises ``ValueError``."""
    plain = text.replace("\r", "").replace("\n", "")
    try:
        if len(plain) % 4 or not plain.isascii():
            raise ValueError("illegal base64 data")
        return base64.b64decode(plain, validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error:
        raise ValueError("illegal base64 data") from None


ENCODINGS: tuple[Entry, ...] = (
    typed("toJSON", _to_json, "func(interface {}) string"),
    typed("fromJSON", _from_json, "func(string) interface {}"),
    typed("toBase64", _to_base64, "func(string) string"),
    typed("fromBase64", lambda run, text: decode_base64(text_of(text)), "func(string) string"),
)
