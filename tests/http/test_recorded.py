"""Requests that were sent to a real Argo Server, sent to ours: same statuses, same JSON.

`data/recorded.jsonl.gz` holds what Argo 4.1 answered, in the order it was asked; the lifecycle hook of ``nightly`` is taken
out, since Argo's controller missed it. Names, uids, times and versions differ from run to run; what hangs on an artifact
repository or on pods of a cluster has no counterpart here.
"""

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from finale.testing.fake_executor import Exit, Hang
from finale.testing.world import World

pytestmark = pytest.mark.anyio

RECORDED = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "data" / "recorded.jsonl.gz").read_bytes()).splitlines()
]

SCRIPT = {
    "ok": [Exit(log=b"fine\ndone\n")],
    "bad": [Exit(3, log=b"trouble\n")],
    "nightly.flaky(0)": [Exit(1)],
    "long": [Hang()],
}

NOT_OURS = frozenset(
    {
        "artifactGCStatus",
        "artifactRepositoryRef",
        "resourcesDuration",
        "taskResultSynced",
        "storedTemplates",
        "storedWorkflowTemplateSpec",
        "managedFields",
        "continue",
        "remainingItemCount",
        "problems",
    }
)
TIMES = frozenset({"startedAt", "finishedAt", "creationTimestamp"})
IDENTITY = frozenset({"uid", "resourceVersion", "generation"})
OWN_ANNOTATIONS = re.compile(r"finale\.dev/|workflows\.argoproj\.io/(trace-id|pod-name-format|scheduled-time)")

OUR_WORDS = frozenset({6, 9})
"""Refusals of a manifest: the status is Argo's, the text is a Problem's (tests/core/validate compares those with Argo's)."""
AHEAD = frozenset({44})
"""Argo's controller had not looked yet when this was answered; our run has already gone on."""
ELSEWHERE = frozenset({"Bad_Name"})
"""A name that a real cluster refuses, and so do we; the rig it was recorded with did not."""


def plain(value: Any) -> Any:
    """Without what legitimately differs."""
    if isinstance(value, list):
        return [plain(item) for item in value if not _is_elsewhere(item)]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if key in NOT_OURS:
            continue
        if key in TIMES:
            found[key] = None if inner is None else "some time"
        elif key in IDENTITY:
            found[key] = "some text"
        elif key == "annotations":
            kept = {name: text for name, text in inner.items() if not OWN_ANNOTATIONS.match(name)}
            if kept:
                found[key] = kept
        elif key == "hooks":
            found[key] = plain({name: hook for name, hook in inner.items() if name != "running"})
        elif key == "conditions":
            found[key] = sorted(inner, key=lambda each: str(each["type"]))
        else:
            found[key] = plain(inner)
    return found


def _is_elsewhere(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("metadata") or {}).get("name") in ELSEWHERE


