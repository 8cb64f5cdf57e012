"""Who may ask: everybody who reaches the Unix socket in the home folder, since only its owner can; over TCP the bearer of
the token.
"""

import hmac

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from finale.server.answers import json_response
from finale.server.faults import Fault

__all__ = ["BearerToken"]


class BearerToken:
    """Lets requests pass that carry ``Authorization: Bearer <token>``."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and not self._is_right(scope):
            refusal: Response = json_response(Fault(401, 16, "token not valid").body(), 401)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_right(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self._expected)
