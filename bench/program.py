"""Finale as its users have it: the command line, an engine and a keeper of a home folder of their own.

    with Program(sandbox="off") as program:
        program.finale("submit", "--wait", str(manifest))

The home lies in the temporary folder. What was started is ended again, and nothing else: the engine and its keeper are
asked to stop, and killed by their own numbers if they do not.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from finale.client.api import Api
from finale.client.http import NoListener
from finale.client.start import engine_address, ensure_engine
from finale.engine.events import Event
from finale.home import Home
from finale.journal.codec import decode_event

__all__ = ["Program", "work_template", "workflow"]

_PATIENCE_S = 60.0


def workflow(templates: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A Workflow whose entrypoint is the first template."""
    body = {"entrypoint": templates[0]["name"], "templates": templates, **spec}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "b-"}, "spec": body}


def work_template(name: str, *command: str) -> dict[str, Any]:
    """A template that runs a command."""
    return {"name": name, "container": {"image": "busybox", "command": list(command)}}


class Program:
    """One home. `settings` become ``FINALE_…`` variables; the engine starts with the first command, or by `start`."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-finale-"))
        self.home = Home(self.folder / "home")
        variables = {"FINALE_HOME": str(self.home.path), "FINALE_IDLE_S": "120"}
        variables |= {f"FINALE_{name.upper()}": value for name, value in settings.items()}
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("FINALE_")} | variables
        self._variables = variables

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def api(self) -> Api:
        """The engine's API."""
        return Api(engine_address(self.home))

    def start(self) -> None:
        """An engine that answers, started if need be."""
        ensure_engine(self.home, self._variables)

    def stop(self) -> None:
        """End engine and keeper."""
        pids = self._pids()
        with contextlib.suppress(NoListener):
            self.api.stop_engine(kill=True)
        patience = time.monotonic() + _PATIENCE_S
        while any(_lives(pid, str(self.home.path)) for pid in pids):
            if time.monotonic() > patience:
                for pid in pids:
                    if _lives(pid, str(self.home.path)):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    def kill_engine(self) -> int:
        """``kill -9`` of the engine; gives its number."""
        pid = int(self.api.engine()["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def finale(self, *words: str, expect: int = 0) -> str:
        """Run the command; gives what it printed. Raises ``RuntimeError`` for another exit code."""
        command = [str(Path(sys.executable).with_name("finale")), *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
        if done.returncode != expect:
            raise RuntimeError(f"finale {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, body: dict[str, Any]) -> dict[str, Any]:
        """Submit and wait, without the command line; gives the Workflow as it ended."""
        api = self.api
        name = api.create(body).object["metadata"]["name"]
        for event in api.watch(name, fields="result.type,result.object.metadata.name,result.object.status.phase"):
            if event["object"]["status"]["phase"] not in ("", "Pending", "Running"):
                break
        return api.get(name)

    def events(self, run_uid: str) -> list[Event]:
        """What the journal has of a run."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home.journal}?mode=ro", uri=True)) as journal:
            (key,) = journal.execute("SELECT key FROM runs WHERE run = ?", (run_uid,)).fetchone()
            span = (key << 32, (key + 1) << 32)
            rows = journal.execute("SELECT body FROM events WHERE id > ? AND id < ? ORDER BY id", span).fetchall()
        return [decode_event(body) for (body,) in rows]

    def _pids(self) -> list[int]:
        """Every process whose command line names this home."""
        return [pid for pid in _processes() if _lives(pid, str(self.home.path))]


def _processes() -> Iterator[int]:
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            yield int(name)


def _lives(pid: int, home: str) -> bool:
    """Whether the process is there, is no zombie and is one of this home's."""
    try:
        return home.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
