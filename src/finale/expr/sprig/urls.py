"""sprig's URLs: taken apart into a dictionary and put together again.

Go's net/url decides which bytes must be written as ``%XX`` in which part, and which texts are no URL at all.
Source: sprig url.go; the documentation and behaviour of Go's package net/url.
"""

import ipaddress
import re
from collections.abc import Mapping

from finale.expr.gonumber import quote
from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import Function
from finale.expr.letters import lower
from finale.expr.sprig.reflection import kind_of
from finale.expr.sprig.table import plain

__all__ = ["URLS"]

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
# What may stand as it is, by part of the URL.
_PATH = _UNRESERVED | frozenset(b"$&+,/:;=@")
_USER = _UNRESERVED | frozenset(b"$&+,;=")
_FRAGMENT = _UNRESERVED | frozenset(b"$&+,/:;=?@!()*")
_HOST = _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\"")
# What a path or fragment that came encoded may hold without being encoded anew.
_KEPT = frozenset(b"!$&'()*+,;=:@[]%")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_PORT = re.compile(r"(?::[0-9]*)?")
_USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_ESCAPE = re.compile(rb"%(?:([0-9a-fA-F]{2}))?")


def _escaped(text: str, allowed: frozenset[int]) -> str:
    return "".join(chr(byte) if byte in allowed else f"%{byte:02X}" for byte in as_bytes(text))


def _unescaped(text: str, *, host: bool = False, zone: bool = False) -> str:
    """``%XX`` as bytes. Raises ``ValueError``; in a host only bytes outside ASCII may be written so."""
    data = as_bytes(text)
    if host or zone:
        for byte in _ESCAPE.sub(b"", data):
            if byte < 0x80 and byte not in _HOST:
                raise ValueError(f"invalid character {quote(chr(byte))} in host name")

    def byte_of(match: re.Match[bytes]) -> bytes:
        digits = match[1]
        if digits is None:
            raise ValueError(f"invalid URL escape {quote(as_text(data[match.start() : match.start() + 3]))}")
        byte = int(digits, 16)
        is_bad = (host and byte < 0x80) or (zone and byte != 0x20 and byte < 0x80 and byte not in _HOST)
        if is_bad and digits != b"25":
            raise ValueError(f"invalid URL escape {quote(as_text(match[0]))}")
        return bytes([byte])

    return as_text(_ESCAPE.sub(byte_of, data))


def _user(text: str) -> str:
    """The user information as Go writes it back: name and password, encoded."""
    if not _USERINFO.fullmatch(text):
        raise ValueError("net/url: invalid userinfo")
    name, colon, password = text.partition(":")
    return _escaped(_unescaped(name), _USER) + colon + _escaped(_unescaped(password), _USER)


def _host(scheme: str, text: str) -> str:
    opening = text.rfind("[")
    if opening > 0:
        raise ValueError("invalid IP-literal")
    if opening == 0:
        return _ip_literal(text)
    first, last = text.find(":"), text.rfind(":")
    # Some databases separate hosts with commas, each with a port; only the web's schemes allow no second colon.
    colon = first if scheme in ("http", "https") else last
    port = text[colon:] if colon >= 0 else ""
    if not _PORT.fullmatch(port):
        raise ValueError(f"invalid port {quote(port)} after host")
    return _unescaped(text, host=True)


def _ip_literal(text: str) -> str:
    closing = text.rfind("]")
    if closing < 0:
        raise ValueError("missing ']' in host")
    port = text[closing + 1 :]
    if not _PORT.fullmatch(port):
        raise ValueError(f"invalid port {quote(port)} after host")
    name, percent, zone = text[1:closing].partition("%25")
    address = _unescaped(name, host=True) + _unescaped(percent + zone, zone=True)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise ValueError(f"invalid host: ParseAddr({quote(address)}): unable to parse IP") from None
    if parsed.version == 4:
        raise ValueError("invalid IP-literal")
    return f"[{address}]{port}"


def _hostname(host: str) -> str:
    colon = host.rfind(":")
    name = host[:colon] if colon >= 0 and _PORT.fullmatch(host[colon:]) else host
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def _parts(text: str) -> dict[str, str]:
    before, _, fragment = text.partition("#")
    try:
        parts = _parts_before_fragment(before)
    except ValueError as error:
        raise ValueError(f"parse {quote(before)}: {error}") from None
    try:
        parts["fragment"] = _unescaped(fragment)
    except ValueError as error:
        raise ValueError(f"parse {quote(text)}: {error}") from None
    return parts


def _parts_before_fragment(text: str) -> dict[str, str]:
    parts = dict.fromkeys(("scheme", "host", "hostname", "path", "query", "opaque", "fragment", "userinfo"), "")
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("net/url: invalid control character in URL")
    if text == "*":
        return {**parts, "path": "*"}
    if text.startswith(":"):
        raise ValueError("missing protocol scheme")
    rest = text
    if scheme := _SCHEME.match(text):
        parts["scheme"] = lower(scheme[0][:-1])
        rest = text[scheme.end() :]
    rest, _, parts["query"] = rest.partition("?")
    if not rest.startswith("/"):
        if parts["scheme"]:
            return {**parts, "opaque": rest}
        if ":" in rest.partition("/")[0]:
            raise ValueError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (parts["scheme"] or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        user, at, host = authority.rpartition("@")
        parts["host"] = _host(parts["scheme"], host)
        parts["hostname"] = _hostname(parts["host"])
        parts["userinfo"] = _user(user) if at else ""
        rest = slash + path
    parts["path"] = _unescaped(rest)
    return parts


def _parse(text: str) -> dict[str, object]:
    try:
        return dict(_parts(text))
    except ValueError as error:
        raise ValueError(f"unable to parse url: {error}") from None


def _text_of(parts: Mapping[str, object], key: str) -> str:
    if key not in parts:
        return ""
    value = parts[key]
    if not isinstance(value, str):
        kind = kind_of(value)
        if kind == "invalid":
            raise ValueError("runtime error: invalid memory address or nil pointer dereference")
        raise ValueError(f"unable to parse {key} key, must be of type string, but {kind} found")
    return value


def _join(given: Mapping[str, object]) -> str:
    scheme, host, path, query, opaque, fragment, userinfo = (
        _text_of(given, key) for key in ("scheme", "host", "path", "query", "opaque", "fragment", "userinfo")
    )
    user = None
    if userinfo:
        try:
            parsed = _parts(f"proto://{userinfo}@host")
        except ValueError as error:
            raise ValueError(f"unable to parse userinfo in dict: {error}") from None
        # A slash, question mark or hash inside ends the authority before the user information does.
        user = (
            parsed["userinfo"]
            if "@" in f"{userinfo}@host".partition("/")[0].partition("?")[0].partition("#")[0]
            else None
        )
    url = f"{scheme}:" if scheme else ""
    if opaque:
        url += opaque
    else:
        if scheme or host or user is not None:
            url += "//" if host or path or user is not None else ""
            url += "" if user is None else f"{user}@"
            url += _escaped(host, _HOST)
        escaped = "*" if path == "*" else _escaped(path, _PATH)
        if escaped and not escaped.startswith("/") and host:
            url += "/"
        if not url and ":" in escaped.partition("/")[0]:
            url = "./"
        url += escaped
    url += f"?{query}" if query else ""
    return f"{url}#{_escaped(fragment, _FRAGMENT)}" if fragment else url


URLS: tuple[tuple[str, Function], ...] = (
    plain("urlParse", "(string) map[string]interface {}", _parse),
    plain("urlJoin", "(map[string]interface {}) string", _join),
)
