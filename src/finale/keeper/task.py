"""One task as the keeper holds it."""

from collections.abc import Callable
from typing import Any

from finale.keeper.capture import Capture
from finale.keeper.records import Record
from finale.keeper.slots import Slot

__all__ = ["Task"]


class Task:
    """One task and what we hold for it. `order` is given up once it has been started."""

    __slots__ = (
        "ask",
        "capture",
        "exited_at",
        "has_foster_parent",
        "kill_at",
        "namespace",
        "order",
        "pidfd",
        "record",
        "slot",
        "usage",
    )

    def __init__(self, record: Record, order: dict[str, Any] | None = None) -> None:
        self.record = record
        self.order = order
        self.ask: Callable[[], int | None] | None = None
        self.capture: Capture | None = None
        self.slot: Slot | None = None
        self.has_foster_parent = False
        self.namespace = 0
        self.pidfd = -1
        self.kill_at = 0
        self.exited_at = 0
        self.usage = (0.0, 0.0, 0)

    @property
    def is_running(self) -> bool:
        """Its own process exists."""
        return self.record.pid > 0 and not self.exited_at and self.record.end is None
