"""HTTP/1.1 over a Unix socket or TCP, as much of it as talking to one engine needs.

One request, one connection: the engine sits on the same machine and a connection costs less than a tenth of a
millisecond. Blocking, because a command of the CLI does one thing at a time; and our own, because `http.client` alone
would take a quarter of the time that a whole command may (it imports the e-mail parser, `asyncio` is no cheaper).
"""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from finale.errors import BadRequest, Unavailable

__all__ = ["Address", "Answer", "NoListener", "is_listening", "percent_encode", "query_text", "send"]

_LONGEST_LINE = 64 * 1024
"""Bytes of a status, header or chunk-size line; servers agree on less (8 KiB is usual)."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class NoListener(Unavailable):
    """Nobody answers at the address: no engine runs there, or it has just died."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Address(NamedTuple):
    """Where a server listens: a Unix socket's path, or host and port. `base` is put before every path."""

    socket_path: str = ""
    host: str = "localhost"
    port: int = 0
    tls: bool = False
    verify: bool = True
    base: str = ""

    @classmethod
    def parse(cls, text: str, *, secure: bool = True, verify: bool = True, base: str = "") -> "Address":
        """Address of an Argo Server: ``host:port`` as `argo` takes it, or a URL whose scheme decides about TLS.

        Raises `BadRequest`.
        """
        scheme, separator, rest = text.partition("://")
        if not separator:
            scheme, rest = ("https" if secure else "http"), text
        authority, _, path = rest.partition("/")
        host, colon, port = authority.rpartition(":")
        if not colon or authority.endswith("]"):
            host, port = authority, "443" if scheme == "https" else "80"
        if scheme not in ("http", "https") or not host or not port.isdecimal():
            raise BadRequest(f'"{text}" is no server address; expected host:port or https://host:port')
        prefix = "/".join(part for part in (path.strip("/"), base.strip("/")) if part)
        return cls("", host.strip("[]"), int(port), scheme == "https", verify, f"/{prefix}" if prefix else "")

    def __str__(self) -> str:
        if self.socket_path:
            return self.socket_path
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.base}"


def percent_encode(text: str) -> str:
    """RFC 3986 percent-encoding of everything that is not unreserved."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def query_text(query: Mapping[str, str | Sequence[str]]) -> str:
    """``?a=1&b=2`` of the entries that are not empty, or the empty string."""
    pairs = [
        f"{percent_encode(name)}={percent_encode(value)}"
        for name, values in query.items()
        for value in ([values] if isinstance(values, str) else values)
        if value
    ]
    return "?" + "&".join(pairs) if pairs else ""


class Answer:
    """A response whose head has been read. Read its body once, whole or line by line; `close` ends it early."""

    def __init__(self, connection: socket.socket, where: str) -> None:
        self._connection = connection
        self._where = where
        self._file = connection.makefile("rb")
        try:
            self.status = self._read_status()
            self.headers = self._read_headers()
        except BaseException:
            self.close()
            raise

    def read(self) -> bytes:
        """The whole body."""
        try:
            return b"".join(self._pieces())
        finally:
            self.close()

    def lines(self) -> Iterator[bytes]:
        """The lines of the body without their ends, as they arrive; empty ones are passed over.

        Raises `NoListener` when the connection breaks before the body's end.
        """
        rest = b""
        try:
            for piece in self._pieces():
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    if line.strip():
                        yield line
            if rest.strip():
                yield rest
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection; twice is fine."""
        self._file.close()
        self._connection.close()

    def _read_status(self) -> int:
        while True:
            parts = self._line().split(None, 2)
            if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
                raise Unavailable(f"what listens at {self._where} does not speak HTTP/1.1")
            status = int(parts[1])
            if status >= 200:
                return status
            self._read_headers()  # 1xx: the real answer follows

    def _read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def _pieces(self) -> Iterator[bytes]:
        try:
            if self.headers.get("transfer-encoding", "").lower() == "chunked":
                yield from self._chunks()
            elif "content-length" in self.headers:
                left = int(self.headers["content-length"])
                while left:
                    piece = self._file.read1(left)
                    if not piece:
                        raise self._broken()
                    left -= len(piece)
                    yield piece
            else:
                while piece := self._file.read1(65536):
                    yield piece
        except (OSError, ValueError) as error:
            raise self._broken() from error

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line().split(b";")[0], 16):
            left = size
            while left:
                piece = self._file.read1(left)
                if not piece:
                    raise self._broken()
                left -= len(piece)
                yield piece
            self._line()
        while self._line():
            pass

    def _line(self) -> bytes:
        try:
            line = self._file.readline(_LONGEST_LINE)
        except OSError as error:
            raise self._broken() from error
        if not line.endswith(b"\n"):
            if len(line) >= _LONGEST_LINE:
                raise Unavailable(f"the server at {self._where} answers with a line of more than {_LONGEST_LINE} bytes")
            raise self._broken()
        return line.rstrip(b"\r\n")

    def _broken(self) -> NoListener:
        return NoListener(f"the connection to {self._where} broke in the middle of an answer")


def send(
    address: Address,
    method: str,
    target: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> Answer:
    """Send one request; the answer's body is still to be read. `timeout_s` bounds each wait for bytes.

    Raises `NoListener` when nobody listens, `Unavailable` when TLS or HTTP goes wrong.
    """
    head = [f"{method} {address.base}{target} HTTP/1.1", f"Host: {_host_header(address)}", "Connection: close"]
    head += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if any("\r" in line or "\n" in line for line in head):
        raise BadRequest("a header or path holds a line break")
    text = "\r\n".join(head)
    connection = _connect(address, timeout_s)
    try:
        try:
            connection.sendall(f"{text}\r\n\r\n".encode() + (body or b""))
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may answer, and close, before it has read everything
        except OSError as error:
            raise NoListener(f"cannot talk to {address}: {error.strerror or error}") from error
        return Answer(connection, str(address))
    except BaseException:
        connection.close()
        raise


def is_listening(address: Address) -> bool:
    """True when a connection can be made now."""
    try:
        _connect(address, 5).close()
    except NoListener:
        return False
    return True


def _host_header(address: Address) -> str:
    if address.socket_path:
        return "localhost"
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}"


def _connect(address: Address, timeout_s: float | None) -> socket.socket:
    try:
        if not address.socket_path:
            connection = socket.create_connection((address.host, address.port), timeout_s or 30)
            connection.settimeout(timeout_s)
            return _with_tls(connection, address) if address.tls else connection
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout_s)
            connection.connect(os.fsencode(address.socket_path))
        except BaseException:
            connection.close()
            raise
        return connection
    except OSError as error:
        raise NoListener(f"nobody answers at {address}: {error.strerror or error}") from error


def _with_tls(connection: socket.socket, address: Address) -> socket.socket:
    import ssl  # noqa: PLC0415  (start-up time: only remote servers need it)

    context = ssl.create_default_context()
    if not address.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(connection, server_hostname=address.host)
    except ssl.SSLError as error:
        connection.close()
        raise Unavailable(
            f"cannot open a secure connection to {address}: {error.reason or error}; "
            "a server without TLS needs http:// in its address or --secure=false"
        ) from error
