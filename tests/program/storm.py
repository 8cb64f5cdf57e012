"""A run with many handlers, a ledger that tells what really ran, and somebody who kills its processes.

Each task appends ``<node id> start`` and ``<node id> end`` to a file outside of its sandbox, so that what happened can be
held against what the run's status says.
"""

import contextlib
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from program.home import HomeFolder, environment_of

__all__ = ["Killer", "complaints", "manifest"]

_FATES = {"one": 0, "two": 3, "three": 0, "four": 0, "five": 3, "six": 0}
"""Exit codes of the tasks of the DAG, in the order in which they wait for each other."""

_WORK = """\
  - name: {name}
    inputs: {{parameters: [{{name: code, value: "0"}}]}}
    container:
      image: busybox
      command: [sh, -c]
      args:
      - |
        echo "$ARGO_NODE_ID start" >> {ledger}
        sleep 0.1
        echo "$ARGO_NODE_ID end" >> {ledger}
        exit {{{{inputs.parameters.code}}}}
"""

_TASK = """\
      - name: {name}
        template: work
        {depends}
        arguments: {{parameters: [{{name: code, value: "{code}"}}]}}
        hooks: {{exit: {{template: tidy, arguments: {{parameters: [{{name: code, value: "{handler}"}}]}}}}}}
"""

_HEAD = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: storm}
spec:
  entrypoint: main
  onExit: farewell
  hooks:
    running: {expression: workflow.status == "Running", template: tidy}
  templates:
  - name: main
    dag:
      tasks:
"""

_REST = """\
      - name: inner
        template: inner
        depends: one.Succeeded || one.Failed || one.Errored
        hooks: {exit: {template: tidy-twice}}
      - name: again
        template: again
        depends: two.Succeeded || two.Failed || two.Errored
        hooks: {exit: {template: tidy}}
      - name: last
        template: work
        depends: (six.Succeeded || six.Failed || six.Errored) && (inner.Succeeded || inner.Failed || inner.Errored)
        arguments: {parameters: [{name: code, value: "4"}]}
  - name: inner
    steps:
    - - {name: left, template: work, continueOn: {failed: true, error: true}, hooks: {exit: {template: tidy}}}
      - {name: right, template: work, continueOn: {failed: true, error: true}, hooks: {exit: {template: tidy}}}
    - - {name: both, template: work, continueOn: {failed: true, error: true}, hooks: {exit: {template: tidy}}}
  - name: tidy-twice
    steps:
    - - {name: sweep, template: tidy, continueOn: {failed: true, error: true}}
    - - {name: polish, template: tidy, continueOn: {failed: true, error: true}}
  - name: farewell
    steps:
    - - {name: tell, template: tidy, continueOn: {failed: true, error: true}, hooks: {exit: {template: tidy}}}
      - {name: count, template: tidy, continueOn: {failed: true, error: true}}
    - - {name: close, template: tidy}
  - name: again
    inputs: {parameters: [{name: code, value: "5"}]}
    retryStrategy: {limit: 1, retryPolicy: Always}
