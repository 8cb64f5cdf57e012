"""The whole exception family, by who must act.

    FinaleError
    ├── ManifestInvalid   the author of a manifest; carries every Problem that was found
    ├── BadRequest        whoever called us with an argument that cannot be meant
    ├── NotFound          the caller named something that is not there
    ├── Conflict          the caller asks for what the present state forbids
    ├── Unavailable       the operator: disk full, journal locked, no engine, no permission
    └── Bug               us

A workflow that fails is not an error here: outcomes are values (`finale.engine.outcome`). We raise only when we
cannot go on. Each class knows its HTTP status, its gRPC code (which Argo's API prints) and the exit code of the CLI.
"""

from collections.abc import Sequence

from finale.problems import Problem

__all__ = ["BadRequest", "Bug", "Conflict", "FinaleError", "ManifestInvalid", "NotFound", "Unavailable"]


class FinaleError(Exception):
    """Base of everything we raise on purpose; `str()` of it is fit for a user."""

    http_status = 500
    grpc_code = 2
    exit_code = 3


class BadRequest(FinaleError):
    """An argument, flag or field of a request that cannot be meant."""

    http_status = 400
    grpc_code = 3
    exit_code = 2


class ManifestInvalid(BadRequest):
    """A manifest with at least one Problem of severity error; `problems` has all of them, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text() for problem in self.problems))


class NotFound(FinaleError):
    """The named run, node, template or file does not exist."""

    http_status = 404
    grpc_code = 5
    exit_code = 2


class Conflict(FinaleError):
    """The present state forbids it: the name is taken, the run has ended."""

    http_status = 409
    grpc_code = 6
    exit_code = 2


class Unavailable(FinaleError):
    """We cannot work now and the operator can mend it; `retryable` says whether waiting may help."""

    http_status = 503
    grpc_code = 14

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        self.retryable = retryable
        super().__init__(message)


class Bug(FinaleError):
    """A state we hold to be impossible; the text asks for a report."""

    grpc_code = 13
