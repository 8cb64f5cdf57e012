"""sprig's base64, base32 and check sums. Source: sprig strings.go, crypto.go; Go's encoding/base64 and base32."""

import base64
import hashlib
import zlib
from collections.abc import Callable

from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import Function
from finale.expr.sprig.table import plain

__all__ = ["ENCODINGS", "decode_base64"]

_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASE32 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_LINE_ENDS = frozenset(b"\r\n")
_PAD = ord("=")


def decode_base64(text: str) -> bytes:
    """The bytes of padded base64, line ends left out.

    Raises ``ValueError`` with the byte that Go finds fault with.
    """
    data = as_bytes(text)
    fault = _base64_fault(data)
    if fault is not None:
        raise ValueError(f"illegal base64 data at input byte {fault}")
    return base64.b64decode(bytes(byte for byte in data if byte not in _LINE_ENDS))


def _base64_fault(data: bytes) -> int | None:
    """Offset of the first byte out of place; line ends count."""
    digits = 0
    for index, byte in enumerate(data):
        if byte in _BASE64:
            digits = (digits + 1) % 4
        elif byte in _LINE_ENDS:
            continue
        elif byte != _PAD or digits < 2:
            return index
        else:
            rest = _after_line_ends(data, index + 1)
            if digits == 2:
                if rest == len(data):
                    return rest
                if data[rest] != _PAD:
                    return rest - 1
                rest = _after_line_ends(data, rest + 1)
            return rest if rest < len(data) else None
    return len(data) - digits if digits else None


def _after_line_ends(data: bytes, index: int) -> int:
    while index < len(data) and data[index] in _LINE_ENDS:
        index += 1
    return index


def _decode_base32(text: str) -> bytes:
    data = bytes(byte for byte in as_bytes(text) if byte not in _LINE_ENDS)
    digits = _base32_digits(data)
    return base64.b32decode(data[:digits] + b"=" * (-digits % 8))


def _base32_digits(data: bytes) -> int:
    """How many digits stand before the padding. Raises ``ValueError`` as `decode_base64` does."""
    fault = "illegal base32 data at input byte {}".format
    for index, byte in enumerate(data):
        place, rest = index % 8, len(data) - index - 1
        if byte == _PAD and place >= 2 and rest < 8:
            if rest + place < 7:
                raise ValueError(fault(len(data)))
            for padding in range(7 - place):
                if data[index + 1 + padding] != _PAD:
                    raise ValueError(fault(index + padding))
            if place in (3, 6):
                raise ValueError(fault(index))
            return index
        if byte not in _BASE32:
            raise ValueError(fault(index))
    if len(data) % 8:
        raise ValueError(fault(len(data) - len(data) % 8))
    return len(data)


def _or_message(decode: Callable[[str], bytes], text: str) -> str:
    try:
        return as_text(decode(text))
    except ValueError as error:
        return str(error)


def _sum(algorithm: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(algorithm, as_bytes(text), usedforsecurity=False).hexdigest()


ENCODINGS: tuple[tuple[str, Function], ...] = (
    plain("b64enc", "(string) string", lambda text: base64.b64encode(as_bytes(text)).decode("ascii")),
    plain("b64dec", "(string) string", lambda text: _or_message(decode_base64, text)),
    plain("b32enc", "(string) string", lambda text: base64.b32encode(as_bytes(text)).decode("ascii")),
    plain("b32dec", "(string) string", lambda text: _or_message(_decode_base32, text)),
    plain("sha1sum", "(string) string", _sum("sha1")),
    plain("sha256sum", "(string) string", _sum("sha256")),
    plain("sha512sum", "(string) string", _sum("sha512")),
    plain("adler32sum", "(string) string", lambda text: str(zlib.adler32(as_bytes(text)))),
)
