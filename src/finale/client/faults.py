"""What a server's refusal means: HTTP status and JSON body → one of our exceptions.

Argo's servers say ``{"code": <gRPC code>, "message": …}``; ours adds ``problems``, each a `Problem` as an object.
"""

import json
from typing import Any

from finale.errors import BadRequest, Conflict, FinaleError, ManifestInvalid, NotFound, Unavailable
from finale.problems import Problem

__all__ = ["fault_of", "problem_from_json", "problems_of"]

_BY_STATUS: dict[int, type[FinaleError]] = {
    400: BadRequest,
    404: NotFound,
    405: BadRequest,
    409: Conflict,
    422: BadRequest,
}
_UNIMPLEMENTED = 12
_FAILED_BY_STATE = (
    "cannot shutdown a completed workflow",
    "currently, set only targets suspend nodes",
    "cannot set output",
)
"""Argo answers these with status 500 although the caller is to blame (argo-api-recorded.jsonl.gz)."""


def fault_of(status: int, body: bytes, *, where: str, request: str) -> FinaleError:
    """The exception for an answer with an error status; `request` is its method and path, for the text."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return Unavailable(f"the server at {where} answered {request} with HTTP {status}: {_excerpt(body)}")
    inner = content.get("error")
    if isinstance(inner, dict):
        content = {"code": inner.get("grpc_code"), **inner}
    message = str(content.get("message") or f"HTTP {status}")
    problems = problems_of(content)
    if problems:
        return ManifestInvalid(problems)
    if status == 501 or content.get("code") == _UNIMPLEMENTED:
        return Unavailable(f"the server at {where} does not know {request}")
    if status in (401, 403):
        return Unavailable(
            f"the server at {where} refuses {request}: {message}; is the token right (--token, ARGO_TOKEN)?"
        )
    if status >= 500 and message.startswith(_FAILED_BY_STATE):
        return Conflict(message)
    if status in (502, 503, 504):
        return Unavailable(message, retryable=True)
    return _BY_STATUS.get(status, FinaleError)(message)


def problems_of(content: dict[str, Any]) -> list[Problem]:
    """The Problems in an answer's `problems` (none when it has none)."""
    found = content.get("problems")
    return [problem_from_json(each) for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def problem_from_json(value: dict[str, Any]) -> Problem:
    """A Problem from its JSON object; its place is the caller's to find, for only the caller has the text."""
    severity = value.get("severity")
    document = value.get("document")
    return Problem(
        str(value.get("what") or "the server gives no reason"),
        path=str(value.get("path") or ""),
        expected=str(value.get("expected") or ""),
        hint=str(value.get("hint") or ""),
        severity=severity if severity in ("error", "warning", "notice") else "error",
        excerpt=str(value.get("excerpt") or ""),
        document=document if isinstance(document, int) else 0,
    )


def _excerpt(body: bytes) -> str:
    text = " ".join(body[:200].decode(errors="replace").split())
    return text or "no text"
