"""Commands → calls. Orders reach this place only after the event they follow from is durable.

Starts are collected while an earlier batch is on its way, so that a thousand leaves cost a few round trips. Orders about
one leaf keep their order: a leaf is killed after it was launched, never before. Giving an order twice is harmless: the
executors launch a key once. A leaf that cannot be started is not an exception but an outcome, told like any other.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, assert_never

from finale.engine import RunState
from finale.engine.commands import CancelTimer, Command, FinishRun, KillLeaf, SetTimer, StartLeaf
from finale.engine.outcome import Outcome
from finale.errors import FinaleError, Unavailable
from finale.executors.contract import Executor, Finished, LeafTask, Report
from finale.runtime.clock import Clock, pause
from finale.runtime.leaf_task import TaskBuilder, leaf_of_key, task_key
from finale.runtime.timers import Timers

__all__ = ["Dispatcher", "Executors"]

log = logging.getLogger("finale.runs")

_RETRY_S = 1.0
_MOST_AT_ONCE = 500
"""Leaves that are made ready in one go: enough to share a round trip, not so many that a fan-out holds up the loop."""
_ERRANDS_S = 1.0
"""What executors were told last may still be on its way when the engine ends; telling is quick."""
_ENDED_BEFORE_START = Outcome(phase="Failed", ended_by_us=True)


class Executors:
    """Which executor runs which kind of template, by the template's field (``container``, ``http`` …)."""

    def __init__(self, by_kind: Mapping[str, Executor]) -> None:
        self._by_kind = dict(by_kind)
        self.all = tuple({id(executor): executor for executor in by_kind.values()}.values())

    def find(self, template: Mapping[str, Any]) -> Executor | None:
        """The executor of a template, None if this installation has none."""
        return next((executor for kind, executor in self._by_kind.items() if kind in template), None)


class _Leaf:
    """A leaf that we were told to start and that has not ended. `executor` is None until it was launched.

    `may_run` marks a leaf that an earlier life of the engine may have launched: it cannot be ended by not launching it.
    `runs` marks one that was seen running then; it needs no room. `order` is let go with the launch: rendered templates of
    a wide fan-out are most of what a leaf weighs.
    """

    __slots__ = ("executor", "grace_s", "killed", "may_run", "order", "runs", "state")

    def __init__(self, state: RunState, order: StartLeaf, *, may_run: bool) -> None:
        self.state = state
        self.order: StartLeaf | None = order
        self.executor: Executor | None = None
        self.grace_s = 0.0
        self.killed = False
        self.may_run = may_run
        self.runs = may_run and state.nodes[order.node].phase == "Running"


