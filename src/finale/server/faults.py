"""Errors → HTTP: one table. Nothing that is not in the error family leaves with more than a sentence.

Argo's servers answer ``{"code": <gRPC code>, "message": …}``; ours adds `problems` when a manifest is at fault.
"""

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, NamedTuple

from finale.errors import Bug, Conflict, FinaleError, ManifestInvalid
from finale.problems import Problem

__all__ = ["Fault", "fault_of", "problem_json"]

log = logging.getLogger("finale.server")

_OF_STATE = {
    "cannot shutdown a completed workflow": (500, 13, ""),
    "currently, set only targets suspend nodes": (500, 13, ""),
    "cannot set output parameter": (500, 13, ""),
    "cannot suspend completed workflows": (400, 3, "timed out waiting for the condition: "),
}
"""How Argo answers verbs that a run's state forbids, by the beginning of the text (argo-api-recorded.jsonl.gz): status, code and
what stands before the text. Other refusals are plain conflicts."""


class Fault(NamedTuple):
    """What an answer says about an error."""

    status: int
    code: int
    message: str
    problems: tuple[Problem, ...] = ()

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        found: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.problems:
            found["problems"] = [problem_json(problem) for problem in self.problems]
        return found

    def in_stream(self) -> dict[str, Any]:
        """The same as a line of a stream."""
        status = HTTPStatus(self.status)
        found: dict[str, Any] = {
            "grpc_code": self.code,
            "http_code": self.status,
            "message": self.message,
            "http_status": status.phrase,
        }
        if self.problems:
            found["problems"] = [problem_json(problem) for problem in self.problems]
        return {"error": found}


def problem_json(problem: Problem) -> dict[str, Any]:
    """A Problem as JSON; its place means nothing to whoever has the text, so the path has to do."""
    return {key: value for key, value in asdict(problem).items() if key != "place" and value not in ("", None)}


def fault_of(error: Exception) -> Fault:
    """What to answer. Anything outside the error family is a bug of ours: it is logged, and the answer says no more."""
    if isinstance(error, ManifestInvalid):
        errors = [problem for problem in error.problems if problem.severity == "error"]
        message = "\n".join(problem.text() for problem in errors)
        return Fault(error.http_status, error.grpc_code, message, error.problems)
    if isinstance(error, Conflict):
        for beginning, (status, code, before) in _OF_STATE.items():
            if str(error).startswith(beginning):
                return Fault(status, code, before + str(error))
    if isinstance(error, FinaleError):
        if isinstance(error, Bug):
            log.error("%s", error, exc_info=error)
        return Fault(error.http_status, error.grpc_code, str(error))
    log.error("bug: an answer could not be made", exc_info=error)
    return Fault(500, Bug.grpc_code, "bug: the request could not be answered; please report this with engine.log")
