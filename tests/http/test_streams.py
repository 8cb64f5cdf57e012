"""Streams: lines and events, their ends, and those who hang up."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from finale.server import stream as stream_module
from finale.testing.fake_executor import Exit, Hang
from finale.testing.world import World

pytestmark = pytest.mark.anyio

MakeApi = Callable[..., Awaitable[tuple[World, Any]]]

PLACE = "/api/v1/workflows/argo"
WATCH = "/api/v1/workflow-events/argo"
EVENTS = {"Accept": "text/event-stream"}


def hello(name: str = "hello") -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {
            "entrypoint": "main",
            "templates": [{"name": "main", "container": {"image": "busybox", "command": ["sh"]}}],
        },
    }


async def test_a_watch_is_a_line_for_each_step(make_api: MakeApi) -> None:
    _, client = await make_api()
    watch = client.stream(WATCH)
    await asyncio.sleep(0)
    await client("POST", PLACE, {"workflow": hello()})
    seen = []
    while True:
        result = await watch.result()
        seen.append((result["type"], result["object"]["status"]["nodes"]["hello"]["phase"]))
        if result["object"]["status"]["finishedAt"]:
            break
    assert seen == [("ADDED", "Pending"), ("MODIFIED", "Running"), ("MODIFIED", "Succeeded")]


async def test_events_have_the_form_that_browsers_read(make_api: MakeApi) -> None:
    world, client = await make_api()
    await client("POST", PLACE, {"workflow": hello()})
    await world.settle()
    watch = client.stream(WATCH, EVENTS)
    piece = await watch.piece()
    assert piece.startswith(b"data: ")
    assert piece.endswith(b"\n\n")
    assert json.loads(piece[6:])["result"]["type"] == "ADDED"


async def test_silence_is_broken_by_a_comment(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "_KEEP_ALIVE_S", 0.001)
    _, client = await make_api()
    watch = client.stream(WATCH, EVENTS)
    assert await watch.piece() == b":\n\n"
    assert await watch.piece() == b":\n\n"


async def test_a_watch_can_be_pruned(make_api: MakeApi) -> None:
    world, client = await make_api()
    await client("POST", PLACE, {"workflow": hello()})
    await world.settle()
    watch = client.stream(f"{WATCH}?fields=result.type,result.object.metadata.name,result.object.status.phase")
    assert await watch.result() == {
        "type": "ADDED",
        "object": {
            "metadata": {"name": "hello"},
            "spec": {"arguments": {}},
            "status": {"phase": "Succeeded", "startedAt": None, "finishedAt": None},
        },
    }


async def test_a_watch_may_ask_for_changes_only(make_api: MakeApi) -> None:
    world, client = await make_api({"main": [Hang()]})
    workflow = hello()
    workflow["spec"]["templates"].insert(0, {"name": "two", "steps": [[{"name": "a", "template": "main"}]]})
    workflow["spec"]["entrypoint"] = "two"
    await client("POST", PLACE, {"workflow": workflow})
    await world.until(lambda: world.executor.running)
    await world.settle()
    watch = client.stream(f"{WATCH}?onlyChanges=true")
    assert len((await watch.result())["object"]["status"]["nodes"]) == 3
    await client("PUT", f"{PLACE}/hello/stop", {})
    assert len((await watch.result())["object"]["status"]["nodes"]) == 1


async def test_who_hangs_up_is_forgotten(make_api: MakeApi) -> None:
    world, client = await make_api()
    for headers in ({}, EVENTS):
        watch = client.stream(WATCH, headers)
        await watch.status()
        await world.until(lambda: world.shell.idle.clients == 1 and len(world.shell.feed) == 1)
        watch.close()
        await world.until(lambda: world.shell.idle.clients == 0 and len(world.shell.feed) == 0)


async def test_watches_end_with_the_engine(make_api: MakeApi) -> None:
    world, client = await make_api({"main": [Hang()]})
    await client("POST", PLACE, {"workflow": hello()})
    watch = client.stream(WATCH)
    while (await watch.result())["object"]["status"]["nodes"]["hello"]["phase"] != "Running":
        pass
    following = client.stream(f"{PLACE}/hello/log?logOptions.follow=true")
    assert await following.status() == 200
    world.shell.end_streams()
    assert await watch.piece() is None
    await world.settle()
    world.clock.advance(1)
    assert await following.piece() is None


async def test_errors_before_a_stream_begins_have_a_status(make_api: MakeApi) -> None:
    _, client = await make_api()
    answer = await client("GET", f"{PLACE}/nothere/log")
    assert answer.status == 404
    assert answer.json == {
        "error": {
            "grpc_code": 5,
            "http_code": 404,
            "http_status": "Not Found",
            "message": 'workflows.argoproj.io "nothere" not found',
        }
    }
    answer = await client("GET", f"{WATCH}?listOptions.labelSelector=(((")
    assert (answer.status, answer.json["code"]) == (400, 3)


async def test_an_error_in_a_stream_is_its_last_line(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    world, client = await make_api({"main": [Exit(log=b"one\n")]})
    await client("POST", PLACE, {"workflow": hello()})
    await world.settle()

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("finale.runtime.logs._Source.lines", broken)
    answer = await client("GET", f"{PLACE}/hello/log")
    assert answer.status == 200
    (line,) = answer.lines
    assert line["error"]["http_code"] == 500
    assert "Input/output" not in line["error"]["message"]


async def test_logs_of_one_pod(make_api: MakeApi) -> None:
    world, client = await make_api({"main": [Exit(log=b"one\ntwo\n")]})
    await client("POST", PLACE, {"workflow": hello()})
    await world.settle()
    pod = world.executor.launched[0].pod_name
    expected = [{"result": {"content": text, "podName": pod}} for text in ("one", "two")]
    assert (await client("GET", f"{PLACE}/hello/{pod}/log")).lines == expected
    assert (await client("GET", f"{PLACE}/hello/log?podName={pod}&logOptions.tailLines=1")).lines == expected[1:]
    assert (await client("GET", f"{PLACE}/hello/log?podName=other")).lines == []
