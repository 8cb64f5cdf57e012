"""The client's own HTTP, and what refusals become."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from finale.client.api import Api
from finale.client.faults import fault_of
from finale.client.http import Address, NoListener, is_listening, percent_encode, query_text, send
from finale.errors import BadRequest, Conflict, FinaleError, ManifestInvalid, NotFound, Unavailable


@contextmanager
def answering(folder: Path, text: bytes) -> Iterator[Address]:
    """A server that answers one request with these bytes, whatever it is."""
    path = folder / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(text)

        thread = threading.Thread(target=answer)
        thread.start()
        yield Address(socket_path=str(path))
        thread.join()


BODIES = {
    "length": b"Content-Length: 5\r\n\r\none\n2",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n2\r\non\r\n3;x=y\r\ne\n2\r\n0\r\nTrailer: x\r\n\r\n",
    "until the end": b"\r\none\n2",
    "after a 100": b"\r\none\n2",
}


@pytest.mark.parametrize("how", BODIES)
def test_a_body_is_read_however_it_is_sent(tmp_path: Path, how: str) -> None:
    before = b"HTTP/1.1 100 Continue\r\n\r\n" if how == "after a 100" else b""
    with answering(tmp_path, before + b"HTTP/1.1 200 OK\r\nX-Name: value\r\n" + BODIES[how]) as address:
        answer = send(address, "GET", "/")
        assert (answer.status, answer.headers["x-name"]) == (200, "value")
        assert list(answer.lines()) == [b"one", b"2"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\none",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlong\r\n",
    ],
    ids=["nothing", "short", "short chunk", "bad chunk"],
)
def test_an_answer_that_breaks_off_is_no_listener(tmp_path: Path, text: bytes) -> None:
    with answering(tmp_path, text) as address, pytest.raises(NoListener, match="broke in the middle"):
        send(address, "GET", "/").read()


def test_what_is_no_http_is_said_to_be_none(tmp_path: Path) -> None:
    with answering(tmp_path, b"SSH-2.0-OpenSSH_9\r\n") as address, pytest.raises(Unavailable, match="does not speak"):
        send(address, "GET", "/")


def test_an_answer_that_is_no_json_is_our_trouble(tmp_path: Path) -> None:
    with (
        answering(tmp_path, b"HTTP/1.1 200 OK\r\n\r\n<html>") as address,
        pytest.raises(Unavailable, match="no JSON"),
    ):
        Api(address).get("x")


def test_a_line_break_cannot_be_smuggled_into_a_request() -> None:
    for value in ("a\r\nHost: b", "a\nb", "a\rb"):
        with pytest.raises(BadRequest, match="line break"):
            send(Address(socket_path="/nowhere"), "GET", "/", headers={"X": value})


def test_nobody_listens_at_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert not is_listening(Address(socket_path=str(tmp_path / "s")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost:2746", "https://localhost:2746"),
        ("http://argo.example", "http://argo.example:80"),
        ("https://argo.example/argo/", "https://argo.example:443/argo/base"),
        ("[::1]:2746", "https://[::1]:2746"),
    ],
)
def test_addresses_are_read_as_argo_and_people_write_them(text: str, expected: str) -> None:
    assert str(Address.parse(text, base="base" if "argo/" in text else "")) == expected


@pytest.mark.parametrize("text", ["", "ftp://x", "host:port", ":2746", "http://"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="no server address"):
        Address.parse(text)


def test_queries_are_encoded_and_empty_entries_left_out() -> None:
    assert query_text({"a": "x y/ü", "b": "", "c": ["1", "2"]}) == "?a=x%20y%2F%C3%BC&c=1&c=2"
    assert query_text({"a": ""}) == ""
    assert percent_encode("@latest") == "%40latest"


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (400, b'{"code": 3, "message": "no"}', BadRequest, "no"),
        (404, b'{"code": 5, "message": "gone"}', NotFound, "gone"),
        (409, b'{"code": 6, "message": "taken"}', Conflict, "taken"),
        (500, b'{"code": 13, "message": "bug"}', FinaleError, "bug"),
        (500, b'{"code": 13, "message": "cannot shutdown a completed workflow: x"}', Conflict, "cannot shutdown"),
        (501, b'{"code": 12, "message": "Not Implemented"}', Unavailable, "does not know GET /x"),
        (503, b'{"code": 14, "message": "the disk is full"}', Unavailable, "the disk is full"),
        (401, b'{"code": 16, "message": "token not valid"}', Unavailable, "is the token right"),
        (404, b'{"error": {"grpc_code": 5, "http_code": 404, "message": "no run"}}', NotFound, "no run"),
        (502, b"<html>bad gateway</html>", Unavailable, "answered GET /x with HTTP 502: <html>bad gateway"),
        (400, b'{"message": "m", "problems": [{"what": "w", "path": "spec"}]}', ManifestInvalid, "spec: w"),
        (400, b'{"message": "m", "problems": "none"}', BadRequest, "m"),
    ],
)
def test_a_refusal_becomes_what_the_user_must_act_on(
    status: int, body: bytes, kind: type[Exception], text: str
) -> None:
    error = fault_of(status, body, where="/s", request="GET /x")
    assert type(error) is kind
    assert text in str(error)
