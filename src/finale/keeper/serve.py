"""The keeper's loop: sockets, signals and the clock in; turns of `Tasks` out. One thread, nothing blocks but the disk.

The process is a child of the anchor (see there), which gives it the listening socket. It ends by itself when no engine
is to be watched, no client is connected and no task is left.
"""

import contextlib
import functools
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from finale.keeper import adoption, anchor, processes
from finale.keeper.adoption import Reaped
from finale.keeper.base import lay_base
from finale.keeper.cgroups import Groups
from finale.keeper.clients import Client, Clients
from finale.keeper.launch import Launcher
from finale.keeper.linux import become_subreaper
from finale.keeper.protocol import PROTOCOL, Lines, encode
from finale.keeper.records import Records
from finale.keeper.rubbish import Rubbish
from finale.keeper.slots import Slots, is_private
from finale.keeper.spawn import allow_many_files
from finale.keeper.task import Task
from finale.keeper.tasks import Tasks
from finale.keeper.watch import POLL_S, EngineWatch

__all__ = ["Keeper", "boot_id", "in_child"]

_GO_ON = -1

_LONELY_S = 10.0
"""A keeper that nobody has registered with ends after this time; a starting engine needs a fraction of it."""

_AHEAD = 2
"""Sandboxes made ahead, while there is nothing else to do and tasks run."""


def boot_id() -> str:
    """What tells this run of the machine from the one before."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return f"boot-{int(time.time() - time.monotonic()) // 60}"


def in_child(work: Callable[[], str]) -> str:
    """What `work` returns, done in a process of its own. Raises ``OSError`` with its words if it does."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"=" + os.fsencode(work()))
        except BaseException as error:
            words = error.strerror if isinstance(error, OSError) else None
            os.write(writer, (words or str(error)).encode()[:4000])
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    if not said.startswith(b"="):
        raise OSError(said.decode(errors="replace") or "the attempt was killed")
    return os.fsdecode(said[1:])


