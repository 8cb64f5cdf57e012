"""From an order to a process: folder, log, sandbox, files, command."""

import os
import time
from typing import Any

from finale.keeper.cgroups import Groups
from finale.keeper.folders import place
from finale.keeper.processes import since_boot_ns
from finale.keeper.rubbish import Rubbish
from finale.keeper.slots import Slot, Slots, is_private
from finale.keeper.spawn import find_program, open_log, spawn

__all__ = ["Launched", "Launcher"]


class Launched:
    """A process that runs: `pid`, made just after `since_boot_ns`."""

    __slots__ = ("pid", "since_boot_ns")

    def __init__(self, pid: int, since_boot_ns: int) -> None:
        self.pid = pid
        self.since_boot_ns = since_boot_ns


class Launcher:
    """Starts processes; once it has `slots` it can do so in a sandbox. Their limits are set by `groups`."""

    def __init__(self, rubbish: Rubbish, groups: Groups) -> None:
        self.slots: Slots | None = None
        self.rubbish = rubbish
        self.groups = groups
        self._null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)

    def reserve(self, order: dict[str, Any]) -> Slot | None:
        """The sandbox for an order, None if it wants none. Raises ``OSError``."""
        if order["sandbox"] is None:
            return None
        if self.slots is None:
            raise OSError("the sandbox that this task was ordered with is not available any more")
        return self.slots.take()

    def launch(self, order: dict[str, Any], slot: Slot | None) -> Launched:
        """Raises CommandFault if the user's command cannot be run, ``OSError`` if we cannot run it."""
        if not order["limits"]:
            return self._launch(order, slot)
        with self.groups.entered(order["key"], order["limits"]):
            return self._launch(order, slot)

    def _launch(self, order: dict[str, Any], slot: Slot | None) -> Launched:
        outputs: list[int] = []
        folder = order["folder"]
        try:
            os.mkdir(folder, 0o755)
        except FileExistsError:
            self._clear(folder)
        except FileNotFoundError:
            os.makedirs(folder, 0o755)
        base = f"{folder}/{order['name']}"
        try:
            outputs.append(open_log(f"{base}.log"))
            if order["capture"]:
                outputs.append(open_log(f"{base}.stdout"))
            if slot is not None and self.slots is not None:
                try:
                    self.slots.enter(slot, order["sandbox"])
                    if not os.path.isdir(order["cwd"]):
                        os.makedirs(order["cwd"])
                    return self._spawn(order, outputs)
                finally:
                    self.slots.leave()
            os.mkdir(f"{folder}/root")
            os.mkdir(f"{folder}/root/tmp")
            try:
                return self._spawn(order, outputs)
            finally:
                os.chdir("/")
        finally:
            for descriptor in outputs:
                os.close(descriptor)

    def _clear(self, folder: str) -> None:
        """What an earlier attempt under another key has left in its folder goes; volumes stay."""
        for name in os.listdir(folder):
            if is_private(name):
                aside = f"{folder}/.{name}-{time.time_ns():x}"
                os.rename(f"{folder}/{name}", aside)
                self.rubbish.add(aside)
            elif name.endswith(".copied"):
                os.unlink(f"{folder}/{name}")

    def _spawn(self, order: dict[str, Any], outputs: list[int]) -> Launched:
        for entry in order["files"]:
            place(entry)
        environment = order["environment"]
        os.chdir(order["cwd"])
        program = find_program(order["argv"][0], environment)
        before = since_boot_ns()
        return Launched(spawn(program, order["argv"], environment, self._null, outputs[-1], outputs[0]), before)
