"""A server for the tests of the command line: answers that a test scripts, over the socket of a home folder.

The client, the CLI and HTTP between them are the real ones. What a test does not script is answered as an Argo Server
answers an unknown path, and every request is kept for the test to look at.
"""

import json
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from types import TracebackType
from typing import Any, NamedTuple

__all__ = ["Broken", "FakeServer", "Refusal", "Request", "Stream"]


class Request(NamedTuple):
    """What was asked; `target` is the path with its query."""

    method: str
    target: str
    body: Any
    headers: dict[str, str]


class Refusal(NamedTuple):
    """An answer with an error status."""

    status: int
    content: dict[str, Any]


class Stream(NamedTuple):
    """An answer that comes line by line."""

    items: Sequence[dict[str, Any]]


class Broken(NamedTuple):
    """A stream whose connection is cut after these lines, as when the engine is killed."""

    items: Sequence[dict[str, Any]]


Answer = dict[str, Any] | Refusal | Stream | Broken
Scripted = Answer | Callable[[Request], Answer]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self._answer(self.server.fake.answer(Request(self.command, self.path, body, dict(self.headers))))
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _answer(self, answer: Answer) -> None:
        if isinstance(answer, Stream | Broken):
            self._stream(answer)
            return
        status, content = (answer.status, answer.content) if isinstance(answer, Refusal) else (200, answer)
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _stream(self, answer: Stream | Broken) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for item in answer.items:
            line = json.dumps({"result": item}).encode() + b"\n"
            middle = len(line) // 2
            for part in (line[:middle], line[middle:]):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        if isinstance(answer, Stream):
            self.wfile.write(b"0\r\n\r\n")


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    fake: "FakeServer"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of an answer is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class FakeServer:
    """Context manager. `script` maps ``"GET /path?query"`` to an answer, or to several that are given in turn (the last
    for good)."""

    def __init__(self, socket: Path, script: dict[str, Scripted | list[Scripted]] | None = None) -> None:
        self.script = dict(script or {})
        self.requests: list[Request] = []
        socket.parent.mkdir(parents=True, exist_ok=True)
        self._server = _Server(str(socket), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "FakeServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        """The scripted answer to a request; one without its query counts for all queries."""
        self.requests.append(request)
        path = request.target.partition("?")[0]
        for key in (f"{request.method} {request.target}", f"{request.method} {path}"):
            scripted = self.script.get(key)
            if isinstance(scripted, list):
                scripted = scripted.pop(0) if len(scripted) > 1 else scripted[0]
            if scripted is not None:
                return scripted(request) if callable(scripted) else scripted
        return Refusal(501, {"code": 12, "message": "Not Implemented"})

    def asked(self) -> list[str]:
        """Method and target of every request."""
        return [f"{request.method} {request.target}" for request in self.requests]