class Keeper:
    """Serves one home: `folder` is its keeper folder, `listener` the socket that clients connect to."""

    def __init__(self, folder: str, listener: socket.socket) -> None:
        self.folder = folder
        self.listener = listener
        self.pidfds: dict[int, int] = {}

    def run(self, to_anchor: socket.socket, anchor_pid: int, anchor_is_new: bool, reaped: dict[int, Reaped]) -> int:
        """Work until nothing is left (`anchor.DONE`) or the anchor is gone (`anchor.ANCHOR_LOST`)."""
        if not os.path.isdir(self.folder):
            return anchor.DONE  # the home was removed
        become_subreaper()
        allow_many_files()
        self._anchor = to_anchor
        self._anchor_lines = Lines()
        self._events: list[dict[str, Any]] = []
        self._lonely_since = time.monotonic()
        self._had_engine = False
        self._result = _GO_ON
        self._wanted: dict[str, Any] | None = None
        self._sandbox: dict[str, Any] = {"kind": "", "reason": "off", "home": "", "covers": []}
        self._rubbish = Rubbish()
        self._launcher = Launcher(self._rubbish, Groups(self.folder))
        self.tasks = Tasks(Records(f"{self.folder}/records", boot_id()), self._launcher, self._events.append)
        self.tasks.spared = self._rubbish.helpers
        self.engine = EngineWatch(f"{self.folder}/engine")
        with selectors.DefaultSelector() as self._selector, self._signals():
            self._selector.register(to_anchor, selectors.EVENT_READ, self._from_anchor)
            if self.tasks.captures.descriptor >= 0:
                self._selector.register(
                    self.tasks.captures.descriptor, selectors.EVENT_READ, lambda _mask: self.tasks.captures.look()
                )
            self._clients = Clients(self.listener, self._selector, self._obey)
            try:
                hear = functools.partial(self._sync, reaped)
                self._take_over(adoption.Heritage(anchor_pid, anchor_is_new, reaped, self.pidfds, hear))
                while self._result == _GO_ON:
                    timeout = self._turn()
                    for key, mask in self._select(timeout):
                        key.data(mask)
            finally:
                self._clients.close()
                # A keeper that takes the anchor's place forks the next one, which inherits these descriptors.
                self.pidfds = {task.record.pid: task.pidfd for task in self.tasks.by_pid.values() if task.pidfd >= 0}
                with contextlib.suppress(OSError):
                    self.tasks.records.flush()
                self.tasks.records.close()
        return self._result

    def _take_over(self, heritage: adoption.Heritage) -> None:
        """Tasks, sandboxes and the engine of an earlier keeper."""
        if self.tasks.records.by_key:
            self.tasks.foster_parents.append(heritage.anchor)
            heritage.children = processes.children(heritage.anchor)
            if not heritage.hear_anchor():
                self._result = anchor.ANCHOR_LOST
                return
        for task in adoption.adopt_all(self.tasks, heritage):
            self._selector.register(task.pidfd, selectors.EVENT_READ, self._ender(task))
        in_use = {task.record.slot for task in self.tasks.by_key.values() if task.record.end is None}
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(f"{self.folder}/slots"):
                if entry.path not in in_use:
                    self._rubbish.add(entry.path)
        if self.engine.engine is not None:
            self._watch_engine()

    def _sync(self, reaped: dict[int, Reaped]) -> bool:
        """Hear of all that the anchor has reaped until now; False if it is gone."""
        try:
            self._anchor.sendall(encode({"sync": True}))
            while data := self._anchor.recv(1 << 16):
                for message in self._anchor_lines.feed(data):
                    if "synced" in message:
                        return True
                    pid = message.pop("reaped")
                    reaped[pid] = Reaped(**message)
        except OSError:
            return False
        return False

    # --- a turn of the loop -----------------------------------------------------------------------------------------

    def _select(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait; if that means being idle while tasks run, make a sandbox ahead first."""
        slots = self._launcher.slots
        if slots is None or not self.tasks.by_pid or slots.has(_AHEAD):
            return self._selector.select(timeout)
        ready = self._selector.select(0)
        if not ready:
            try:
                slots.prepare()
            except OSError:
                return self._selector.select(timeout)  # no room: a task that needs one will say so
        return ready

    def _turn(self) -> float | None:
        now = time.monotonic()
        timeouts = [self.tasks.turn()]
        self.tasks.flush_started()
        if self.engine.is_polled:
            timeouts.append(POLL_S)
            if self.engine.has_died():
                self.engine.died(now)
        engine = self.engine.due(now)
        if engine is not None and not os.path.isdir(self.folder):
            self._result = anchor.DONE
        elif engine is not None:
            with contextlib.suppress(OSError):  # the anchor is just dying: whoever takes its place sees a dead engine
                self._anchor.sendall(encode(engine))
        if self.engine.start_at is not None:
            timeouts.append(max(0.0, self.engine.start_at - now))
        timeouts.append(self._rubbish.clean())
        self._send_events()
        timeouts.append(self._idle(now))
        moments = [timeout for timeout in timeouts if timeout is not None]
        return min(moments) if moments else None

    def _idle(self, now: float) -> float | None:
        """Seconds until the keeper may end, None while there is a reason to stay."""
        if self.tasks.is_busy or self._clients or self.engine.is_wanted:
            self._lonely_since = now
            return None
        said_goodbye = self.engine.engine is None and self._had_engine
        left = 0.0 if said_goodbye else self._lonely_since + _LONELY_S - now
        if left > 0:
            return left
        if self._launcher.slots is not None:
            self._launcher.slots.discard_all()
        self._rubbish.clean(now=True)
        if not self._rubbish.helpers:
            self._launcher.groups.close()
            self._result = anchor.DONE
            return 0.0
        return None

    def _send_events(self) -> None:
        if self._events:
            events = self._events[:]
            self._events.clear()
            self._clients.broadcast(events)

    # --- what clients ask for ---------------------------------------------------------------------------------------

    def _obey(self, client: Client, message: dict[str, Any]) -> None:
        match message.get("op"):
            case "hello":
                self._greet(client, message.get("engine"), message.get("sandbox"))
            case "start":
                self.tasks.start(message["tasks"])
            case "kill":
                self.tasks.kill(message["key"], message["grace_s"])
            case "forget":
                for record in self.tasks.forget(message["keys"]):
                    if record.end is not None and record.end.get("left"):
                        self._discard(record.spec["folder"])
            case "bye":
                self._forget_engine()
                self.engine.goodbye()
                self._had_engine = True
            case other:
                print(f"a client asked for {other!r}, which this keeper does not know", file=sys.stderr, flush=True)

    def _greet(self, client: Client, engine: dict[str, Any] | None, sandbox: dict[str, Any] | None) -> None:
        self._send_events()
        if engine is not None:
            self._had_engine = True
            self._forget_engine()
            self.engine.register(engine)
            self._watch_engine()
        if sandbox is not None and sandbox != self._wanted:
            self._sandbox = self._lay_sandbox(sandbox["home"], sandbox["binds"])
            self._wanted = sandbox
        client.has_greeted = True
        known = [[task.record.key, task.record.spec["memo"]] for task in self.tasks.by_key.values()]
        hello = {"event": "hello", "protocol": PROTOCOL, "pid": os.getpid(), "sandbox": self._sandbox, "tasks": known}
        for task in self.tasks.by_key.values():
            self.tasks.announce(task)
        text = b"".join(map(encode, [hello, *self._events]))
        self._events.clear()
        self._clients.send(client, text)

    def _lay_sandbox(self, home: str, binds: list[tuple[str, bool]]) -> dict[str, Any]:
        """Try what this machine allows; a sandbox that works is kept for the first task."""
        if self._launcher.slots is not None:
            self._launcher.slots.discard_all()
            self._launcher.slots = None
        stage = f"{self.folder}/stage"
        os.makedirs(stage, 0o700, exist_ok=True)
        try:
            # In a child first: a namespace that turns out to be of no use could not be left again.
            self._rubbish.add(f"{self.folder}/trial")
            home = in_child(lambda: self._try_sandbox(stage, home, binds))
            base = lay_base(stage, home, binds)
            slots = Slots(f"{self.folder}/slots", base, self._rubbish)
            slots.prepare()
        except OSError as error:
            return {"kind": "", "reason": error.strerror or str(error), "home": "", "covers": []}
        self._launcher.slots = slots
        free = {"/proc", "/dev", *(path for path, _ in binds)}
        covers = [path for _, path in base.covers if path not in free]
        return {"kind": base.kind, "reason": "", "home": base.home, "covers": covers}

    def _try_sandbox(self, stage: str, home: str, binds: list[tuple[str, bool]]) -> str:
        """The home folder that can be given an overlay of its own, or none. Raises ``OSError`` if nothing works."""
        base = lay_base(stage, home, binds)
        slots = Slots(f"{self.folder}/trial", base, self._rubbish)
        try:
            slots.prepare()
        except OSError:
            if not base.home:
                raise
            base.home = ""  # mounts below it forbid that
            slots.prepare()
        return base.home or ("" if base.kind == "binds" else home)

    def _discard(self, folder: str) -> None:
        with contextlib.suppress(OSError):
            for name in filter(is_private, os.listdir(folder)):
                self._rubbish.add(f"{folder}/{name}")

    # --- processes --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _signals(self) -> Any:
        """SIGCHLD wakes the loop."""
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        previous = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

        def woken(_mask: int) -> None:
            reader.recv(4096)
            self._reap()

        self._selector.register(reader, selectors.EVENT_READ, woken)
        try:
            yield
        finally:
            signal.set_wakeup_fd(previous)
            reader.close()
            writer.close()

    def _reap(self) -> None:
        """Collect every child that has ended, tasks and others."""
        for pid, status, usage in processes.ended_children(self._exited):
            task = self.tasks.latest(pid)
            if task is not None:
                if task.record.status is None:
                    self.tasks.exited(task, status, time.time_ns())
                task.usage = (usage.ru_utime, usage.ru_stime, usage.ru_maxrss)
            self._rubbish.helpers.discard(pid)

    def _exited(self, pid: int, status: int) -> None:
        """A child is a zombie: write its status down before it is reaped."""
        task = self.tasks.by_pid.get(pid)
        if task is not None:
            self.tasks.exited(task, status, time.time_ns())
            with contextlib.suppress(OSError):  # disk full: the line waits in memory, the turn says so
                self.tasks.records.flush()

    def _ender(self, task: Task) -> Callable[[int], None]:
        """What to do when the pidfd of an adopted task becomes readable. The anchor tells of its children by itself."""

        def ended(_mask: int) -> None:
            if task.pidfd < 0:
                return  # the anchor was heard in the same round
            self._selector.unregister(task.pidfd)
            if not task.has_foster_parent:
                adoption.await_stranger(self.tasks, task)

        return ended

    def _from_anchor(self, _mask: int) -> None:
        try:
            data = self._anchor.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._result = anchor.ANCHOR_LOST
            return
        for message in self._anchor_lines.feed(data):
            task = self.tasks.by_pid.get(message.pop("reaped"))
            if task is not None and task.has_foster_parent:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(task.pidfd)
                adoption.take(self.tasks, task, Reaped(**message))

    # --- the engine -------------------------------------------------------------------------------------------------

    def _watch_engine(self) -> None:
        if not self.engine.watch():
            self.engine.died(time.monotonic())
        elif self.engine.pidfd >= 0:
            self._selector.register(self.engine.pidfd, selectors.EVENT_READ, self._engine_died)

    def _engine_died(self, _mask: int) -> None:
        self._forget_engine()
        self.engine.died(time.monotonic())

    def _forget_engine(self) -> None:
        if self.engine.pidfd >= 0:
            self._selector.unregister(self.engine.pidfd)
            os.close(self.engine.pidfd)
            self.engine.pidfd = -1
