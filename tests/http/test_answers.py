"""Bodies, errors, pruning: what holds for every route."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from finale.errors import Bug, Conflict, NotFound, Unavailable
from finale.server.auth import BearerToken
from finale.server.bodies import LARGEST
from finale.server.faults import fault_of
from finale.server.fields import Fields
from finale.testing.fake_executor import Hang
from finale.testing.world import World

pytestmark = pytest.mark.anyio

MakeApi = Callable[..., Awaitable[tuple[World, Any]]]

TEMPLATE = {"name": "main", "container": {"image": "busybox", "command": ["sh"]}}
HELLO = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"name": "hello"},
    "spec": {"entrypoint": "main", "templates": [TEMPLATE]},
}
PLACE = "/api/v1/workflows/argo"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{not json", "invalid character 'n' looking for beginning of object key string"),
        ("nonsense", "invalid character 'n' looking for beginning of value"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": 1 "b": 2}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ('{"a": ', "unexpected EOF"),
        ('{"a": "b', "unexpected EOF"),
        ('{"a": 1} x', "invalid character 'x' after top-level value"),
        ("{\"a\": 'b'}", "invalid character '\\'' looking for beginning of value"),
        ("[1]", "the body is not a JSON object"),
        ("[" * 100_000, "the body is nested too deeply"),
        ('{"workflow": 7}', "workflow: expected an object, found 7"),
        ('{"workflow": {}}', "workflow body not specified"),
        ("", "workflow body not specified"),
        ('{"workflow": null}', "workflow body not specified"),
    ],
)
async def test_a_body_that_cannot_be_meant_is_a_bad_request(make_api: MakeApi, text: str, message: str) -> None:
    _, client = await make_api()
    answer = await client("POST", PLACE, text)
    assert (answer.status, answer.json["code"]) == (400, 3)
    assert answer.json["message"] == message


async def test_a_huge_body_is_refused(make_api: MakeApi) -> None:
    _, client = await make_api()
    answer = await client("POST", PLACE, " " * (LARGEST + 1))
    assert answer.status == 400
    assert "has more than" in answer.json["message"]


async def test_a_broken_manifest_is_answered_with_all_its_problems(make_api: MakeApi) -> None:
    _, client = await make_api()
    broken = {**HELLO, "spec": {"entrypoint": "main", "templates": [TEMPLATE], "parallelsim": 3, "onExit": "nope"}}
    answer = await client("POST", PLACE, {"workflow": broken})
    assert answer.status == 400
    assert {problem["path"] for problem in answer.json["problems"]} >= {"spec.parallelsim"}
    assert "parallelism" in answer.json["problems"][0]["hint"]
    assert "parallelsim" in answer.json["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("listOptions.limit=x", "listOptions.limit must be int"),
        ("listOptions.continue=abc", "listOptions.continue must be int"),
        ("listOptions.limit=-1", "listOptions.limit must not be negative"),
        ("listOptions.labelSelector=(((", "found '(', expected: !, identifier, or 'end of string'"),
        ("listOptions.fieldSelector=spec.x=1", "field label not supported: spec.x"),
        ("nameFilter=Regex", 'nameFilter "Regex" is unknown; expected Exact, Prefix or Contains'),
        ("createdAfter=yesterday", "createdAfter: Invalid isoformat string: 'yesterday'"),
    ],
)
async def test_a_bad_query_is_a_bad_request(make_api: MakeApi, query: str, message: str) -> None:
    _, client = await make_api()
    answer = await client("GET", f"{PLACE}?{query}")
    assert (answer.status, answer.json) == (400, {"code": 3, "message": message})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/v1/nothing"),
        ("PATCH", PLACE),
        ("POST", f"{PLACE}/hello"),
        ("PUT", f"{PLACE}/hello/retry"),
        ("PUT", f"{PLACE}/hello/resubmit"),
        ("DELETE", "/finale/v1/engine"),
    ],
)
async def test_what_there_is_not_is_not_implemented(make_api: MakeApi, method: str, path: str) -> None:
    _, client = await make_api()
    answer = await client(method, path)
    assert (answer.status, answer.json) == (501, {"code": 12, "message": "Not Implemented"})


async def test_no_traceback_ever_leaves(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    world, client = await make_api()

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a secret of ours")

    monkeypatch.setattr(world.shell.service.workflows, "get", broken)
    answer = await client("GET", f"{PLACE}/hello")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert answer.json["message"].startswith("bug: ")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("x"), 404, 5),
        (Conflict("x"), 409, 6),
        (Unavailable("x"), 503, 14),
        (Bug("x"), 500, 13),
        (Conflict('cannot shutdown a completed workflow: workflow: "x", namespace: "y"'), 500, 13),
        (Conflict("cannot suspend completed workflows"), 400, 3),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int, code: int) -> None:
    fault = fault_of(error)
    assert (fault.status, fault.code) == (status, code)
    assert fault.in_stream()["error"]["http_code"] == status


async def test_a_full_disk_is_unavailable(make_api: MakeApi) -> None:
    world, client = await make_api({"main": [Hang()]})
    await client("POST", PLACE, {"workflow": HELLO})
    await world.until(lambda: world.executor.running)
    world.disk.refuse("no space left on device")
    world.executor.finish("main")
    await world.settle()
    answer = await client("POST", PLACE, {"workflow": {**HELLO, "metadata": {"name": "other"}}})
    assert (answer.status, answer.json["code"]) == (503, 14)
    assert "no space left on device" in answer.json["message"]
    shown = (await client("GET", f"{PLACE}/hello")).json
    assert shown["status"]["phase"] == "Running"


SHOWN = {
    "metadata": {"name": "x", "uid": "u"},
    "spec": {"arguments": {}, "templates": [{"name": "t"}]},
    "status": {"phase": "Failed", "nodes": {"a.b": {"phase": "Failed", "id": "a"}}},
}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("", SHOWN),
        ("metadata.name,status.phase", {"metadata": {"name": "x"}, "status": {"phase": "Failed"}}),
        ("status", {"status": SHOWN["status"]}),
        ("spec.templates.name", {"spec": {"templates": [{"name": "t"}]}}),
        ("-spec", {"metadata": SHOWN["metadata"], "status": SHOWN["status"]}),
        ("-status.nodes,spec", {"metadata": SHOWN["metadata"], "status": {"phase": "Failed"}}),
        ("nothing", {}),
    ],
)
def test_fields_prune(fields: str, kept: dict[str, Any]) -> None:
    assert Fields(fields).prune(SHOWN) == kept


async def test_lists_are_pruned_item_by_item(make_api: MakeApi) -> None:
    world, client = await make_api()
    await client("POST", PLACE, {"workflow": HELLO})
    await world.settle()
    answer = (await client("GET", f"{PLACE}?fields=items.metadata.name,items.status.phase")).json
    (item,) = answer["items"]
    assert item == {
        "metadata": {"name": "hello"},
        "spec": {"arguments": {}},
        "status": {"phase": "Succeeded", "startedAt": None, "finishedAt": None},
    }


async def test_pages_follow_one_another(make_api: MakeApi) -> None:
    world, client = await make_api()
    for number in range(5):
        await client("POST", PLACE, {"workflow": {**HELLO, "metadata": {"name": f"hello-{number}"}}})
        world.clock.advance(1)
    seen, after = [], ""
    while True:
        page = (await client("GET", f"{PLACE}?listOptions.limit=2&listOptions.continue={after}")).json
        seen += [item["metadata"]["name"] for item in page["items"]]
        after = page["metadata"].get("continue", "")
        if not after:
            break
        assert page["metadata"]["remainingItemCount"] == 5 - len(seen)
    assert seen == [f"hello-{number}" for number in (4, 3, 2, 1, 0)]


class TestEngine:
    async def test_info_stay_stop(self, make_api: MakeApi) -> None:
        world, client = await make_api()
        info = (await client("GET", "/finale/v1/engine")).json
        assert {
            "pid",
            "version",
            "home",
            "startedAt",
            "uptimeS",
            "executor",
            "runs",
            "activeRuns",
            "stays",
        } <= info.keys()
        assert (info["stays"], info["clients"]) == (False, 1)
        assert (await client("POST", "/finale/v1/stay", {})).json == {}
        assert (await client("GET", "/finale/v1/engine")).json["stays"] is True
        assert (await client("POST", "/finale/v1/stop", {})).json == {}
        assert world.shell.ended.is_set()

    async def test_apply(self, make_api: MakeApi) -> None:
        _, client = await make_api()
        library = {**HELLO, "kind": "WorkflowTemplate", "metadata": {"name": "lib"}}
        answer = await client("POST", "/finale/v1/apply", {"namespace": "argo", "objects": [library, HELLO]})
        assert answer.json["objects"] == [
            {"kind": "WorkflowTemplate", "namespace": "argo", "name": "lib", "action": "created"},
            {"kind": "Workflow", "namespace": "argo", "name": "hello", "action": "created"},
        ]
        broken = {**HELLO, "spec": {"entrypoint": "nope", "templates": [TEMPLATE]}}
        answer = await client("POST", "/finale/v1/apply", {"namespace": "argo", "objects": [library, broken]})
        assert answer.status == 400
        assert {problem["document"] for problem in answer.json["problems"]} == {1}


async def test_the_bearer_of_the_token_passes() -> None:

    async def ask(headers: list[tuple[bytes, bytes]]) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        await BearerToken(PlainTextResponse("hello"), "t0ken")(scope, receive, send)
        return int(sent[0]["status"])

    assert await ask([(b"authorization", b"Bearer t0ken")]) == 200
    assert await ask([(b"authorization", b"Bearer wrong")]) == 401
    assert await ask([]) == 401
