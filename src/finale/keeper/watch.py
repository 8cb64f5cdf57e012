"""The keeper's eye on the engine: an engine that dies without a goodbye is started again.

The engine's registration is kept in a file, so that a keeper which takes over knows it too. At most five starts in a
minute, each after a longer wait; an engine that still does not stay up is left alone until a client comes.
"""

import json
import os
from typing import Any

from finale.keeper import processes

__all__ = ["EngineWatch"]

_WAITS_S = (0.0, 0.2, 1.0, 3.0, 10.0)
_WINDOW_S = 60.0


class EngineWatch:
    """`path` keeps the registration. Times are seconds of the monotonic clock."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.engine: dict[str, Any] | None = None
        self.starts: list[float] = []
        self.start_at: float | None = None
        self.pidfd = -1
        try:
            with open(path, encoding="utf-8") as file:
                self.engine = json.load(file)
        except (OSError, ValueError):
            self.engine = None

    @property
    def is_wanted(self) -> bool:
        """An engine is registered that has not said goodbye and that we have not given up."""
        return self.engine is not None and (self.pidfd >= 0 or self.start_at is not None)

    def register(self, engine: dict[str, Any]) -> None:
        """A living engine has said hello."""
        self.engine = {**engine, "since_boot_ns": processes.session_of(engine["pid"])[1]}
        self.start_at = None
        fresh = f"{self.path}.new"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(self.engine, file)
        os.rename(fresh, self.path)

    def goodbye(self) -> None:
        """The engine leaves on purpose."""
        self.engine = None
        self.start_at = None
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            return

    def open_pidfd(self) -> int:
        """Descriptor that becomes readable when the registered engine dies; -1 if it is dead or cannot be watched."""
        engine = self.engine
        self.pidfd = -1
        if engine is None or not processes.is_start(processes.session_of(engine["pid"])[1], engine["since_boot_ns"]):
            return -1
        try:
            self.pidfd = os.pidfd_open(engine["pid"])
        except (OSError, AttributeError):
            self.pidfd = -1
        return self.pidfd

    def died(self, now: float) -> None:
        """The engine is gone: plan its next start, or give up."""
        self.pidfd = -1
        if self.engine is None:
            return
        self.starts = [moment for moment in self.starts if now - moment < _WINDOW_S]
        self.start_at = now + _WAITS_S[len(self.starts)] if len(self.starts) < len(_WAITS_S) else None

    def due(self, now: float) -> dict[str, Any] | None:
        """The engine to start now, if it is time."""
        if self.start_at is None or now < self.start_at or self.engine is None:
            return None
        self.start_at = None
        self.starts.append(now)
        return self.engine
