"""Logs of a run: the files that its leaves wrote, line by line.

A task's output is kept as it came, without times of its own. So lines of one pod come in their order, pods in the order
of their start; with `follow`, lines come as they are written. `since` is decided file by file, and `timestamps` shows
when a followed line was read, for older lines when the node ended.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from finale.engine.state import Node
from finale.errors import BadRequest
from finale.expr.regex import RegexInvalid, compile_regex
from finale.home import Home
from finale.ids import pod_name
from finale.runtime.clock import Clock, pause
from finale.runtime.dispatch import Executors
from finale.runtime.leaf_task import pod_labels
from finale.runtime.run import Run
from finale.runtime.service import LogLine, LogQuery
from finale.units import format_time

__all__ = ["LogReader"]

_LOOK_S = 0.1
"""How often a followed file is looked at."""
_PIECE = 64 * 1024
_TYPES = frozenset({"Pod", "Plugin", "HTTP"})


class LogReader:
    """Reads the logs of one home folder."""

    def __init__(self, home: Home, executors: Executors, clock: Clock) -> None:
        self._home = home
        self._executors = executors
        self._clock = clock
        self._closed = False

    def close(self) -> None:
        """End what is being followed."""
        self._closed = True

    def read(self, run: Run, query: LogQuery) -> AsyncIterator[LogLine]:
        """Lines of a run. Raises `BadRequest` for a `grep` that is no expression."""
        return self._read(run, query, _filter(query.grep))

    async def _read(self, run: Run, query: LogQuery, keep: Callable[[str], bool]) -> AsyncIterator[LogLine]:
        sources: dict[str, _Source] = {}
        left = query.limit_bytes or -1
        while True:
            finished = run.state.finished
            for node in self._nodes(run, query):
                if node.id not in sources:
                    sources[node.id] = self._source(run, node, query)
            for source in sources.values():
                over = finished or source.is_over()
                for line in source.lines(over):
                    if not keep(line):
                        continue
                    text = f"{self._time(source.node)} {line}" if query.timestamps else line
                    if left >= 0:
                        text = text.encode()[:left].decode(errors="ignore")
                        left -= len(text.encode())
                    yield LogLine(text, source.pod)
                    if left == 0:
                        return
            if not query.follow or finished or self._closed:
                return
            await pause(self._clock, _LOOK_S)

    def _nodes(self, run: Run, query: LogQuery) -> list[Node]:
        """The nodes whose logs are asked for, by start."""
        found = []
        for node in run.state.nodes.values():
            if node.type not in _TYPES:
                continue
            names = (node.id, node.name, node.display_name, _pod_of(run, node))
            if query.pod and query.pod not in names:
                continue
            if query.labels is not None and not query.labels(_labels_of(run, node)):
                continue
            found.append(node)
        return sorted(found, key=lambda node: (node.started_ns, node.name))

    def _source(self, run: Run, node: Node, query: LogQuery) -> "_Source":
        folder = self._home.task_folder(run.uid, node.id)
        paths = [executor.log_path(folder, query.container or "main") for executor in self._executors.all]
        return _Source(run, node, _pod_of(run, node), paths, query)

    def _time(self, node: Node) -> str:
        return format_time(node.finished_ns or self._clock.now_ns(), fraction=True)


class _Source:
    """The log of one node, read as far as it has been written."""

    def __init__(self, run: Run, node: Node, pod: str, paths: list[Path], query: LogQuery) -> None:
        self.node = node
        self.pod = pod
        self._run = run
        self._paths = paths
        self._tail = query.tail
        self._since_ns = query.since_ns
        self._offset = -1
        self._rest = b""

    def is_over(self) -> bool:
        """Nothing will be written any more."""
        return self._run.state.nodes[self.node.id].finished_ns != 0

    def lines(self, over: bool) -> Iterator[str]:
        """What was written since the last call; an unfinished last line waits until the file is `over`."""
        path = next((path for path in self._paths if path.exists()), None)
        if path is None:
            return
        with path.open("rb") as file:
            if self._offset < 0:
                self._offset = self._start(file)
            file.seek(self._offset)
            while piece := file.read(_PIECE):
                self._offset += len(piece)
                *whole, self._rest = (self._rest + piece).split(b"\n")
                for line in whole:
                    yield line.decode(errors="replace")
        if over and self._rest:
            rest, self._rest = self._rest, b""
            yield rest.decode(errors="replace")

    def _start(self, file: BinaryIO) -> int:
        size = os.fstat(file.fileno()).st_size
        if self._since_ns and os.fstat(file.fileno()).st_mtime_ns < self._since_ns:
            return size
        return size if self._tail == 0 else _tail_offset(file, size, self._tail) if self._tail else 0


def _tail_offset(file: BinaryIO, size: int, count: int) -> int:
    """Where the last `count` lines begin; read from the end, piece by piece."""
    position, found, ends = size, 0, b""
    while position > 0:
        start = max(0, position - _PIECE)
        file.seek(start)
        ends = file.read(position - start)
        at = len(ends)
        while (at := ends.rfind(b"\n", 0, at)) >= 0:
            if start + at == size - 1:
                continue  # the end of the last line, not of one before it
            found += 1
            if found == count:
                return start + at + 1
        position = start
    return 0


def _filter(grep: str) -> Callable[[str], bool]:
    if not grep:
        return lambda line: True
    try:
        return compile_regex(grep).matches
    except RegexInvalid as error:
        raise BadRequest(f"grep: {error}") from None


def _pod_of(run: Run, node: Node) -> str:
    template = node.template_name or (node.template_ref or {}).get("template") or ""
    return pod_name(run.state.name, node.name, template)


def _labels_of(run: Run, node: Node) -> dict[str, str]:
    labels = pod_labels(run.state, {})
    labels["workflows.argoproj.io/completed"] = "true" if node.finished_ns else "false"
    return labels
