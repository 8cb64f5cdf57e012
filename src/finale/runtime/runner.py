"""The main loop of a home folder: an event comes in, is journaled, decided, and when it is durable its commands go out.

Append before act: `decide` may run ahead in memory, but no command leaves and nobody is told before the event's row is
on the disk. Events of one turn of the loop share one append, so their cost is shared too. What an event costs does not
depend on the size of its run: summaries are written when a run's own phase changes, snapshots at growing distances,
changes are rendered only for those who watch.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from finale.engine import RunState, decide, new_state, refusal
from finale.engine.commands import Command
from finale.engine.events import Event, LeafFinished, LeafStarted, Submitted, TimerFired
from finale.errors import Bug, Conflict, FinaleError, Unavailable
from finale.executors.contract import Finished, Started
from finale.journal.codec import encode_event
from finale.journal.contract import Journal, Row, RunSummary
from finale.runtime.clock import Clock
from finale.runtime.dispatch import Dispatcher
from finale.runtime.feed import Change, Feed
from finale.runtime.index import RunIndex
from finale.runtime.leaf_task import leaf_of_key
from finale.runtime.recovery import Restored, take_snapshot
from finale.runtime.run import Run, condition
from finale.runtime.runs import Runs
from finale.status import render_summary

__all__ = ["Runner"]

log = logging.getLogger("finale.runs")


class _Batch:
    """What one turn of the loop has gathered: rows to append, and what is to be done when they are durable."""

    __slots__ = ("changes", "commands", "ended", "moved", "rows", "runs")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.runs: dict[str, Run] = {}
        self.moved: dict[str, Run] = {}
        self.commands: list[tuple[RunState, list[Command]]] = []
        self.changes: list[Change] = []
        self.ended: list[str] = []


class Runner:
    """Events of all runs. `snapshot_rows` is the least distance of two snapshots of a run."""

    def __init__(
        self, journal: Journal, clock: Clock, feed: Feed, index: RunIndex, runs: Runs, snapshot_rows: int
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._feed = feed
        self._index = index
        self._runs = runs
        self._snapshot_rows = snapshot_rows
        self._batch: _Batch | None = None
        self._reports: list[Started | Finished] = []
        self._trouble = ""
        self._troubled = asyncio.Event()
        self.dispatcher: Dispatcher
        journal.watch_trouble(self._journal_trouble)

    # Events

    async def begin(self, workflow: dict[str, Any], definitions: tuple[dict[str, Any], ...]) -> Run:
        """Submit a run; durable when this returns. Raises `Conflict` for a taken name, `Unavailable` without room."""
        self._require_room()
        metadata = workflow["metadata"]
        if self._index.is_taken(metadata["namespace"], metadata["name"]):
            raise Conflict(f'workflows.argoproj.io "{metadata["name"]}" already exists')
        event = Submitted(at=self._clock.now_ns(), workflow=workflow, definitions=definitions)
        body = encode_event(event)
        state = new_state()
        commands = decide(state, event)
        run = Run(Restored(state, 0, 0, event.at), 0)
        self._index.add(self._summary(run))
        self._runs.add(run)
        self._record(run, event, body, commands, "ADDED")
        try:
            await self.durable(run)
        except Unavailable:
            raise
        except FinaleError:
            self._runs.remove(run.uid)
            self._index.remove(run.uid)
            raise
        return run

    async def tell(self, uid: str, make: Callable[[int], Event]) -> Run:
        """An event for a run, made for the time it gets; durable when this returns.

        Raises `Conflict` with Argo's text when the run's state forbids it, `Unavailable` while nothing can be written.
        """
        self._require_room()
        run = await self._runs.load(uid)
        if stuck := self._runs.stuck.get(uid):
            raise Bug(stuck)
        event = make(run.moment(self._clock.now_ns()))
        if (text := refusal(run.state, event)) is not None:
            raise Conflict(text)
        if self._apply(run, event):
            await self.durable(run)
        return run

    async def durable(self, run: Run) -> None:
        """Wait until what is known of a run is on the disk. Raises `Unavailable` when that cannot happen now."""
        pending = self._flush_of(run)
        if pending is None or pending.done():
            return
        troubled = asyncio.ensure_future(self._troubled.wait())
        try:
            await asyncio.wait((pending, troubled), return_when=asyncio.FIRST_COMPLETED)
        finally:
            troubled.cancel()
        if not pending.done():
            raise Unavailable(
                f"{self._trouble}; the request is kept and counts as soon as there is room", retryable=True
            )
        pending.result()

    def timer_fired(self, uid: str, timer: str) -> None:
        """A timer has come due."""
        run = self._runs.get(uid)
        if run is not None and timer in run.state.timers:
            self._apply(run, TimerFired(at=run.moment(self._clock.now_ns()), timer=timer))

    def report(self, report: Started | Finished) -> None:
        """News from an executor, taken with the others of this turn of the loop. Repeats are fine."""
        if not self._reports:
            asyncio.get_running_loop().call_soon(self._take_reports)
        self._reports.append(report)

    # What holds everything up

    @property
    def trouble(self) -> str:
        """Why nothing can be written at the moment, or the empty string."""
        return self._trouble

    def conditions(self, uid: str) -> list[dict[str, str]]:
        """What holds a run up that is not its own doing."""
        found = []
        if self._trouble:
            found.append(condition("JournalBlocked", f"the run is paused: {self._trouble}"))
        if self.dispatcher.trouble:
            found.append(condition("ExecutorBlocked", self.dispatcher.trouble))
        if uid in self._runs.stuck:
            found.append(condition("Stuck", self._runs.stuck[uid]))
        return found

    # Inside

    def _take_reports(self) -> None:
        reports, self._reports = self._reports, []
        for report in reports:
            uid, node = leaf_of_key(report.key)
            run = self._runs.get(uid)
            if run is not None:
                self._take_report(run, node, report)
            elif uid in self._index and not self._index.summary(uid).finished_ns and uid not in self._runs.stuck:
                self._runs.when_loaded(uid, lambda report=report: self.report(report))  # type: ignore[misc]
            elif isinstance(report, Finished):
                self._open_batch().ended.append(report.key)
            else:
                self.dispatcher.stray(report.key)

    def _take_report(self, run: Run, node: str, report: Started | Finished) -> None:
        at = run.moment(self._clock.from_wall(report.at))
        is_open = node in run.state.leaves
        if isinstance(report, Started):
            if is_open and run.state.nodes[node].phase == "Pending":
                self._apply(run, LeafStarted(at=at, node=node))
            return
        if not is_open or self._apply(run, LeafFinished(at=at, node=node, outcome=report.outcome)):
            self._open_batch().ended.append(report.key)

    def _apply(self, run: Run, event: Event) -> bool:
        """Take an event. False if the engine could not: then the run stands still, with the reason in its status."""
        try:
            body = encode_event(event)
            commands = decide(run.state, event)
        except Exception as error:
            self._give_up(run, event, error)
            return False
        self._record(run, event, body, commands, "MODIFIED")
        return True

    def _record(self, run: Run, event: Event, body: bytes, commands: list[Command], kind: str) -> None:
        batch = self._open_batch()
        run.rows += 1
        run.last_at = event.at
        run.version = self._runs.next_version()
        batch.rows.append(Row(run.uid, run.rows, body))
        batch.runs[run.uid] = run
        if commands:
            batch.commands.append((run.state, commands))
        gist = run.gist()
        if gist != run.written or kind == "ADDED":
            run.written = gist
            batch.moved[run.uid] = run
        if self._feed.is_watched(run.uid):
            batch.changes.append(self._change(run, "ADDED" if kind == "ADDED" else "MODIFIED"))
        run.state.changed.clear()

    def _open_batch(self) -> _Batch:
        if self._batch is None:
            self._batch = _Batch()
            asyncio.get_running_loop().call_soon(self._commit)
        return self._batch

    def _commit(self) -> None:
        """Append what this turn gathered. Snapshots queue behind their rows."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        summaries = [self._summary(run) for run in batch.moved.values()]
        for summary in summaries:
            self._index.update(summary)
        future = self._journal.append(batch.rows, summaries)
        for run in batch.runs.values():
            run.pending = future
            if run.rows - run.snapshot_row >= max(self._snapshot_rows, len(run.state.nodes) // 2):
                run.snapshot_row = run.rows
                saved = self._journal.save_snapshot(take_snapshot(run.state, run.rows, run.last_at))
                saved.add_done_callback(lambda done: done.cancelled() or done.exception())  # a shortcut; may fail
        future.add_done_callback(lambda done: self._act(batch, done))

    def _act(self, batch: _Batch, done: "asyncio.Future[None]") -> None:
        """The rows are durable: give the commands, tell those who watch."""
        if done.cancelled():
            return
        if (error := done.exception()) is not None:
            self._lost(batch, error)
            return
        for state, commands in batch.commands:
            self.dispatcher.give(state, commands)
        if batch.ended:
            self.dispatcher.ended(batch.ended)
        for change in batch.changes:
            self._feed.publish(change)
        told = {change.run for change in batch.changes}
        for run in batch.moved.values():
            state = run.state
            if state.finished and run.uid not in told and self._feed.is_watched(run.uid):
                # Who came since then was shown the run without its end.
                self._feed.publish(self._change(run, "MODIFIED"))
            log.info("%s", state.phase, extra={"run": state.name, "namespace": state.namespace, "uid": state.uid})
            if state.finished:
                self._runs.finished(run.uid)

    def _lost(self, batch: _Batch, error: BaseException) -> None:
        """The journal refused rows for good: what was decided from them must not go on."""
        for run in batch.runs.values():
            log.error("events could not be kept: %s", error, extra={"run": run.state.name, "uid": run.uid})
            self._runs.give_up(run.uid, f"an event of the run could not be kept: {error}")

    def _flush_of(self, run: Run) -> "asyncio.Future[None] | None":
        if self._batch is not None and run.uid in self._batch.runs:
            self._commit()
        return run.pending

    def _summary(self, run: Run) -> RunSummary:
        return RunSummary(**msgspec.structs.asdict(render_summary(run.state, self._clock.now_ns())))

    def _change(self, run: Run, kind: Any) -> Change:
        """What is published once the batch at hand is durable."""
        head = run.head(self._clock.now_ns(), self.conditions(run.uid), shown_when_durable=True)
        return Change(kind, run.uid, run.version, head, run.changed_nodes())

    def _give_up(self, run: Run, event: Event, error: Exception) -> None:
        """The state may be half changed: leave it, and let the run be read again as the journal has it."""
        text = f"bug: {type(event).__name__} of run {run.state.name} cannot be applied: {error!r}; please report this"
        log.error("%s", text, exc_info=error, extra={"run": run.state.name, "uid": run.uid})
        self._runs.give_up(run.uid, text)

    def _require_room(self) -> None:
        if self._trouble:
            raise Unavailable(self._trouble, retryable=True)

    def _journal_trouble(self, text: str) -> None:
        self._trouble = text
        if text:
            self._troubled.set()
        else:
            self._troubled.clear()
        for run in self._runs.in_memory():
            if not (run.state.finished and run.is_durable) and self._feed.is_watched(run.uid):
                head = run.head(self._clock.now_ns(), self.conditions(run.uid))
                self._feed.publish(Change("MODIFIED", run.uid, run.version, head, is_aside=True))