class Dispatcher:
    """Carries out commands. `report` is told what becomes of leaves, `parallelism` limits those that run at once."""

    def __init__(
        self,
        executors: Executors,
        builder: TaskBuilder,
        timers: Timers,
        clock: Clock,
        report: Report,
        parallelism: int = 0,
    ) -> None:
        self._executors = executors
        self._builder = builder
        self._timers = timers
        self._clock = clock
        self._report = report
        self._parallelism = parallelism
        self._leaves: dict[str, _Leaf] = {}
        self._held: deque[str] = deque()
        self._running = 0
        self._urgent = False
        self._closed = False
        self._kills: list[str] = []
        self._work = asyncio.Event()
        self._ended = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self.trouble = ""

    async def start(self) -> None:
        """Begin work; the executors report from here on. Raises what an executor raises when it cannot start."""
        for executor in self._executors.all:
            await executor.start(self._report)
        self._worker = asyncio.create_task(self._run(), name="dispatch")

    async def stop(self) -> None:
        """Give no more orders. Leaves that run go on under their executors."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        if self._errands:
            await asyncio.wait(self._errands, timeout=_ERRANDS_S)
        for executor in self._executors.all:
            await executor.stop()

    @property
    def is_busy(self) -> bool:
        """Whether any leaf has been ordered that has not ended."""
        return bool(self._leaves)

    def give(self, state: RunState, commands: list[Command], *, again: bool = False) -> None:
        """Carry out commands of a run, in their order. `again`: an earlier life may have carried them out already."""
        for command in commands:
            match command:
                case StartLeaf():
                    self._start_leaf(state, command, again)
                case KillLeaf():
                    self.kill(task_key(state.uid, command.node))
                case SetTimer():
                    self._timers.set(state.uid, command.timer, command.due_ns)
                case CancelTimer():
                    self._timers.cancel(state.uid, command.timer)
                case FinishRun():
                    self._timers.drop(state.uid)
                case _:
                    assert_never(command)

    def kill(self, key: str) -> None:
        """End a leaf. One that has not been launched is over at once."""
        leaf = self._leaves.get(key)
        if leaf is None:
            return
        if leaf.killed:
            return
        leaf.killed = self._urgent = True
        if leaf.executor is not None or leaf.may_run:
            self._kills.append(key)
        self._work.set()

    def ended(self, keys: list[str]) -> None:
        """The ends of these leaves are durable: make room, and let the executors forget them."""
        forgotten: dict[int, tuple[Executor, list[str]]] = {}
        for key in keys:
            leaf = self._leaves.pop(key, None)
            if leaf is not None and leaf.executor is not None:
                self._running -= 1
                forgotten.setdefault(id(leaf.executor), (leaf.executor, []))[1].append(key)
            elif leaf is None:
                for executor in self._executors.all:
                    forgotten.setdefault(id(executor), (executor, []))[1].append(key)
        for executor, gone in forgotten.values():
            self._errand(executor.forget(gone))
        self._ended.set()
        if self._held:
            self._work.set()

    def drop(self, run: str) -> None:
        """A run is deleted: forget its timers, end its leaves."""
        self._timers.drop(run)
        for key in [key for key in self._leaves if leaf_of_key(key)[0] == run]:
            self.kill(key)

    async def quiet(self, run: str) -> None:
        """Wait until nothing of a run is left to end."""
        await self._gone(lambda: any(leaf_of_key(key)[0] == run for key in self._leaves))

    async def kill_all(self, patience_s: float) -> None:
        """Start nothing more, end every leaf that runs and wait for it, `patience_s` beyond the longest grace at most."""
        self._closed = True
        running = {key: leaf.grace_s for key, leaf in self._leaves.items() if leaf.executor is not None}
        for key in running:
            self.kill(key)
        gone = asyncio.ensure_future(self._gone(lambda: any(key in self._leaves for key in running)))
        over = asyncio.ensure_future(pause(self._clock, max(running.values(), default=0.0) + patience_s))
        await asyncio.wait((gone, over), return_when=asyncio.FIRST_COMPLETED)
        for waiting in (gone, over):
            waiting.cancel()
        await asyncio.gather(gone, over, return_exceptions=True)

    async def _gone(self, are_there: Callable[[], bool]) -> None:
        while are_there():
            self._ended.clear()
            await self._ended.wait()

    def stray(self, key: str) -> None:
        """A leaf runs that belongs to no run we know: end it."""
        for executor in self._executors.all:
            self._errand(executor.kill(key, grace_s=0.0))

    def _start_leaf(self, state: RunState, order: StartLeaf, again: bool) -> None:
        key = task_key(state.uid, order.node)
        if key not in self._leaves:
            leaf = self._leaves[key] = _Leaf(state, order, may_run=again)
            self._urgent = self._urgent or leaf.runs
            self._held.append(key)
            self._work.set()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            await self._launch(self._admitted())
            kills, self._kills = self._kills, []
            for key in kills:
                leaf = self._leaves.get(key)
                if leaf is None:
                    continue
                if leaf.executor is None:
                    self._kills.append(key)  # it is to be launched first, and cannot be at the moment
                else:
                    self._errand(leaf.executor.kill(key, grace_s=leaf.grace_s))

    def _admitted(self) -> list[str]:
        """The leaves that start now, in the order they came. Those that were killed before their start are over."""
        room = min(_MOST_AT_ONCE, self._parallelism - self._running if self._parallelism else _MOST_AT_ONCE)
        admitted: list[str] = []
        waiting: deque[str] = deque()
        while self._held and not self._closed and (room > 0 or self._urgent):
            key = self._held.popleft()
            leaf = self._leaves.get(key)
            if leaf is None:
                continue
            if leaf.killed and not leaf.may_run:
                self._tell(key, _ENDED_BEFORE_START)
            elif leaf.runs or leaf.killed or room > 0:
                admitted.append(key)
                room -= 1
            else:
                waiting.append(key)
        self._urgent = False
        self._held.extendleft(reversed(waiting))
        if len(admitted) >= _MOST_AT_ONCE:
            self._work.set()  # there may be more; the loop gets its turn first
        return admitted

    async def _launch(self, keys: list[str]) -> None:
        objects = {}
        batches: dict[int, tuple[Executor, list[LeafTask]]] = {}
        for key in keys:
            leaf = self._leaves[key]
            order = leaf.order
            if order is None:
                continue
            executor = self._executors.find(order.template)
            if executor is None:
                self._tell(key, Outcome(phase="Error", message=f"template of node {order.node_name} cannot run here"))
                continue
            namespace = leaf.state.namespace
            if namespace not in objects:
                objects[namespace] = self._builder.objects(namespace)
            try:
                task = await self._builder.build(leaf.state, order, objects[namespace])
            except FinaleError as error:
                self._tell(key, Outcome(phase="Error", message=str(error)))
                continue
            except OSError as error:
                self._tell(key, Outcome(phase="Error", message=f"cannot prepare the task's folder: {error}"))
                continue
            except Exception as error:  # nothing may keep the other leaves from starting, nor this one from ending
                log.exception("a task could not be prepared", extra={"run": leaf.state.name})
                self._tell(key, Outcome(phase="Error", message=f"bug: the task could not be prepared: {error!r}"))
                continue
            leaf.grace_s = task.grace_s
            batches.setdefault(id(executor), (executor, []))[1].append(task)
        for executor, tasks in batches.values():
            await self._hand_over(executor, tasks)

    async def _hand_over(self, executor: Executor, tasks: list[LeafTask]) -> None:
        """Launch; counted before, since a leaf may end before the call returns."""
        for task in tasks:
            self._leaves[task.key].executor = executor
        self._running += len(tasks)
        try:
            await executor.launch(tasks)
        except (Unavailable, OSError) as error:
            self.trouble = f"tasks cannot be started now: {error}"
            left = [task.key for task in tasks if task.key in self._leaves]
            for key in left:
                self._leaves[key].executor = None
            self._running -= len(left)
            self._held.extendleft(reversed(left))
            self._clock.call_later(_RETRY_S, self._work.set)
        except Exception as error:
            log.exception("tasks could not be launched")
            for task in tasks:
                self._tell(task.key, Outcome(phase="Error", message=f"bug: the task could not be launched: {error!r}"))
                self._errand(executor.kill(task.key, grace_s=0.0))
        else:
            self.trouble = ""
            for task in tasks:
                if leaf := self._leaves.get(task.key):
                    leaf.order = None

    def _tell(self, key: str, outcome: Outcome) -> None:
        self._report(Finished(key, self._clock.to_wall(self._clock.now_ns()), outcome))

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Something to do beside the main line; a failure of an executor shows as trouble, not as a crash."""
        errand = asyncio.create_task(self._guard(work))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (FinaleError, OSError) as error:
            self.trouble = str(error)
