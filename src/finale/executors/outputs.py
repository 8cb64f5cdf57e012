"""What a finished task has produced, and the outcome made of it.

Sources: spec/argo-semantics.md §7.2 (output parameters), §7.4 (result, exit code), §7.7 (messages), §6.3 (deadline).
"""

from pathlib import Path
from typing import Any

import msgspec

from finale.engine.outcome import Outcome
from finale.executors.command import PROGRESS_FILE
from finale.executors.view import View, read_bytes

__all__ = ["RESULT_LIMIT", "Ended", "Memo", "OutputParameter", "declared_outputs", "outcome_of"]

RESULT_LIMIT = 256 * 1024
"""Bytes of standard output that become the result: the last ones (argo-workflows workflow/executor, CaptureScriptResult)."""

_DEADLINE = "Pod was active on the node longer than the specified deadline"


class OutputParameter(msgspec.Struct, frozen=True, array_like=True):
    """A parameter to be read from the file `path`, or `default` if there is no such file."""

    name: str
    path: str
    default: str | None


class Memo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the keeper keeps for us beside a task, so that its outcome can be told by an engine that did not start it."""

    folder: str
    view: View
    outputs: tuple[OutputParameter, ...] = ()
    capture: bool = False


class Ended(msgspec.Struct, frozen=True):
    """A keeper's exit record; its fields are explained in finale/keeper/protocol.py."""

    key: str
    at: int
    code: int | None
    why: str = ""
    error: str = ""
    fault: str = ""
    signal: int = 0
    lost: bool = False
    oom: bool = False
    user_s: float = 0.0
    system_s: float = 0.0
    peak_kib: int = 0


def declared_outputs(template: dict[str, Any]) -> tuple[OutputParameter, ...]:
    """The output parameters that a template reads from files."""
    found = []
    for parameter in (template.get("outputs") or {}).get("parameters") or ():
        source = parameter.get("valueFrom") or {}
        if source.get("path"):
            found.append(OutputParameter(parameter["name"], source["path"], source.get("default")))
    return tuple(found)


def outcome_of(memo: Memo, ended: Ended) -> Outcome:
    """The outcome of a task that is over; reads its files."""
    if ended.lost:
        return Outcome(phase="Error", message="the task's process is gone and left no exit record", lost=True)
    if ended.fault:
        return Outcome(phase="Error", message=ended.fault)
    by_us = bool(ended.why)
    if ended.code is None:
        return Outcome(phase="Failed", message=_DEADLINE if ended.why == "deadline" else "", ended_by_us=True)
    parameters, missing = _parameters(memo)
    found = Outcome(
        phase="Succeeded",
        exit_code=ended.code,
        parameters=parameters,
        result=_result(memo) if memo.capture else None,
        ended_by_us=by_us,
        progress=_progress(memo),
    )
    if ended.why == "deadline":
        return msgspec.structs.replace(found, phase="Failed", message=_DEADLINE)
    if ended.code:
        reason = "OOMKilled" if ended.oom and ended.code == 137 else "Error"
        message = f"main: {reason} (exit code {ended.code})" + (f": {ended.error}" if ended.error else "")
        return msgspec.structs.replace(found, phase="Failed", message=message)
    if missing:
        return msgspec.structs.replace(found, phase="Error", message=f"wait: Error (exit code 64): {missing}")
    return found


def _parameters(memo: Memo) -> tuple[dict[str, str], str]:
    """(values, why the first missing one is missing): nothing is read after the first failure, as in Argo."""
    values: dict[str, str] = {}
    for output in memo.outputs:
        try:
            text = read_bytes(memo.view, output.path).decode(errors="replace")
        except OSError as error:
            if output.default is None:
                return values, error.strerror or str(error)
            text = output.default
        else:
            text = text.removesuffix("\n")
        values[output.name] = text
    return values, ""


def _result(memo: Memo) -> str:
    path = Path(memo.folder, "main.stdout")
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - RESULT_LIMIT))
            return file.read().decode(errors="replace").removesuffix("\n")
    except FileNotFoundError:
        return ""


def _progress(memo: Memo) -> str:
    try:
        text = read_bytes(memo.view, PROGRESS_FILE, last=64).decode(errors="replace").strip()
    except OSError:
        return ""
    done, slash, total = text.rpartition("\n")[2].partition("/")
    return f"{done}/{total}" if slash and done.isdigit() and total.isdigit() else ""