class Names:
    """Which of our names stands for a recorded one, where a server made them up."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def learn(self, recorded: Any, ours: Any) -> None:
        theirs, mine = _name(recorded), _name(ours)
        if theirs and mine and theirs != mine:
            self._ours[theirs] = mine

    def translate(self, recorded: Any) -> Any:
        """The recorded value with our names. Ids of nodes are hashes of names: nodes of such runs cannot be compared."""
        text = json.dumps(recorded)
        for theirs, mine in self._ours.items():
            text = text.replace(f'"{theirs}"', f'"{mine}"')
        return json.loads(text)

    def without_nodes(self, value: Any) -> Any:
        made_up = set(self._ours.values())
        if isinstance(value, list):
            return [self.without_nodes(item) for item in value]
        if isinstance(value, dict):
            if _name(value) in made_up and "nodes" in (value.get("status") or {}):
                value = {**value, "status": {key: inner for key, inner in value["status"].items() if key != "nodes"}}
            return {key: self.without_nodes(inner) for key, inner in value.items()}
        return value


def _name(value: Any) -> str:
    return str((value.get("metadata") or {}).get("name") or "") if isinstance(value, dict) else ""


def in_any_order(value: Any) -> Any:
    """Lists of runs by name: those that end in the same second have no order."""
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        return {**value, "items": sorted(value["items"], key=_name)}
    return value


def stream_of(content: str) -> list[Any]:
    """The steps of a stream, from events or lines, without those about runs elsewhere."""
    lines = [line.removeprefix("data:").strip() for line in content.splitlines()]
    steps = [json.loads(line) for line in lines if line and line != ":"]
    kept = [step for step in steps if not _is_elsewhere((step.get("result") or {}).get("object"))]
    return [plain(step) for step in kept]


def in_order(steps: list[Any]) -> list[Any]:
    """Steps of different runs and lines of different pods come in no order."""
    return sorted(
        steps,
        key=lambda step: (_name((step.get("result") or {}).get("object") or {}), json.dumps(step, sort_keys=True)),
    )


MakeApi = Callable[..., Awaitable[tuple[World, Any]]]


@pytest.mark.parametrize("story", ["workflows", "verbs", "templates"])
async def test_answers_are_those_of_a_real_argo_server(story: str, make_api: MakeApi) -> None:
    world, client = await make_api(SCRIPT)
    names = Names()
    differences = []
    for entry in (entry for entry in RECORDED if entry["story"] == story):
        path = entry["path"]
        if entry["number"] in (37, 38):
            ours = await _watched(client, path, entry)
        else:
            ours = await client(entry["method"], path, entry.get("body"), entry.get("headers"))
        await world.settle()
        difference = _compare(entry, ours, names)
        if difference:
            differences.append(f"{entry['number']} {entry['method']} {path}: {difference}")
    assert not differences, "\n\n".join(differences)


async def _watched(client: Any, path: str, entry: dict[str, Any]) -> Any:
    """A watch has no end of its own: as many steps as were recorded (those of runs elsewhere aside)."""
    stream = client.stream(path, entry.get("headers"))
    content = entry["response"] if isinstance(entry["response"], str) else json.dumps(entry["response"])
    pieces = [await stream.piece() for _ in stream_of(content)]
    return type("Watched", (), {"status": await stream.status(), "body": b"".join(pieces), "headers": {}})


def _compare(entry: dict[str, Any], ours: Any, names: Names) -> str:
    if ours.status != entry["status"]:
        return f"status {ours.status}, recorded {entry['status']}: {ours.body[:300]!r}"
    if ours.headers and entry["contentType"].split(";")[0] not in ours.headers.get("content-type", ""):
        return f"content type {ours.headers.get('content-type')}, recorded {entry['contentType']}"
    recorded = entry["response"]
    if entry["number"] in OUR_WORDS:
        return "" if "nope" in json.loads(ours.body)["message"] else f"message {ours.body!r}"
    if entry["number"] == 1:
        return "" if recorded.keys() == json.loads(ours.body).keys() else f"keys {ours.body!r}"
    if entry["number"] == 24:
        return "" if len(json.loads(ours.body)["items"]) == len(recorded["items"]) else f"items {ours.body!r}"
    if "log" in entry["path"] or "events" in entry["path"]:
        text = recorded if isinstance(recorded, str) else json.dumps(recorded)
        expected, found = in_order(names.translate(stream_of(text))), in_order(stream_of(ours.body.decode()))
        expected, found = names.without_nodes(expected), names.without_nodes(found)
    else:
        found_json = json.loads(ours.body)
        if entry["number"] in AHEAD:
            recorded, found_json = {**recorded, "status": {}}, {**found_json, "status": {}}
        names.learn(recorded, found_json)
        expected = in_any_order(names.without_nodes(plain(names.translate(recorded))))
        found = in_any_order(names.without_nodes(plain(found_json)))
    return "" if expected == found else _first_difference(expected, found, "")


def _first_difference(expected: Any, found: Any, path: str) -> str:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in expected or key not in found:
                where = "only recorded" if key in expected else "only ours"
                return f"{path}.{key} {where}: {json.dumps(expected.get(key, found.get(key)))[:300]}"
            if difference := _first_difference(expected[key], found[key], f"{path}.{key}"):
                return difference
        return ""
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, pair in enumerate(zip(expected, found, strict=True)):
            if difference := _first_difference(*pair, f"{path}[{number}]"):
                return difference
        return ""
    return "" if expected == found else f"{path}: recorded {json.dumps(expected)[:400]}, ours {json.dumps(found)[:400]}"
