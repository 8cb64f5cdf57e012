"""The contract of everything that runs a leaf: `process`, `container`, `http` … and the shipped double.

An executor is given LeafTasks and reports what happens to them. It promises:

1. `launch` is idempotent by `task.key`: a key that runs or has ended is never started a second time, also after the
   engine or the executor was killed and started again on the same home folder.
2. For every launched key exactly one `finished` report comes in the end, after at most one `started`; both are
   repeated after a restart until `forget(key)`, so the receiver must accept repeats.
3. When `finished` is reported nothing of the task runs any more (except what escaped the machine's means).
4. No exception leaves `launch` for a task's own faults: those are reported as outcomes of phase Error.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from finale.engine.outcome import Outcome

__all__ = ["Executor", "Finished", "LeafTask", "Report", "Started"]


class LeafTask(msgspec.Struct, frozen=True):
    """One leaf to run. `key` is ``<run uid>/<node id>`` with a generation behind it; `folder` belongs to this task alone.

    `template` is Argo's JSON of the template with all tags replaced; `files` are to be placed before the start (path in
    the task's view → bytes); `environment` is what `env` and `envFrom` came to; `volumes` maps a volume's name to the
    folder on this machine that stands for it (emptyDir, claims) with a read-only flag.
    """

    key: str
    run_uid: str
    run_name: str
    namespace: str
    node: str
    node_name: str
    pod_name: str
    template: dict[str, Any]
    folder: Path
    environment: dict[str, str] = {}
    files: dict[str, bytes] = {}
    volumes: dict[str, tuple[Path, bool]] = {}
    deadline_ns: int = 0
    capture_result: bool = False
    grace_s: float = 30.0


class Started(msgspec.Struct, frozen=True):
    """The task's main process runs since `at` (nanoseconds since the epoch)."""

    key: str
    at: int


class Finished(msgspec.Struct, frozen=True):
    """The task is over since `at`."""

    key: str
    at: int
    outcome: Outcome


Report = Callable[[Started | Finished], None]
"""Called on the event loop's thread; must not block."""


class Executor(Protocol):
    """Runs leaves; see the promises above."""

    async def start(self, report: Report) -> None:
        """Begin work and reports; tasks of an earlier life of the engine are found again and reported."""

    async def stop(self) -> None:
        """Stop reporting. Running tasks go on: the next `start` finds them again."""

    async def launch(self, tasks: Sequence[LeafTask]) -> None:
        """Start tasks (several at once save round trips)."""

    async def kill(self, key: str, *, grace_s: float) -> None:
        """SIGTERM, `grace_s` seconds, then everything by force. Unknown or ended keys are ignored."""

    async def forget(self, keys: Sequence[str]) -> None:
        """The reports for these keys are durable elsewhere; they need not be repeated."""

    def log_path(self, folder: Path, container: str = "main") -> Path:
        """The file that holds the output of a task's container, first byte to last."""
