"""The Argo Server's REST routes, and our own below ``/finale/v1/``, as methods that take and give JSON.

The same methods talk to an engine on this machine and to a real Argo Server: only the `Address` differs. Every method
raises what `finale.client.faults.fault_of` makes of a refusal, and `NoListener` when nobody answers.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from finale.client.faults import fault_of, problems_of
from finale.client.http import Address, Answer, percent_encode, query_text, send
from finale.errors import Unavailable
from finale.problems import Problem

__all__ = ["TEMPLATE_ROUTES", "Api", "Created", "Json"]

Json = dict[str, Any]
Query = Mapping[str, str | Sequence[str]]

TEMPLATE_ROUTES = {"WorkflowTemplate": "workflow-templates", "ClusterWorkflowTemplate": "cluster-workflow-templates"}
"""Kind → its part of the path. Cluster-wide ones have no namespace in theirs."""


class Created(NamedTuple):
    """An object as it was stored, and the Problems of it that forbid nothing."""

    object: Json
    problems: Sequence[Problem] = ()


class Api:
    """One server and one namespace. `headers` go with every request; `timeout_s` bounds requests, never streams.

    `tell` is called with a line about each request.
    """

    def __init__(
        self,
        address: Address,
        *,
        namespace: str = "default",
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.address = address
        self.namespace = namespace
        self.headers = dict(headers or {})
        self.timeout_s = timeout_s
        self.tell = tell

    def in_namespace(self, namespace: str) -> "Api":
        """The same server, another namespace (itself when that is empty or the same)."""
        if not namespace or namespace == self.namespace:
            return self
        return Api(self.address, namespace=namespace, headers=self.headers, timeout_s=self.timeout_s, tell=self.tell)

    # Workflows

    def create(self, workflow: Json, *, server_dry_run: bool = False) -> Created:
        """Submit a Workflow object; gives it as stored, and what is worth knowing about it.

        ``?notices=true`` asks our own server to add ``problems`` to its answer; an Argo Server overlooks it.
        """
        body: Json = {"namespace": self.namespace, "workflow": workflow}
        if server_dry_run:
            body["serverDryRun"] = True
        answer = self.call("POST", self._workflows(), body, query={"notices": "true"})
        problems = problems_of(answer)
        answer.pop("problems", None)
        return Created(answer, problems)

    def submit_from(self, kind: str, name: str, options: Json) -> Json:
        """Submit from a stored object; `options` are Argo's submitOptions."""
        body = {"namespace": self.namespace, "resourceKind": kind, "resourceName": name, "submitOptions": options}
        return self.call("POST", f"{self._workflows()}/submit", body)

    def get(self, name: str, *, fields: str = "") -> Json:
        """One Workflow; `fields` prunes it as Argo does (``metadata.name,status.phase`` or ``-spec``)."""
        return self.call("GET", self._workflow(name), query={"fields": fields})

    def runs(
        self,
        *,
        labels: str = "",
        selector: str = "",
        name_prefix: str = "",
        limit: int = 0,
        after: str = "",
        fields: str = "",
    ) -> Json:
        """A WorkflowList. An empty namespace lists all of them; `after` is the list's ``metadata.continue``."""
        query = {
            "listOptions.labelSelector": labels,
            "listOptions.fieldSelector": f"metadata.name={name_prefix}" if name_prefix else selector,
            "nameFilter": "Prefix" if name_prefix else "",
            "listOptions.limit": str(limit) if limit else "",
            "listOptions.continue": after,
            "fields": fields,
        }
        return self.call("GET", self._workflows(), query=query)

    def delete(self, name: str, *, force: bool = False) -> None:
        """Remove a run and all that is kept of it."""
        self.call("DELETE", self._workflow(name), query={"force": "true" if force else ""})

    def act(self, name: str, verb: str, **body: Any) -> Json:
        """PUT of ``stop terminate suspend resume set retry resubmit`` with a body; gives the Workflow."""
        content = {"name": name, "namespace": self.namespace, **{key: value for key, value in body.items() if value}}
        return self.call("PUT", f"{self._workflow(name)}/{verb}", content)

    def watch(self, name: str, *, fields: str = "") -> Iterator[Json]:
        """``{"type": ADDED|MODIFIED|DELETED, "object": Workflow}`` of one run as they happen, from what is there at first.

        ``onlyChanges`` asks our own server to leave the nodes that have not changed out of all but the first.
        """
        query = {"listOptions.fieldSelector": f"metadata.name={name}", "onlyChanges": "true", "fields": fields}
        yield from self.stream(f"/api/v1/workflow-events/{percent_encode(self.namespace)}", query)

    def logs(self, name: str, query: Query) -> Iterator[Json]:
        """``{"podName": …, "content": …}``, a line each; `query` holds podName, grep and logOptions."""
        yield from self.stream(f"{self._workflow(name)}/log", query)

    # Templates

    def template_routes(self, kind: str, name: str = "") -> str:
        """The path of the templates of a kind, or of one of them."""
        path = f"/api/v1/{TEMPLATE_ROUTES[kind]}"
        if kind == "WorkflowTemplate":
            path += f"/{percent_encode(self.namespace)}"
        return f"{path}/{percent_encode(name)}" if name else path

    # Finale's own

    def engine(self) -> Json:
        """What the engine says of itself: pid, version, executor, what is open."""
        return self.call("GET", "/finale/v1/engine")

    def apply(self, objects: Sequence[Json]) -> Json:
        """Store definitions and submit Workflows, in order, all or none."""
        return self.call("POST", "/finale/v1/apply", {"namespace": self.namespace, "objects": list(objects)})

    def stop_engine(self, *, kill: bool = False) -> None:
        """Ask the engine and its keeper to end; runs go on when an engine starts again. `kill` ends running tasks first."""
        self.call("POST", "/finale/v1/stop", {"kill": kill})

    def stay(self) -> None:
        """Ask the engine not to end when it is idle."""
        self.call("POST", "/finale/v1/stay", {})

    # How

    def call(self, method: str, path: str, body: Any = None, *, query: Query | None = None) -> Json:
        """One request with JSON both ways."""
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        target = path + query_text(query or {})
        answer = self._send(method, target, sent, self.timeout_s)
        text = answer.read()
        self._refuse(answer, text, f"{method} {path}")
        try:
            content = json.loads(text) if text.strip() else {}
        except ValueError as error:
            raise Unavailable(
                f"the server at {self.address} answered {method} {path} with something that is no JSON"
            ) from error
        return content if isinstance(content, dict) else {"items": content}

    def stream(self, path: str, query: Query) -> Iterator[Json]:
        """The `result` of each line of a stream, as it arrives."""
        target = path + query_text(query)
        answer = self._send("GET", target, None, None)
        if answer.status >= 400:
            self._refuse(answer, answer.read(), f"GET {path}")
        for line in answer.lines():
            content = json.loads(line)
            if "error" in content:
                status = content["error"].get("http_code") or 500
                raise fault_of(status, line, where=str(self.address), request=f"GET {path}")
            yield content.get("result", content)

    def _send(self, method: str, target: str, body: bytes | None, timeout_s: float | None) -> Answer:
        began = time.monotonic()
        headers = {"Accept": "application/json", **self.headers}
        answer = send(self.address, method, target, body=body, headers=headers, timeout_s=timeout_s)
        if self.tell is not None:
            self.tell(f"{method} {target}: {answer.status} after {(time.monotonic() - began) * 1000:.0f} ms")
        return answer

    def _refuse(self, answer: Answer, body: bytes, request: str) -> None:
        if answer.status >= 400:
            raise fault_of(answer.status, body, where=str(self.address), request=request)

    def _workflows(self) -> str:
        return f"/api/v1/workflows/{percent_encode(self.namespace)}"

    def _workflow(self, name: str) -> str:
        return f"{self._workflows()}/{percent_encode(name)}"
