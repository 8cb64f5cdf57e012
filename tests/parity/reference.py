"""What Argo's own controller made of the conformance cases, and the comparison with what we made of them.

`data/cases.tar.gz` and `data/expected.jsonl.gz` are packed from the conformance folder; the comparison is the one there:
names, uids, times and ids are replaced, everything else has to be equal to one of the recorded outcomes.
"""

import gzip
import json
import re
import tarfile
from pathlib import Path
from typing import Any

__all__ = ["Record", "broken_promises", "case_texts", "differences", "records"]

Record = dict[str, Any]
DATA = Path(__file__).parent / "data"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
WORDINGS = (
    (
        re.compile(r"^wait: Error \(exit code 64\): .*no such file or directory.*$", re.DOTALL),
        "wait: Error (exit code 64): no such file or directory",
    ),
    (re.compile(r"invalid character '.*?' looking for beginning of value|unexpected end of JSON input"), "<not JSON>"),
    (re.compile(r"failed to evaluate expression: .*", re.DOTALL), "failed to evaluate expression"),
    (re.compile(r"^(Get|Post|Put) \".*?\": .*", re.DOTALL), r"\1: <no answer>"),
    (re.compile(r"unable to cast expression result '.*' to bool"), "unable to cast expression result to bool"),
)
"""What depends on a library's or an executor's own words is reduced to its kind."""

ENDED = ("Succeeded", "Failed", "Error")


def records() -> dict[str, Record]:
    """All records by case."""
    with gzip.open(DATA / "expected.jsonl.gz", "rt") as lines:
        return {record["case"]: record for record in map(json.loads, lines)}


def case_texts() -> dict[str, str]:
    """The manifests by case."""
    with tarfile.open(DATA / "cases.tar.gz") as archive:
        found = {}
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            if stream is not None:
                found[Path(member.name).stem] = stream.read().decode()
        return found


def node_id(workflow_name: str, node_name: str) -> str:
    """Argo's id of a node."""
    if node_name == workflow_name:
        return workflow_name
    digest = 2166136261
    for byte in node_name.encode():
        digest = (digest ^ byte) * 16777619 % 2**32
    return f"{workflow_name}-{digest}"


class Reader:
    """Reads a workflow's JSON into what is compared."""

    def __init__(self, workflow: dict[str, Any]) -> None:
        self.name: str = workflow["metadata"]["name"]
        self.uid: str = workflow["metadata"].get("uid") or ""
        self.status: dict[str, Any] = workflow.get("status") or {}
        self.nodes: dict[str, dict[str, Any]] = self.status.get("nodes") or {}
        self.names = {identity: self.short(node["name"]) for identity, node in self.nodes.items()}
        self.ids = re.compile("|".join(re.escape(i) for i in sorted(self.names, key=len, reverse=True)) or "(?!)")

    def short(self, node_name: str) -> str:
        return "~" + node_name[len(self.name) :] if node_name.startswith(self.name) else node_name

    def text(self, value: object) -> str:
        text = TIME.sub("TIME", str(value))
        for pattern, kind in WORDINGS:
            text = pattern.sub(kind, text)
        if self.uid:
            text = text.replace(self.uid, "UID")
        text = self.ids.sub(lambda m: "~" if m[0] == self.name else f"<{self.names[m[0]]}>", text)
        return text.replace(self.name, "~")

    def parameters(self, block: dict[str, Any] | None) -> dict[str, str | None]:
        found = (block or {}).get("parameters") or []
        return {p["name"]: self.text(p["value"]) if "value" in p else None for p in found}

    def links(self, ids: list[str] | None) -> list[str]:
        return sorted(self.names[identity] for identity in ids or [] if identity in self.names)

    def node(self, node: dict[str, Any]) -> dict[str, Any]:
        outputs, memo = node.get("outputs") or {}, node.get("memoizationStatus") or {}
        fields = {
            "wrongId": node["id"] if node["id"] != node_id(self.name, node["name"]) else None,
            "displayName": self.text(node.get("displayName", "")),
            "type": node.get("type"),
            "phase": node.get("phase"),
            "message": self.text(node.get("message") or ""),
            "templateName": node.get("templateName"),
            "templateRef": node.get("templateRef"),
            "boundary": self.names.get(node.get("boundaryID", ""), ""),
            "children": self.links(node.get("children")),
            "outboundNodes": self.links(node.get("outboundNodes")),
            "inputs": self.parameters(node.get("inputs")),
            "outputs": self.parameters(outputs),
            "result": self.text(outputs["result"]) if outputs.get("result") is not None else None,
            "exitCode": outputs.get("exitCode"),
            "artifacts": sorted(artifact["name"] for artifact in outputs.get("artifacts") or []),
            "nodeFlag": {key: value for key, value in (node.get("nodeFlag") or {}).items() if value},
            "daemoned": node.get("daemoned") or None,
            "memoized": [memo.get("hit", False), memo.get("key"), memo.get("cacheName")] if memo else None,
        }
        return {key: value for key, value in fields.items() if value not in (None, "", [], {})}

    def normalised(self) -> dict[str, Any]:
        return {
            "phase": self.status.get("phase"),
            "message": self.text(self.status.get("message") or ""),
            "outputs": self.parameters(self.status.get("outputs")),
            "nodes": {self.short(node["name"]): self.node(node) for node in self.nodes.values()},
        }


def _between(actual: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    found = [
        f"workflow {key}: {actual[key]!r}, expected {expected[key]!r}"
        for key in ("phase", "message", "outputs")
        if actual[key] != expected[key]
    ]
    ours, theirs = actual["nodes"], expected["nodes"]
    found += [f"no node {name} ({theirs[name].get('phase')})" for name in sorted(theirs.keys() - ours.keys())]
    found += [f"unexpected node {name} ({ours[name].get('phase')})" for name in sorted(ours.keys() - theirs.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        mine, other = ours[name], theirs[name]
        found += [
            f"{name} {key}: {mine.get(key)!r}, expected {other.get(key)!r}"
            for key in sorted(mine.keys() | other.keys())
            if mine.get(key) != other.get(key)
        ]
    return found


def differences(workflow: dict[str, Any], record: Record) -> list[str]:
    """What differs from the nearest recorded outcome; empty if one of them is equal."""
    actual = Reader(workflow).normalised()
    return min((_between(actual, outcome) for outcome in record["outcomes"]), key=len, default=[])


def broken_promises(workflow: dict[str, Any]) -> list[str]:
    """What no finished run may show, whatever Argo did: an open run or node, a handler that began before its work ended."""
    status = workflow.get("status") or {}
    nodes = {node["name"]: node for node in (status.get("nodes") or {}).values()}
    if status.get("phase") not in ENDED:
        return [f"the run has not ended: {status.get('phase')}"]
    found = [
        f"{n} is still {v.get('phase')}"
        for n, v in nodes.items()
        if v.get("phase") not in (*ENDED, "Skipped", "Omitted")
    ]
    for name, node in nodes.items():
        work = nodes.get(name.removesuffix(".onExit"))
        if (
            name.endswith(".onExit")
            and work is not None
            and work is not node
            and node["startedAt"] < work["finishedAt"]
        ):
            found.append(f"{name} began at {node['startedAt']}, before its work ended at {work['finishedAt']}")
    return found
