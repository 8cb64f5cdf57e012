"""The operations behind the API: submit, list, verbs, delete, apply, logs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from finale.errors import BadRequest, Conflict, ManifestInvalid, NotFound
from finale.runtime.admission import Rules
from finale.runtime.selectors import parse_fields, parse_labels
from finale.runtime.service import ListQuery, LogQuery
from finale.testing.fake_executor import Exit, Hang
from finale.testing.world import World
from runtime.manifests import container, steps, workflow

pytestmark = pytest.mark.anyio

MakeWorld = Callable[..., Awaitable[World]]

HELLO = workflow("hello", container("main"))
LIBRARY = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "WorkflowTemplate",
    "metadata": {"name": "lib"},
    "spec": {"entrypoint": "main", "templates": [container("main")]},
}
NAMES = frozenset({"metadata.name"})


def generated(prefix: str) -> dict[str, Any]:
    return {**HELLO, "metadata": {"generateName": prefix}}


async def names(world: World, **query: Any) -> list[str]:
    listing = await world.shell.service.workflows.select(ListQuery(**query))
    return [item["metadata"]["name"] for item in listing.items]


class TestCreate:
    async def test_metadata_is_completed(self, make_world: MakeWorld) -> None:
        world = await make_world()
        shown = await world.shell.service.workflows.create(HELLO, "argo")
        metadata = shown["metadata"]
        assert (metadata["name"], metadata["namespace"], metadata["generation"]) == ("hello", "argo", 1)
        assert len(metadata["uid"]) == 36
        assert metadata["creationTimestamp"].endswith("Z")

    async def test_generated_names_differ(self, make_world: MakeWorld) -> None:
        world = await make_world()
        made = {
            (await world.shell.service.workflows.create(generated("x-"), "argo"))["metadata"]["name"] for _ in range(20)
        }
        assert len(made) == 20
        assert all(len(name) == 7 and name.startswith("x-") for name in made)

    async def test_every_problem_comes_at_once(self, make_world: MakeWorld) -> None:
        world = await make_world()
        broken = workflow("broken", steps("main", "nope+nada"), container("say"))
        with pytest.raises(ManifestInvalid) as caught:
            await world.shell.service.workflows.create(broken, "argo")
        text = str(caught.value)
        assert "nope" in text
        assert "nada" in text
        assert await names(world) == []

    async def test_a_dry_run_leaves_nothing_behind(self, make_world: MakeWorld) -> None:
        world = await make_world()
        service = world.shell.service.workflows
        assert "name" not in (await service.create(generated("x-"), "argo", dry_run="all"))["metadata"]
        assert (await service.create(generated("x-"), "argo", dry_run="server"))["metadata"]["name"].startswith("x-")
        assert await names(world) == []

    async def test_another_namespace_than_that_of_the_request_is_refused(self, make_world: MakeWorld) -> None:
        world = await make_world()
        elsewhere = {**HELLO, "metadata": {"name": "x", "namespace": "other"}}
        with pytest.raises(BadRequest, match="does not match the namespace"):
            await world.shell.service.workflows.create(elsewhere, "argo")

    async def test_a_run_keeps_the_templates_it_was_started_with(self, make_world: MakeWorld) -> None:
        world = await make_world({"lib": [Hang()]})
        definitions = world.shell.service.definitions
        await definitions.create("WorkflowTemplate", "default", LIBRARY)
        reference = {"name": "a", "templateRef": {"name": "lib", "template": "main"}}
        calling = workflow("calling", {"name": "main", "steps": [[reference]]})
        await world.shell.service.workflows.create(calling, "default")
        await definitions.delete("WorkflowTemplate", "default", "lib")
        run = await world.run(world.shell.index.find("default", "calling"))
        await world.until(lambda: run.state.finished)
        assert run.state.phase == "Succeeded"

    async def test_a_missing_template_is_refused_and_a_near_name_is_suggested(self, make_world: MakeWorld) -> None:
        world = await make_world()
        await world.shell.service.definitions.create("WorkflowTemplate", "default", LIBRARY)
        calling = {**HELLO, "spec": {"workflowTemplateRef": {"name": "lip"}}}
        with pytest.raises(ManifestInvalid, match="lip"):
            await world.shell.service.workflows.create(calling, "default")

    async def test_submit_makes_a_run_of_a_stored_template(self, make_world: MakeWorld) -> None:
        world = await make_world()
        await world.shell.service.definitions.create("WorkflowTemplate", "default", LIBRARY)
        options = {"labels": "team=blue", "parameters": ["a=b=c"], "name": "mine"}
        shown = await world.shell.service.workflows.submit("WorkflowTemplate", "lib", options, "default")
        assert shown["metadata"]["labels"] == {"team": "blue", "workflows.argoproj.io/workflow-template": "lib"}
        assert shown["spec"]["arguments"]["parameters"] == [{"name": "a", "value": "b=c"}]
        run = await world.run(world.shell.index.find("default", "mine"))
        await world.until(lambda: run.state.finished)

    async def test_submit_refuses_what_it_does_not_know(self, make_world: MakeWorld) -> None:
        world = await make_world()
        submit = world.shell.service.workflows.submit
        with pytest.raises(BadRequest, match="Resource kind 'Banana' is not supported for submitting"):
            await submit("Banana", "lib", {}, "default")
        with pytest.raises(NotFound, match=r'workflowtemplates\.argoproj\.io "lib" not found'):
            await submit("WorkflowTemplate", "lib", {}, "default")
        await world.shell.service.definitions.create("WorkflowTemplate", "default", LIBRARY)
        with pytest.raises(BadRequest, match=r"expected parameter of the form: NAME=VALUE\. Received: a"):
            await submit("WorkflowTemplate", "lib", {"parameters": ["a"]}, "default")

    async def test_a_limit_of_exit_handlers_is_written_into_the_run(self, make_world: MakeWorld) -> None:
        world = await make_world(rules=Rules(handler_limit_s=90))
        create = world.shell.service.workflows.create
        assert (await create(HELLO, "argo"))["metadata"]["annotations"] == {"finale.dev/exit-limit": "90s"}
        own = {**HELLO, "metadata": {"name": "own", "annotations": {"finale.dev/exit-limit": "5s"}}}
        assert (await create(own, "argo"))["metadata"]["annotations"] == {"finale.dev/exit-limit": "5s"}

    async def test_a_container_must_say_its_command_where_no_image_can_be_looked_up(
        self, make_world: MakeWorld
    ) -> None:
        world = await make_world(rules=Rules(commands_required=True, known_images=frozenset({"busybox"})))
        create = world.shell.service.workflows.create
        silent = {"name": "main", "container": {"image": "example/unknown"}}
        with pytest.raises(ManifestInvalid, match="no command"):
            await create(workflow("unknown", silent), "argo")
        await create(workflow("known", {"name": "main", "container": {"image": "busybox"}}), "argo")


class TestList:
    async def test_unfinished_runs_come_first_then_the_latest_end(self, make_world: MakeWorld) -> None:
        world = await make_world({"slow": [Hang()]})
        for number, template in enumerate(("main", "main", "slow", "slow")):
            await world.submit(workflow(f"run-{number}", container(template)))
            await world.settle()
            world.clock.advance(1)
        assert await names(world) == ["run-3", "run-2", "run-1", "run-0"]

    async def test_pages(self, make_world: MakeWorld) -> None:
        world = await make_world()
        for number in range(5):
            await world.submit(workflow(f"run-{number}", container("main")))
            world.clock.advance(1)
        await world.settle()
        service = world.shell.service.workflows
        first = await service.select(ListQuery(limit=2))
        assert (len(first.items), first.remaining) == (2, 3)
        last = await service.select(ListQuery(limit=2, offset=4))
        assert (len(last.items), last.remaining) == (1, 0)
        assert (await service.select(ListQuery(limit=2, offset=9))).items == []

    async def test_selectors_and_filters(self, make_world: MakeWorld) -> None:
        world = await make_world({"slow": [Hang()]})
        await world.submit(workflow("alpha", container("main")))
        await world.settle()
        world.clock.advance(10)
        middle = world.clock.now_ns()
        world.clock.advance(10)
        await world.submit(workflow("alphabet", container("slow")))
        await world.settle()
        assert await names(world, labels=parse_labels("workflows.argoproj.io/completed=true")) == ["alpha"]
        assert await names(world, fields=parse_fields("metadata.name=alpha", NAMES)) == ["alpha"]
        both = ["alphabet", "alpha"]
        assert await names(world, fields=parse_fields("metadata.name=alpha", NAMES), name_filter="Prefix") == both
        assert await names(world, fields=parse_fields("metadata.name=bet", NAMES), name_filter="Contains") == [
            "alphabet"
        ]
        assert await names(world, created_after_ns=middle) == ["alphabet"]
        assert await names(world, finished_before_ns=middle) == ["alpha"]
        assert await names(world, namespace="other") == []

    async def test_runs_that_left_memory_are_listed_from_their_summaries(self, make_world: MakeWorld) -> None:
        world = await make_world()
        run = await world.submit(workflow("etl", container("main")))
        await world.until(lambda: run.state.finished)
        await world.settle()
        world.clock.advance(61)
        light = await world.shell.service.workflows.select(ListQuery(with_nodes=False))
        assert light.items[0]["status"]["phase"] == "Succeeded"
        assert "nodes" not in light.items[0]["status"]
        assert len(world.shell.runs) == 0
        whole = await world.shell.service.workflows.select(ListQuery())
        assert list(whole.items[0]["status"]["nodes"]) == ["etl"]

    async def test_latest_is_the_newest_run(self, make_world: MakeWorld) -> None:
        world = await make_world()
        for name in ("first", "second"):
            await world.submit(workflow(name, container("main")))
            world.clock.advance(1)
        shown = await world.shell.service.workflows.get("default", "@latest")
        assert shown["metadata"]["name"] == "second"
        with pytest.raises(NotFound, match=r'^workflows\.argoproj\.io "@latest" not found$'):
            await world.shell.service.workflows.get("other", "@latest")


class TestVerbs:
    async def test_suspend_and_resume(self, make_world: MakeWorld) -> None:
        world = await make_world({"a": [Hang()]})
        run = await world.submit(workflow("etl", steps("main", "a", "b"), container("a"), container("b")))
        await world.until(lambda: world.executor.running)
        service = world.shell.service.workflows
        assert (await service.suspend("default", "etl"))["spec"]["suspend"] is True
        world.executor.finish("a")
        await world.settle()
        assert len(world.executor.launched) == 1
        assert "suspend" not in (await service.resume("default", "etl"))["spec"]
        await world.until(lambda: run.state.finished)
        assert (await service.resume("default", "etl"))["status"]["phase"] == "Succeeded"

    async def test_a_gate_is_set_and_passed(self, make_world: MakeWorld) -> None:
        world = await make_world()
        gate = {
            "name": "main",
            "suspend": {},
            "outputs": {"parameters": [{"name": "answer", "valueFrom": {"supplied": {}}}]},
        }
        run = await world.submit(workflow("etl", gate))
        service = world.shell.service.workflows
        await service.set_nodes("default", "etl", selector="displayName=etl", parameters={"answer": "yes"})
        with pytest.raises(Conflict, match="no suspend nodes matching nodeFieldSelector: displayName=none"):
            await service.set_nodes("default", "etl", selector="displayName=none", parameters={"answer": "yes"})
        with pytest.raises(BadRequest, match='phase "Splendid" cannot be set'):
            await service.set_nodes("default", "etl", selector="displayName=etl", phase="Splendid", parameters={})
        await service.resume("default", "etl", selector="displayName=etl")
        await world.until(lambda: run.state.finished)
        assert run.state.nodes["etl"].outputs == {"answer": "yes"}

    async def test_stop_with_a_selector_fails_the_gate(self, make_world: MakeWorld) -> None:
        world = await make_world()
        run = await world.submit(workflow("etl", {"name": "main", "suspend": {}}))
        await world.shell.service.workflows.stop("default", "etl", selector="displayName=etl", message="no")
        await world.until(lambda: run.state.finished)
        assert (run.state.phase, run.state.nodes["etl"].message) == ("Failed", "no")


class TestDelete:
    async def test_a_deleted_run_is_gone_for_good(self, make_world: MakeWorld) -> None:
        world = await make_world()
        run = await world.submit(HELLO)
        await world.until(lambda: run.state.finished)
        await world.shell.service.workflows.delete("default", "hello")
        await world.until(lambda: not (world.home.runs / run.uid).exists())
        with pytest.raises(NotFound):
            await world.shell.service.workflows.get("default", "hello")
        await world.crash()
        await world.start()
        assert await names(world) == []
        await world.submit(HELLO)

    async def test_what_runs_is_ended_first(self, make_world: MakeWorld) -> None:
        world = await make_world({"main": [Hang(is_stubborn=True)]})
        run = await world.submit(workflow("hello", container("main"), container("bye"), onExit="bye"))
        await world.until(lambda: world.executor.running)
        await world.shell.service.workflows.delete("default", "hello")
        await world.settle()
        assert (world.home.runs / run.uid).exists()
        world.clock.advance(30)
        await world.until(lambda: not (world.home.runs / run.uid).exists())
        assert [task.node_name for task in world.executor.launched] == ["hello"]

    async def test_a_run_that_must_pay_its_handlers_does_so_before_it_goes(self, make_world: MakeWorld) -> None:
        world = await make_world({"main": [Hang()]})
        owing = workflow("hello", container("main"), container("bye"), onExit="bye")
        owing["metadata"]["annotations"] = {"finale.dev/exit-policy": "always"}
        await world.submit(owing)
        await world.until(lambda: world.executor.running)
        await world.shell.service.workflows.delete("default", "hello")
        await world.until(lambda: not world.shell.index.is_taken("default", "hello"))
        assert [task.node_name for task in world.executor.launched] == ["hello", "hello.onExit"]

    async def test_an_unknown_run_cannot_be_deleted(self, make_world: MakeWorld) -> None:
        world = await make_world()
        with pytest.raises(NotFound, match=r'^workflows\.argoproj\.io "hello" not found$'):
            await world.shell.service.workflows.delete("default", "hello")


class TestDefinitions:
    async def test_create_replace_delete(self, make_world: MakeWorld) -> None:
        world = await make_world()
        service = world.shell.service.definitions
        made = await service.create("WorkflowTemplate", "default", LIBRARY)
        with pytest.raises(Conflict, match=r'^workflowtemplates\.argoproj\.io "lib" already exists$'):
            await service.create("WorkflowTemplate", "default", LIBRARY)
        changed = {**LIBRARY, "metadata": {"name": "lib", "labels": {"x": "y"}}}
        shown = await service.update("WorkflowTemplate", "default", "lib", changed)
        assert shown["metadata"]["labels"] == {"x": "y"}
        assert shown["metadata"]["uid"] == made["metadata"]["uid"]
        with pytest.raises(BadRequest, match="does not match the name on the URL"):
            await service.update("WorkflowTemplate", "default", "other", changed)
        await service.delete("WorkflowTemplate", "default", "lib")
        with pytest.raises(NotFound):
            await service.get("WorkflowTemplate", "default", "lib")
        with pytest.raises(NotFound):
            await service.update("WorkflowTemplate", "default", "lib", changed)

    async def test_a_broken_template_is_not_stored(self, make_world: MakeWorld) -> None:
        world = await make_world()
        broken = {**LIBRARY, "spec": {"entrypoint": "main", "templates": [steps("main", "nope")]}}
        with pytest.raises(ManifestInvalid, match="nope"):
            await world.shell.service.definitions.create("WorkflowTemplate", "default", broken)
        assert (await world.shell.service.definitions.select("WorkflowTemplate", ListQuery())).items == []

    async def test_a_kind_that_is_not_meant_is_refused(self, make_world: MakeWorld) -> None:
        world = await make_world()
        with pytest.raises(ManifestInvalid, match='expected "WorkflowTemplate"'):
            await world.shell.service.definitions.create("WorkflowTemplate", "default", HELLO)

    async def test_apply_stores_and_submits_in_one_go(self, make_world: MakeWorld) -> None:
        world = await make_world()
        calling = {**HELLO, "spec": {"workflowTemplateRef": {"name": "lib"}}}
        done = await world.shell.service.definitions.apply([calling, LIBRARY], "default")
        assert {(each.kind, each.name, each.action) for each in done.objects} == {
            ("WorkflowTemplate", "lib", "created"),
            ("Workflow", "hello", "created"),
        }
        again = await world.shell.service.definitions.apply([LIBRARY], "default")
        assert [each.action for each in again.objects] == ["unchanged"]
        changed = {**LIBRARY, "metadata": {"name": "lib", "labels": {"x": "y"}}}
        assert [
            each.action for each in (await world.shell.service.definitions.apply([changed], "default")).objects
        ] == ["configured"]

    async def test_apply_does_nothing_if_anything_is_wrong(self, make_world: MakeWorld) -> None:
        world = await make_world()
        broken = workflow("broken", steps("main", "nope"))
        pod = {"kind": "Pod", "metadata": {"name": "x"}}
        nameless = {"kind": "ConfigMap", "data": {}}
        with pytest.raises(ManifestInvalid) as caught:
            await world.shell.service.definitions.apply([LIBRARY, broken, pod, nameless], "default")
        assert {problem.document for problem in caught.value.problems} == {1, 2, 3}
        assert (await world.shell.service.definitions.select("WorkflowTemplate", ListQuery())).items == []
        await world.submit(HELLO)
        with pytest.raises(Conflict, match="already exists"):
            await world.shell.service.definitions.apply([LIBRARY, HELLO], "default")
        assert (await world.shell.service.definitions.select("WorkflowTemplate", ListQuery())).items == []


class TestLogs:
    async def lines(self, world: World, name: str, **query: Any) -> list[str]:
        found = await world.shell.service.workflows.logs("default", name, LogQuery(**query))
        return [line.content async for line in found]

    async def test_lines_of_all_pods_in_the_order_of_their_starts(self, make_world: MakeWorld) -> None:
        world = await make_world({"a": [Exit(log=b"one\ntwo\n")], "b": [Exit(log=b"three\nfour without end")]})
        run = await world.submit(workflow("etl", steps("main", "a", "b"), container("a"), container("b")))
        await world.until(lambda: run.state.finished)
        assert await self.lines(world, "etl") == ["one", "two", "three", "four without end"]
        assert await self.lines(world, "etl", tail=1) == ["two", "four without end"]
        assert await self.lines(world, "etl", tail=0) == []
        assert await self.lines(world, "etl", tail=9) == ["one", "two", "three", "four without end"]
        assert await self.lines(world, "etl", grep="^t") == ["two", "three"]
        assert await self.lines(world, "etl", limit_bytes=5) == ["one", "tw"]
        assert await self.lines(world, "etl", since_ns=2**62) == []
        assert await self.lines(world, "etl", container="nothing") == []
        labels = parse_labels("workflows.argoproj.io/completed=true")
        assert len(await self.lines(world, "etl", labels=labels)) == 4
        (line, *_) = await self.lines(world, "etl", timestamps=True)
        assert line == "2023-11-14T22:13:20.000000Z one"

    async def test_a_pod_is_known_by_its_name_and_by_its_nodes_names(self, make_world: MakeWorld) -> None:
        world = await make_world({"a": [Exit(log=b"one\n")], "b": [Exit(log=b"two\n")]})
        run = await world.submit(workflow("etl", steps("main", "a", "b"), container("a"), container("b")))
        await world.until(lambda: run.state.finished)
        task = world.executor.launched[1]
        for name in (task.pod_name, task.node, task.node_name, "b"):
            assert await self.lines(world, "etl", pod=name) == ["two"]
        assert await self.lines(world, "etl", pod="nobody") == []

    async def test_following_gives_lines_as_they_are_written_until_the_run_ends(self, make_world: MakeWorld) -> None:
        world = await make_world({"a": [Hang(log=b"begin\nhal")], "b": [Exit(log=b"later\n")]})
        run = await world.submit(workflow("etl", steps("main", "a", "b"), container("a"), container("b")))
        await world.until(lambda: world.executor.running)
        await world.settle()
        following = await world.shell.service.workflows.logs("default", "etl", LogQuery(follow=True))
        assert (await anext(following)).content == "begin"
        path = world.executor.log_path(world.executor.launched[0].folder)
        with path.open("ab") as file:
            file.write(b"f done\n")
        pending = asyncio.ensure_future(anext(following))
        await world.settle()
        world.clock.advance(0.2)
        assert (await pending).content == "half done"
        world.executor.finish("a")
        await world.until(lambda: run.state.finished)
        rest = asyncio.ensure_future(_all(following))
        await world.settle()
        world.clock.advance(0.2)
        assert await rest == ["later"]

    async def test_a_bad_expression_is_refused_at_once(self, make_world: MakeWorld) -> None:
        world = await make_world()
        await world.submit(HELLO)
        with pytest.raises(BadRequest, match="grep: error parsing regexp"):
            await world.shell.service.workflows.logs("default", "hello", LogQuery(grep="("))
        with pytest.raises(NotFound):
            await world.shell.service.workflows.logs("default", "nothere", LogQuery())

    async def test_long_logs_have_the_right_tails(self, make_world: MakeWorld) -> None:
        log = b"".join(b"line %d\n" % number for number in range(50_000))
        world = await make_world({"main": [Exit(log=log)]})
        run = await world.submit(HELLO)
        await world.until(lambda: run.state.finished)
        assert await self.lines(world, "hello", tail=20_000) == [f"line {number}" for number in range(30_000, 50_000)]
        assert len(await self.lines(world, "hello")) == 50_000


async def _all(lines: Any) -> list[str]:
    return [line.content async for line in lines]


async def test_info_tells_what_is_going_on(make_world: MakeWorld) -> None:
    world = await make_world({"main": [Hang()]})
    await world.submit(HELLO)
    await world.submit(workflow("waits", {"name": "main", "suspend": {"duration": "60"}}))
    await world.settle()
    world.clock.advance(5)
    info = world.shell.info()
    assert (info.runs, info.active_runs, info.uptime_s) == (2, 2, 5.0)
    assert info.executor == "fake executor: nothing is run"
    assert info.timers == 1
