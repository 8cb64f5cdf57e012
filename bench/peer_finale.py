"""Finale among the peers: ``python peer_finale.py ITEM``, after the contract of the peers' ``scripts/common.py``.

Stands alone, since the driver starts it in an environment of its own from which neither `bench` nor `common` can be
seen. ``PEER_HOME`` is the home folder; variant ``bare`` runs tasks without a sandbox, as every other peer does. The
command line runs in this process; engine and keeper are started by it as for any user, and stopped before we end.
The crash item names the engine in ``engine.pid`` for the driver to kill.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

NOT_OFFERED = 64
SLEEP_MS = 20
"""Length of one task of the crash item, as in ``common.py``."""

ITEM = os.environ.get("PEER_ITEM", "")
COUNT = int(os.environ.get("PEER_N", "1"))
FOLDER = Path(os.environ.get("PEER_DIR", "."))
STAMP = os.environ.get("PEER_STAMP", "stamp")
LOG = FOLDER / "stamps.log"


def stamp(name: str, label: str, sleep_ms: int = 0, code: int = 0) -> dict[str, Any]:
    """A template that runs the driver's stamp program."""
    command = [STAMP, str(LOG), label, str(sleep_ms), str(code)]
    return {"name": name, "container": {"image": "stamp", "command": command}}


def workflow(templates: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A Workflow whose entrypoint is the first template, named like this item."""
    name = f"{ITEM.lower()}-{time.time_ns():x}"
    body = {"entrypoint": templates[0]["name"], "templates": templates, **spec}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": name}, "spec": body}


def _true() -> dict[str, Any]:
    return {"name": "true", "container": {"image": "busybox", "command": ["/bin/true"]}}


def _steps(template: str) -> dict[str, Any]:
    loop = {"name": "each", "template": template, "withSequence": {"count": str(COUNT)}}
    return {"name": "main", "steps": [[loop]]}


def _chain() -> dict[str, Any]:
    tasks: list[dict[str, Any]] = [{"name": f"t{number}", "template": "true"} for number in range(COUNT)]
    for number in range(1, COUNT):
        tasks[number]["dependencies"] = [f"t{number - 1}"]
    return workflow([{"name": "main", "dag": {"tasks": tasks}}, _true()])


def _crash() -> dict[str, Any]:
    task = stamp("task", "t{{inputs.parameters.number}}", SLEEP_MS)
    task["inputs"] = {"parameters": [{"name": "number"}]}
    main = _steps("task")
    main["steps"][0][0]["arguments"] = {"parameters": [{"name": "number", "value": "{{item}}"}]}
    return workflow([main, task, stamp("exit", "exit")], parallelism=2, onExit="exit")


def _wide() -> dict[str, Any]:
    return workflow([_steps("true"), _true()], parallelism=2)


def _failing() -> dict[str, Any]:
    return workflow([stamp("fail", "fail", code=1), stamp("handler", "handler")], onExit="handler")


def _one() -> dict[str, Any]:
    return workflow([_true()])


WORK: dict[str, Callable[[], dict[str, Any]]] = {"W1": _chain, "W2": _wide, "W5": _failing, "W6": _crash, "W7": _one}


def main(item: str) -> None:
    """Run one item; exits with another code than 0 when the work was not done."""
    if item not in WORK:
        raise SystemExit(NOT_OFFERED)
    _settle()
    try:
        if os.environ.get("PEER_RESUME") == "1":
            _expect(0, "wait", (FOLDER / "run").read_text())
            return
        if item == "W6":
            _begin_crash()
            return
        manifest = FOLDER / "workflow.json"
        manifest.write_text(json.dumps(WORK[item]()))
        with _inner():
            _expect(1 if item == "W5" else 0, "submit", "--wait", "-o", "name", str(manifest))
    finally:
        start = time.perf_counter()
        _finale("server", "stop")
        _note(shutdown_s=time.perf_counter() - start)


def _settle() -> None:
    """The settings: sandboxed tasks may write where the stamps go and see the program that makes them."""
    os.environ["FINALE_HOME"] = os.environ.get("PEER_HOME", str(FOLDER))
    os.environ["FINALE_BIND"] = f"{FOLDER},{Path(STAMP).parent}:ro"
    if os.environ.get("PEER_VARIANT") == "bare":
        os.environ["FINALE_SANDBOX"] = "off"


def _begin_crash() -> None:
    """Submit, say whom to kill, and stay until the run ends or we are killed ourselves."""
    from finale.client.api import Api  # noqa: PLC0415  (an item that is not offered ends before Finale is needed)
    from finale.client.start import engine_address, ensure_engine  # noqa: PLC0415
    from finale.home import Home  # noqa: PLC0415

    home = Home(os.environ["FINALE_HOME"])
    ensure_engine(home)
    api = Api(engine_address(home))
    (FOLDER / "engine.pid").write_text(str(api.engine()["pid"]))
    body = _crash()
    (FOLDER / "run").write_text(body["metadata"]["name"])
    api.create(body)
    _expect(0, "wait", body["metadata"]["name"])


def _finale(*words: str) -> int:
    from finale.cli.main import main as run_command  # noqa: PLC0415

    return run_command(words)


def _expect(code: int, *words: str) -> None:
    found = _finale(*words)
    if found != code:
        raise SystemExit(f"finale {' '.join(words)} ended with {found}, expected {code}")


@contextlib.contextmanager
def _inner() -> Iterator[None]:
    """Time between handing the work over and having all results."""
    start = time.perf_counter()
    yield
    _note(inner_s=time.perf_counter() - start)


def _note(**facts: float) -> None:
    """Merge facts into inner.json for the driver."""
    path = FOLDER / "inner.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, **facts}))


if __name__ == "__main__":
    main(sys.argv[1])
