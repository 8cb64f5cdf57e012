"""How long a command takes to start: ``python -m bench.start``.

``finale --help``, ``finale version`` and ``finale list`` with an engine that runs; and the first command of a newcomer,
``submit --watch`` of a workflow of one step in a home that does not exist, which starts an engine and a keeper, makes a
database, runs the step and shows its end. Beside them an interpreter that does nothing, of the same environment. *CPU* is
the command's own processor time, without the engine's: on a busy machine the steadier figure.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.program import Program, work_template, workflow
from bench.sheet import Row, Sheet, options, rounds

PASS = "python -c pass"
IMPORTS = "python -c 'import asyncio, sqlite3'"


def _rows() -> list[Row]:
    budgets = {
        PASS: None,
        IMPORTS: None,
        "finale --help": 150,
        "finale version": 150,
        "finale list, engine runs": None,
        "finale submit --wait of one step, engine runs": None,
        "finale submit --watch of one step, cold home": 1000,
        "finale submit --watch of one step, cold home, no sandbox": 1000,
        "finale server stop": None,
    }
    rows = [Row(name, "ms", "" if name == PASS else PASS, most=most) for name, most in budgets.items()]
    return [*rows, *(Row(f"CPU: {name}", "ms", "" if name == PASS else f"CPU: {PASS}") for name in budgets)]


@contextmanager
def _measured(sheet: Sheet, name: str) -> Iterator[None]:
    """Wall time of a block, and CPU time of the children it waited for."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    yield
    sheet.add(name, time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sheet.add(f"CPU: {name}", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _one_round(sheet: Sheet, warm: Program) -> None:
    manifest = warm.folder / "one.json"
    manifest.write_text(json.dumps(workflow([work_template("main", "/bin/true")])))
    with _measured(sheet, PASS):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    with _measured(sheet, IMPORTS):
        subprocess.run([sys.executable, "-c", "import asyncio, sqlite3"], check=True)
    with _measured(sheet, "finale --help"):
        warm.finale("--help")
    with _measured(sheet, "finale version"):
        warm.finale("version")
    with _measured(sheet, "finale list, engine runs"):
        warm.finale("list")
    with _measured(sheet, "finale submit --wait of one step, engine runs"):
        warm.finale("submit", "--wait", str(manifest))
    for ending, sandbox in (("", "auto"), (", no sandbox", "off")):
        with Program(sandbox=sandbox) as cold:
            with _measured(sheet, f"finale submit --watch of one step, cold home{ending}"):
                cold.finale("submit", "--watch", str(manifest))
            if not ending:
                with _measured(sheet, "finale server stop"):
                    cold.finale("server", "stop")


def main() -> None:
    """Measure and print."""
    given = options(__doc__, rounds=9).parse_args()
    sheet = Sheet("start: from the shell to the answer", _rows())
    with Program() as warm:
        warm.start()
        for number in rounds(given.rounds + 1):
            _one_round(Sheet("warm-up", _rows()) if number == 0 else sheet, warm)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
