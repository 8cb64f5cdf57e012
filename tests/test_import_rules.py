"""Who may import whom: the table of style.md §3 with design.md's rooms, as data, against every import there is.

Imports inside functions and under ``if TYPE_CHECKING`` count. A failure prints file, line, the rule and its reason.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "finale"

ROWS: tuple[tuple[str, ...], ...] = (
    ("problems", "units", "ids"),
    ("errors",),
    ("spec", "expr"),
    ("plan",),
    ("validate", "engine"),
    ("status",),
    ("keeper",),
    ("store",),
    ("journal", "catalog", "objects", "executors", "artifacts", "notify"),
    ("settings", "home"),
    ("runtime",),
    ("server", "web", "dsl", "testing", "simulate", "kfp", "client"),
    ("assemble",),
    ("engine_process",),
    ("cli",),
    ("__main__",),
)
"""A room sees only rows above its own; rooms of one row never see each other."""

ROW_OF = {room: number for number, rooms in enumerate(ROWS) for room in rooms}
PURE = frozenset(room for rooms in ROWS[: ROW_OF["status"] + 1] for room in rooms)
IMPURE_MODULES = frozenset({"asyncio", "os", "time", "random", "sqlite3", "subprocess", "socket", "logging"})
IMPURE_MODULES |= {"threading", "select", "signal"}
STANDARD_ONLY = frozenset({"problems", "units", "ids", "errors", "settings", "home", "keeper"})
CONTRACTS = {
    "journal": {"contract", "codec"},
    "catalog": {"contract", "objects"},
    "objects": {"contract"},
    "executors": {"contract"},
    "artifacts": {"contract"},
    "notify": {"contract"},
}
"""What the shell may see of the rooms with implementations: the contract, and values without I/O beside it."""
OPTIONAL = frozenset({"psycopg", "jq", "apprise", "lightkube", "distributed", "opentelemetry"})
"""Dependencies of the extras (kfp is its importer's own business)."""
DSL_SEES = frozenset(room for rooms in ROWS[: ROW_OF["spec"] + 1] for room in rooms)


class Import(NamedTuple):
    """One import of a module of ours: dotted names, the importing one without the package's own name."""

    importer: str
    line: int
    imported: str


def room_of(module: str) -> str:
    """``engine.decide`` → ``engine``."""
    return module.partition(".")[0]


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file, also those inside functions; ``from finale import x`` imports ``finale.x``."""
    importer = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (Import(importer, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield Import(importer, node.lineno, "." * node.level + (node.module or ""))
            elif node.module == "finale":
                yield from (Import(importer, node.lineno, f"finale.{alias.name}") for alias in node.names)
            else:
                yield Import(importer, node.lineno, node.module or "")


def broken_rules(found: Import) -> Iterator[str]:
    """The rules that an import breaks, each with its reason."""
    importer, imported = room_of(found.importer), found.imported
    top = room_of(imported)
    if imported.startswith("."):
        yield "imports are absolute: a reader sees where a name comes from"
    elif top == "finale":
        other = imported.removeprefix("finale").removeprefix(".")
        if room_of(other) != importer:
            yield from _broken_between_rooms(importer, other)
    else:
        if importer in PURE and top in IMPURE_MODULES:
            yield f"{importer} is pure: no {top}, so that it is tested by the thousand and replayed after a crash"
        if importer in STANDARD_ONLY and top not in sys.stdlib_module_names:
            yield f"{importer} needs the standard library only: it stands below everything or survives everything"
        if top in OPTIONAL and ROW_OF.get(importer) != ROW_OF["journal"]:
            yield f"{top} is optional: only the implementation behind a contract imports it"


def _broken_between_rooms(importer: str, other: str) -> Iterator[str]:
    room = room_of(other)
    if not room:
        yield "nobody imports the package as a whole: its front page is for users"
        return
    if importer == "keeper":
        yield "keeper sees none of our rooms: it starts in milliseconds and outlives every one of them"
    if importer not in ROW_OF or room not in ROW_OF:
        yield f"{room if importer in ROW_OF else importer} has no row: give it one in ROWS, with its duty in docs/architecture.md"
        return
    if ROW_OF[room] == ROW_OF[importer]:
        yield f"{importer} and {room} stand in one row: neither knows the other"
    elif ROW_OF[room] > ROW_OF[importer]:
        yield f"{importer} stands above {room}: data flows one way"
    if room == "testing":
        yield "nobody imports testing: it is for users' tests and ours"
    if importer == "dsl" and room not in DSL_SEES:
        yield "dsl builds specs and sees nothing else: afterwards nobody can tell which door a workflow came through"
    if importer == "runtime" and room in CONTRACTS and other.partition(".")[2] not in CONTRACTS[room]:
        yield f"runtime sees contracts, never {other}: only assemble picks concrete parts"


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_import_keeps_the_rules(path: Path) -> None:
    broken = [
        f"{path.relative_to(SOURCE.parents[1])}:{found.line}: imports {found.imported}: {reason}"
        for found in imports_of(path)
        for reason in broken_rules(found)
    ]
    assert not broken, "\n".join(broken)


def test_every_room_has_a_row() -> None:
    rooms = {path.stem if path.is_file() else path.name for path in SOURCE.iterdir()}
    rooms -= {"__init__", "__pycache__", "py"}
    assert rooms - set(ROW_OF) == set()


def test_each_optional_dependency_has_one_file_and_each_file_one_of_them() -> None:
    used: dict[str, set[str]] = {}
    for path in FILES:
        for found in imports_of(path):
            if (top := room_of(found.imported)) in OPTIONAL:
                used.setdefault(top, set()).add(found.importer)
    files = [file for importers in used.values() for file in importers]
    assert {name: importers for name, importers in used.items() if len(importers) > 1} == {}
    assert len(files) == len(set(files))


@pytest.mark.parametrize(
    ("importer", "imported", "reason"),
    [
        ("engine.decide", "time", "engine is pure: no time"),
        ("units", "msgspec", "units needs the standard library only"),
        ("keeper.tasks", "msgspec", "keeper needs the standard library only"),
        ("runtime.run", "psycopg", "psycopg is optional"),
        ("engine.decide", "finale.validate.workflow", "engine and validate stand in one row"),
        ("spec.load", "finale.plan.plan", "spec stands above plan"),
        ("errors", "finale.spec", "errors stands above spec"),
        ("keeper.tasks", "finale.units", "keeper sees none of our rooms"),
        ("engine.decide", "finale.keeper.protocol", "engine stands above keeper"),
        ("cli.main", "finale.testing.clock", "nobody imports testing"),
        ("dsl.build", "finale.plan.plan", "dsl builds specs"),
        ("runtime.run", "finale.journal.sqlite", "runtime sees contracts, never journal.sqlite"),
        ("cli.main", "finale.surprise", "surprise has no row"),
        ("surprise", "finale.units", "surprise has no row"),
        ("cli.main", "finale", "nobody imports the package as a whole"),
        ("cli.main", ".output", "imports are absolute"),
    ],
)
def test_a_broken_rule_is_told_with_its_reason(importer: str, imported: str, reason: str) -> None:
    assert any(reason in text for text in broken_rules(Import(importer, 1, imported)))


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        *(("engine.decide", "finale.plan.plan"), ("runtime.run", "finale.journal.contract"), ("cli.main", "time")),
        *(
            ("journal.postgres", "psycopg"),
            ("executors.process", "finale.keeper.protocol"),
            ("engine.decide", "finale.engine.state"),
            ("engine.decide", "msgspec"),
        ),
    ],
)
def test_imports_that_keep_the_rules_pass(importer: str, imported: str) -> None:
    assert list(broken_rules(Import(importer, 1, imported))) == []
