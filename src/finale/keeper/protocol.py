"""What engine and keeper say to each other: one JSON object per line over a Unix stream socket.

To the keeper, by ``op``:

    hello    engine: {pid, argv, environment, folder, log} to be watched and started again, or null for a visitor;
             sandbox: {home, binds: [[path, read-only], …]} if one is wanted, or null
    start    tasks: [order, …]; a key that is already known is not started again, its events are repeated
    kill     key, grace_s
    forget   keys
    bye      the engine leaves on purpose: do not start it again; end once no task is left

An order: key, argv, environment, folder (the task's own), name (of the container: ``<name>.log``), cwd, files and folders
to make before the start, sandbox ({run, mounts, opens}, see slots.py, or null), capture, limits, deadline_ns, grace_s, memo
(given back in hello's answer; the keeper does not look inside).

From the keeper, by ``event``:

    hello    protocol (the version of this page), pid, sandbox: {kind, reason, home, covers}, tasks: [[key, memo], …]; then
             started and ended for each as far as they are
    started  key, pid, at
    ended    key and the exit record: at, code (null if unknown or never run), signal, why ("", "kill", "deadline"),
             error (the command could not be run: Argo's words), fault (we could not run it), lost, oom,
             user_s, system_s, peak_kib
    trouble  text: records cannot be written now (disk full); starts and reports wait, nothing is lost; empty when it is over
"""

import json
from typing import Any

__all__ = ["PROTOCOL", "Lines", "encode"]

PROTOCOL = 1

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """One line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class Lines:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Messages that are complete now. Raises ``ValueError`` for what is not JSON."""
        self._rest += data
        end = self._rest.rfind(b"\n") + 1
        if not end:
            return []
        whole = bytes(self._rest[:end])
        del self._rest[:end]
        return [json.loads(line) for line in whole.split(b"\n") if line]
