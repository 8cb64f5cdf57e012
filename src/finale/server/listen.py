"""The HTTP server: uvicorn in the engine's own process and loop, on sockets that we make.

The Unix socket in the home folder is open to its owner only. uvicorn's signal handling and its tick every tenth of a
second are left out: the engine has its own signals, and an idle engine should sleep.
"""

import contextlib
import os
import socket
from pathlib import Path

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import Server

__all__ = ["HttpServer", "open_unix_socket"]

_BACKLOG = 256
_GRACE_S = 2
"""Seconds that answers get to end when the engine stops; streams have been ended before."""


def open_unix_socket(path: Path) -> socket.socket:
    """Listen at `path`. Only for the owner of the home's lock: a file that is there belongs to an engine that died."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(_BACKLOG)
    return listener


class HttpServer:
    """Serves `app` at the Unix socket `path`; a part in the sense of `finale.runtime.lifecycle`."""

    def __init__(self, app: ASGIApp, path: Path) -> None:
        self._path = path
        self._listener: socket.socket | None = None
        self._server = Server(
            Config(
                app,
                loop="asyncio",
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                date_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )

    async def start(self) -> None:
        """Listen. Raises ``OSError`` when the socket cannot be made."""
        self._listener = open_unix_socket(self._path)
        config = self._server.config
        if not config.loaded:
            config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._listener])

    async def stop(self) -> None:
        """Take no more requests, let those under way end."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        await self._server.shutdown(sockets=[listener])
