"""The sockets of those who talk to the keeper: usually one engine, now and then a visitor."""

import selectors
import socket
import sys
from collections.abc import Callable
from typing import Any

from finale.keeper.protocol import Lines, encode

__all__ = ["Client", "Clients"]


class Client:
    """One connection; events are sent to those that have greeted."""

    __slots__ = ("has_greeted", "lines", "out", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.lines = Lines()
        self.out = bytearray()
        self.has_greeted = False


class Clients:
    """Accepts on `listener`; each message goes to `obey`. A client that talks nonsense is hung up on."""

    def __init__(
        self,
        listener: socket.socket,
        selector: selectors.BaseSelector,
        obey: Callable[[Client, dict[str, Any]], None],
    ) -> None:
        self._listener = listener
        self._selector = selector
        self._obey = obey
        self._by_number: dict[int, Client] = {}
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def __bool__(self) -> bool:
        return bool(self._by_number)

    def broadcast(self, events: list[dict[str, Any]]) -> None:
        """Send events to all that have greeted."""
        text = b"".join(map(encode, events))
        for client in list(self._by_number.values()):
            if client.has_greeted:
                self.send(client, text)

    def send(self, client: Client, text: bytes) -> None:
        """Send now what the socket takes, the rest when it takes more."""
        client.out += text
        self._push(client)

    def close(self) -> None:
        """Hang up on all."""
        for client in list(self._by_number.values()):
            self._drop(client)

    def _accept(self, _mask: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        connection.setblocking(False)
        client = Client(connection)
        self._by_number[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ, lambda mask: self._talk(client, mask))

    def _talk(self, client: Client, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._push(client)
        if not mask & selectors.EVENT_READ:
            return
        try:
            data = self._receive(client)
        except BlockingIOError:
            return
        if not data:
            self._drop(client)
            return
        try:
            for message in client.lines.feed(data):
                self._obey(client, message)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"a client sent what cannot be understood: {error!r}", file=sys.stderr, flush=True)
            self._drop(client)

    @staticmethod
    def _receive(client: Client) -> bytes:
        for _ in range(2):
            try:
                return client.socket.recv(1 << 16)
            except ConnectionResetError:
                continue  # it left without reading all we sent; what it said before is still there
        return b""

    def _push(self, client: Client) -> None:
        if client.socket.fileno() not in self._by_number:
            return
        try:
            while client.out:
                sent = client.socket.send(client.out)
                del client.out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        key = self._selector.get_key(client.socket)
        mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.out else 0)
        if key.events != mask:
            self._selector.modify(client.socket, mask, key.data)

    def _drop(self, client: Client) -> None:
        if self._by_number.pop(client.socket.fileno(), None) is not None:
            self._selector.unregister(client.socket)
            client.socket.close()
