"""The keeper's loop: sockets, signals and the clock in; turns of `Tasks` out. One thread, nothing blocks but the disk.

The process is a child of the anchor (see there), which gives it the listening socket. It ends by itself when no engine
is to be watched, no client is connected and no task is left.
"""

import contextlib
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
from finale.keeper.folders import remove_tree
from finale.keeper.linux import become_subreaper
from finale.keeper.protocol import Lines, encode
from finale.keeper.records import Records
from finale.keeper.tasks import Task, Tasks
from finale.keeper.watch import EngineWatch

__all__ = ["Keeper", "boot_id"]

_GO_ON = -1

_LONELY_S = 10.0
"""A keeper that nobody has registered with ends after this time; a starting engine needs a fraction of it."""

_CLEAN_S = 1.0
"""Private folders of forgotten tasks are removed in batches, this long after the first."""


def boot_id() -> str:
    """What tells this run of the machine from the one before."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return f"boot-{int(time.time() - time.monotonic()) // 60}"


class _Client:
    __slots__ = ("has_greeted", "lines", "out", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.lines = Lines()
        self.out = bytearray()
        self.has_greeted = False


class Keeper:
    """Serves one home: `folder` is its keeper folder, `listener` the socket that clients connect to."""

    def __init__(self, folder: str, listener: socket.socket) -> None:
        self.folder = folder
        self.listener = listener

    def run(self, to_anchor: socket.socket, anchor_pid: int, anchor_is_new: bool, reaped: dict[int, Reaped]) -> int:
        """Work until nothing is left (`anchor.DONE`) or the anchor is gone (`anchor.ANCHOR_LOST`)."""
        become_subreaper()
        self._anchor = to_anchor
        self._anchor_lines = Lines()
        self._clients: dict[int, _Client] = {}
        self._events: list[dict[str, Any]] = []
        self._selector = selectors.DefaultSelector()
        self._rubbish: list[str] = []
        self._clean_at = 0.0
        self._lonely_since = time.monotonic()
        self._result = _GO_ON
        reader, writer = socket.socketpair()
        for end in (reader, writer, self.listener):
            end.setblocking(False)
        self._wakeup = reader
        previous = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._listen(reader, self._woken)
        self._listen(self.listener, self._accept)
        self._listen(to_anchor, self._from_anchor)

        self.tasks = Tasks(Records(os.path.join(self.folder, "records"), boot_id()), self._events.append)
        self.engine = EngineWatch(os.path.join(self.folder, "engine"))
        self.tasks.spared.add(os.getpid())
        if not anchor_is_new or self.tasks.records.by_key:
            self.tasks.foster_parents.add(anchor_pid)
        for task in adoption.adopt_all(self.tasks, anchor_pid, anchor_is_new, reaped):
            self._listen(task.pidfd, self._ender(task))
        if self.engine.engine is not None:
            self._watch_engine()
        try:
            while self._result == _GO_ON:
                timeout = self._turn()
                for key, mask in self._selector.select(timeout):
                    key.data(mask)
        finally:
            signal.set_wakeup_fd(previous)
            for client in list(self._clients.values()):
                client.socket.close()
            self._selector.close()
            reader.close()
            writer.close()
            self.tasks.records.close()
        return self._result

    def _turn(self) -> float | None:
        now = time.monotonic()
        timeouts = [self.tasks.turn()]
        self.tasks.flush_started()
        engine = self.engine.due(now)
        if engine is not None:
            self._anchor.sendall(encode(engine))
        if self.engine.start_at is not None:
            timeouts.append(max(0.0, self.engine.start_at - now))
        if self._rubbish:
            timeouts.append(max(0.0, self._clean_at - now))
            if now >= self._clean_at:
                self._clean()
        self._send_events()
        timeouts.append(self._idle(now))
        moments = [timeout for timeout in timeouts if timeout is not None]
        return min(moments) if moments else None

    def _idle(self, now: float) -> float | None:
        """Seconds until the keeper may end, None while there is a reason to stay."""
        busy = any(task.record.end is None for task in self.tasks.by_key.values())
        if busy or self._clients or self.engine.is_wanted or self._rubbish:
            self._lonely_since = now
            return None
        said_goodbye = self.engine.engine is None and self._had_engine
        left = 0.0 if said_goodbye else self._lonely_since + _LONELY_S - now
        if left <= 0:
            self._result = anchor.DONE
        return max(0.0, left)

    _had_engine = False

    # --- sockets --------------------------------------------------------------------------------------------------

    def _listen(self, file: Any, callback: Callable[[int], None], mask: int = selectors.EVENT_READ) -> None:
        self._selector.register(file, mask, callback)

    def _accept(self, _mask: int) -> None:
        try:
            connection, _ = self.listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        connection.setblocking(False)
        client = _Client(connection)
        self._clients[connection.fileno()] = client
        self._listen(connection, lambda mask: self._talk(client, mask))

    def _talk(self, client: _Client, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._push(client)
        if not mask & selectors.EVENT_READ:
            return
        try:
            data = client.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        try:
            messages = client.lines.feed(data)
        except ValueError as error:
            print(f"a client sent what is not JSON: {error}", file=sys.stderr, flush=True)
            self._drop(client)
            return
        for message in messages:
            self._obey(client, message)

    def _obey(self, client: _Client, message: dict[str, Any]) -> None:
        match message.get("op"):
            case "hello":
                self._greet(client, message.get("engine"))
            case "start":
                self.tasks.start(message["tasks"])
            case "kill":
                self.tasks.kill(message["key"], message["grace_s"])
            case "forget":
                for record in self.tasks.forget(message["keys"]):
                    self._discard(record.spec["folder"])
            case "bye":
                self.engine.goodbye()
                self._had_engine = True
            case other:
                print(f"a client asked for {other!r}, which this keeper does not know", file=sys.stderr, flush=True)

    def _greet(self, client: _Client, engine: dict[str, Any] | None) -> None:
        self._send_events()
        if engine is not None:
            self._had_engine = True
            self._forget_engine()
            self.engine.register(engine)
            self._watch_engine()
        client.has_greeted = True
        known = [[task.record.key, task.record.spec["memo"]] for task in self.tasks.by_key.values()]
        hello = {"event": "hello", "pid": os.getpid(), "sandbox": {"kind": "", "reason": "not built"}, "tasks": known}
        client.out += encode(hello)
        for task in self.tasks.by_key.values():
            self.tasks.announce(task)
        self._send_events()
        self._push(client)

    def _send_events(self) -> None:
        if not self._events:
            return
        text = b"".join(map(encode, self._events))
        self._events.clear()
        for client in list(self._clients.values()):
            if client.has_greeted:
                client.out += text
                self._push(client)

    def _push(self, client: _Client) -> None:
        try:
            while client.out:
                sent = client.socket.send(client.out)
                del client.out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.out else 0)
        if self._selector.get_key(client.socket).events != mask:
            self._selector.modify(client.socket, mask, self._selector.get_key(client.socket).data)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.socket.fileno(), None) is not None:
            self._selector.unregister(client.socket)
            client.socket.close()

    # --- processes ------------------------------------------------------------------------------------------------

    def _woken(self, _mask: int) -> None:
        try:
            self._wakeup.recv(4096)
        except BlockingIOError:
            return
        while True:
            try:
                info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) if hasattr(os, "waitid") else None
                if info is not None:
                    task = self.tasks.by_pid.get(info.si_pid)
                    if task is not None:
                        self._exited(task, _wait_status(info.si_code, info.si_status))
                elif hasattr(os, "waitid"):
                    return
                pid, status, usage = os.wait4(info.si_pid if info is not None else -1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if info is None:
                task = self.tasks.by_pid.get(pid)
                if task is not None:
                    self._exited(task, status)
            if task is not None:
                task.usage = (usage.ru_utime, usage.ru_stime, usage.ru_maxrss)
            self.tasks.spared.discard(pid)

    def _exited(self, task: Task, status: int) -> None:
        self.tasks.exited(task, status, time.time_ns())
        try:
            self.tasks.records.flush()
        except OSError:
            return  # disk full: the line waits in memory, the turn says so

    def _ender(self, task: Task) -> Callable[[int], None]:
        """What to do when the pidfd of an adopted task becomes readable."""

        def ended(_mask: int) -> None:
            self._selector.unregister(task.pidfd)
            if processes.parent(task.record.pid) == os.getppid() or task.exited_at:
                return  # the anchor collects it and says so
            status = adoption.status_of_stranger(task)
            if status is None:
                self.tasks.lose(task)
            else:
                self.tasks.exited(task, status, time.time_ns())

        return ended

    def _from_anchor(self, _mask: int) -> None:
        data = self._anchor.recv(1 << 16)
        if not data:
            self._result = anchor.ANCHOR_LOST
            return
        for message in self._anchor_lines.feed(data):
            pid = message.pop("reaped")
            task = self.tasks.by_pid.get(pid)
            if task is not None and task.pidfd >= 0:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(task.pidfd)
                adoption.take(self.tasks, task, Reaped(**message))

    def _watch_engine(self) -> None:
        pidfd = self.engine.open_pidfd()
        if pidfd >= 0:
            self._listen(pidfd, self._engine_died)
        elif self.engine.engine is not None:
            self.engine.died(time.monotonic())

    def _engine_died(self, _mask: int) -> None:
        self._forget_engine()
        self.engine.died(time.monotonic())

    def _forget_engine(self) -> None:
        if self.engine.pidfd >= 0:
            self._selector.unregister(self.engine.pidfd)
            os.close(self.engine.pidfd)
            self.engine.pidfd = -1

    # --- cleaning -------------------------------------------------------------------------------------------------

    def _discard(self, folder: str) -> None:
        if not self._rubbish:
            self._clean_at = time.monotonic() + _CLEAN_S
        self._rubbish.append(os.path.join(folder, "view"))

    def _clean(self) -> None:
        """Remove private folders in a child of low priority, so that large ones hold nobody up."""
        folders, self._rubbish = self._rubbish, []
        helper = os.fork()
        if helper == 0:
            try:
                os.nice(10)
                for folder in folders:
                    remove_tree(folder)
            finally:
                os._exit(0)
        self.tasks.spared.add(helper)


def _wait_status(code: int, status: int) -> int:
    """The status of wait(2) for what waitid(2) gave."""
    return status << 8 if code == os.CLD_EXITED else status | (0x80 if code == os.CLD_DUMPED else 0)