"""

_OWING = {*_FATES, "inner", "again", "left", "right", "both", "tell", "storm"}
"""Display names of the nodes that owe an exit handler."""

_NEVER_RAN = ("Skipped", "Omitted")


def manifest(ledger: Path) -> str:
    """A run of 40 nodes with 13 exit handlers and a lifecycle hook; its work fails."""
    tasks, before = [], ""
    for name, code in _FATES.items():
        depends = f"depends: {before}.Succeeded || {before}.Failed || {before}.Errored" if before else ""
        tasks.append(_TASK.format(name=name, depends=depends, code=code, handler=code))
        before = name
    container = _WORK.format(name="work", ledger=ledger)
    retried = container.partition("    container:")[2]
    return "".join([_HEAD, *tasks, _REST, "    container:", retried, container, container.replace("work", "tidy", 1)])


class Killer(threading.Thread):
    """Kills a process of the home `kills` times, at moments and of kinds that `seed` decides. `stop` ends it early.

    `victims` are the ids of the nodes whose own process was killed; `story` says what was done, for a failure's text.
    """

    def __init__(self, home: HomeFolder, seed: int, kills: int) -> None:
        super().__init__(name="killer")
        self._home = home
        self._chance = random.Random(seed)
        self._kills = kills
        self._over = threading.Event()
        self.victims: set[str] = set()
        self.story: list[str] = []

    def run(self) -> None:
        """Kill, with pauses between that have no pattern."""
        while len(self.story) < self._kills and not self._over.wait(self._chance.uniform(0.0, 0.6)):
            kind = self._chance.choice(("engine", "keeper", "task"))
            with contextlib.suppress(ProcessLookupError):
                self._strike(kind)

    def stop(self) -> None:
        """Kill nothing more."""
        self._over.set()
        self.join()

    def _strike(self, kind: str) -> None:
        if kind == "task":
            tasks = list(_tasks(self._home))
            if tasks:
                pid, node = self._chance.choice(tasks)
                self.victims.add(node)
                os.kill(pid, signal.SIGKILL)
                self.story.append(f"task {node}")
            return
        pids = [self._home.engine_pid()] if kind == "engine" else self._home.keeper_pids()
        if any(pids):
            pid = self._chance.choice(pids)
            os.kill(pid, signal.SIGKILL)
            self.story.append(f"{kind} {pid}")


def _tasks(home: HomeFolder) -> Iterator[tuple[int, str]]:
    """Process and node id of each task that runs: the leaders of their sessions."""
    for pid in home.processes():
        for row in environment_of(pid):
            name, _, value = row.partition(b"=")
            if name == b"FINALE_TASK":
                with contextlib.suppress(OSError):
                    if os.getsid(pid) == pid:
                        yield pid, value.decode().split("/")[1]


def complaints(workflow: dict[str, Any], ledger: str, victims: set[str]) -> list[str]:
    """Each way in which a run and its ledger break the guarantee; `victims` are the nodes whose process was killed."""
    status = workflow["status"]
    nodes = list(status["nodes"].values())
    found = [
        f"{node['name']} is {node['phase']} in a run that has ended" for node in nodes if not node.get("finishedAt")
    ]
    if not status.get("finishedAt"):
        found.append(f"the run is {status['phase']}")
    names = Counter(node["name"] for node in nodes)
    found += [f"{name} is there {count} times" for name, count in names.items() if count > 1]
    for node in nodes:
        owes = node["displayName"] in _OWING and node["phase"] not in _NEVER_RAN
        if owes and names[f"{node['name']}.onExit"] != 1:
            found.append(f"{node['name']} ended {node['phase']} and its handler did not run")
    if missing := _OWING - {node["displayName"] for node in nodes}:
        found.append(f"these never came to be: {sorted(missing)}")
    return found + list(_against_the_ledger(nodes, Counter(ledger.splitlines()), victims))


def _against_the_ledger(nodes: list[dict[str, Any]], lines: Counter[str], victims: set[str]) -> Iterator[str]:
    for node in nodes:
        if node["type"] != "Pod" or node["phase"] in _NEVER_RAN:
            continue
        starts, ends = lines.pop(f"{node['id']} start", 0), lines.pop(f"{node['id']} end", 0)
        what = (
            f"{node['name']} ({node['phase']}: {node.get('message', '')}) began {starts} times and ended {ends} times"
        )
        is_lost = node["phase"] == "Error"
        if starts > 1 or ends > starts:
            yield what
        elif node["id"] in victims:
            if node["phase"] == "Succeeded" and not ends:
                yield f"{what}, and was killed"
        elif (starts, ends) != (1, 1) and not is_lost:
            yield f"{what}, and nobody killed it"
        elif is_lost and "lost" not in node.get("message", ""):
            yield f"{what}, and nothing was lost"
    yield from (f"the ledger has a line of no node: {line}" for line in lines)
