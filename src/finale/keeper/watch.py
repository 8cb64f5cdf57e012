"""The keeper's eye on the engine: an engine that dies without a goodbye is started again.

The engine's registration is kept in a file, so that a keeper which takes over knows it too. At most five starts in a
minute, each after a longer wait; an engine that still does not stay up is left alone until a client comes.
"""

import json
import os
from typing import Any

from finale.keeper import processes

__all__ = ["POLL_S", "EngineWatch"]

POLL_S = 1.0

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
        self.is_polled = False
        try:
            with open(path, encoding="utf-8") as file:
                self.engine = json.load(file)
        except (OSError, ValueError):
            self.engine = None

    @property
    def is_wanted(self) -> bool:
        """An engine is registered that has not said goodbye and that we have not given up."""
        return self.engine is not None and (self.pidfd >= 0 or self.start_at is not None or self.is_polled)

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
        self.is_polled = False
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            return

    def watch(self) -> bool:
        """Begin to watch the registered engine; False if it is dead.

        Its `pidfd` becomes readable when it dies; where there is none, ask `has_died` every `POLL_S` seconds.
        """
        engine = self.engine
        self.pidfd, self.is_polled = -1, False
        if engine is None or not processes.is_start(processes.session_of(engine["pid"])[1], engine["since_boot_ns"]):
            return False
        if not hasattr(os, "pidfd_open"):
            self.is_polled = processes.is_alive(engine["pid"])
            return self.is_polled
        try:
            self.pidfd = os.pidfd_open(engine["pid"])
        except OSError:
            return False
        return True

    def has_died(self) -> bool:
        """Whether an engine that has no pidfd is gone."""
        return self.is_polled and self.engine is not None and not processes.is_alive(self.engine["pid"])

    def died(self, now: float) -> None:
        """The engine is gone: plan its next start, or give up."""
        self.pidfd, self.is_polled = -1, False
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
