"""What a leaf gets: environment, volumes, files, deadlines; by Kubernetes' rules."""

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from finale.executors.contract import LeafTask
from finale.runtime.environment import expand
from finale.testing.world import World
from runtime.manifests import container, workflow

pytestmark = pytest.mark.anyio

MakeWorld = Callable[..., Awaitable[World]]

SETTINGS = {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"COLOUR": "blue", "size": "7"}}
KEYS = {
    "kind": "Secret",
    "metadata": {"name": "keys"},
    "data": {"token": base64.b64encode(b"s3cret\n").decode()},
    "stringData": {"user": "me"},
}


async def launched(make_world: MakeWorld, manifest: dict[str, Any]) -> tuple[World, LeafTask]:
    """The first task of a run, in a world that has the objects above."""
    world = await make_world()
    await world.shell.service.definitions.apply([SETTINGS, KEYS], "default")
    await world.submit(manifest)
    await world.until(lambda: world.executor.launched)
    return world, world.executor.launched[0]


async def message_of(make_world: MakeWorld, manifest: dict[str, Any]) -> str:
    """How a run ends whose task cannot be prepared."""
    world = await make_world()
    await world.shell.service.definitions.apply([SETTINGS, KEYS], "default")
    run = await world.submit(manifest)
    await world.until(lambda: run.state.finished)
    assert run.state.phase == "Error"
    assert world.executor.launched == []
    return run.state.nodes[run.state.name].message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$(A)", "1"),
        ("x$(A)y$(B)z", "x1ytwoz"),
        ("$(NOPE)", "$(NOPE)"),
        ("$(date +%s)", "$(date +%s)"),
        ("$$(A)", "$(A)"),
        ("$A ${A}", "$A ${A}"),
        ("$(A", "$(A"),
        ("$", "$"),
        ("$$", "$"),
    ],
)
def test_references_in_words(text: str, expected: str) -> None:
    """Cases after kubernetes third_party/forked/golang/expansion/expand_test.go."""
    assert expand(text, {"A": "1", "B": "two"}) == expected


async def test_environment_comes_from_values_and_objects(make_world: MakeWorld) -> None:
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "$(A)$(COLOUR)"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
        {"name": "SIZE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "size"}}},
        {"name": "GONE", "valueFrom": {"configMapKeyRef": {"name": "gone", "key": "x", "optional": True}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "MIB", "valueFrom": {"resourceFieldRef": {"resource": "requests.memory", "divisor": "1Mi"}}},
    ]
    sources = [{"configMapRef": {"name": "settings"}}, {"prefix": "MY_", "secretRef": {"name": "keys"}}]
    resources = {"limits": {"cpu": "1500m"}, "requests": {"memory": "64Mi"}}
    _, task = await launched(
        make_world,
        workflow("etl", container("main", env=env, envFrom=sources, resources=resources, args=["$(B) $$HOME"])),
    )
    assert (
        task.environment.items()
        >= {
            "A": "1",
            "B": "1blue",
            "TOKEN": "s3cret\n",
            "SIZE": "7",
            "NODE": task.pod_name,
            "CPU": "2",
            "MIB": "64",
            "COLOUR": "blue",
            "MY_user": "me",
            "ARGO_WORKFLOW_NAME": "etl",
            "ARGO_CONTAINER_NAME": "main",
            "ARGO_NODE_ID": "etl",
        }.items()
    )
    assert "GONE" not in task.environment
    assert task.template["container"]["args"] == ["1blue $HOME"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"configMapKeyRef": {"name": "nowhere", "key": "x"}}, 'configmap "nowhere" not found'),
        ({"secretKeyRef": {"name": "keys", "key": "x"}}, "couldn't find key x in Secret default/keys"),
        ({"fieldRef": {"fieldPath": "spec.nothing"}}, 'fieldRef "spec.nothing" is not supported'),
    ],
)
async def test_what_a_variable_needs_and_cannot_have_is_named(
    make_world: MakeWorld, source: dict[str, Any], message: str
) -> None:
    env = [{"name": "X", "valueFrom": source}]
    assert (await message_of(make_world, workflow("etl", container("main", env=env)))).startswith(message)


async def test_containers_beside_the_main_one_carry_their_variables_themselves(make_world: MakeWorld) -> None:
    sidecar = {
        "name": "side",
        "image": "busybox",
        "command": ["sh", "-c", "echo $(X)"],
        "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "size"}}}],
    }
    _, task = await launched(make_world, workflow("etl", container("main", sidecars=[sidecar])))
    (settled,) = task.template["sidecars"]
    assert settled["env"] == [{"name": "X", "value": "7"}]
    assert settled["command"] == ["sh", "-c", "echo 7"]
    assert "X" not in task.environment


def mounted(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "mountPath": f"/mnt/{name}"} for name in names]


async def test_volumes_become_folders(make_world: MakeWorld, tmp_path: Path) -> None:
    volumes = [
        {"name": "scratch", "emptyDir": {}},
        {"name": "settings", "configMap": {"name": "settings", "items": [{"key": "size", "path": "deep/size"}]}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "shared"}},
        {"name": "host", "hostPath": {"path": str(tmp_path / "host"), "type": "DirectoryOrCreate"}},
        {"name": "about", "downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
        {"name": "both", "projected": {"sources": [{"configMap": {"name": "settings"}}, {"secret": {"name": "keys"}}]}},
        {"name": "unused", "configMap": {"name": "nowhere"}},
    ]
    names = [volume["name"] for volume in volumes if volume["name"] != "unused"]
    claims = [{"metadata": {"name": "work"}, "spec": {}}]
    manifest = workflow(
        "etl",
        container("main", volumeMounts=mounted(*names, "work")),  # type: ignore[arg-type]
        volumes=volumes,
        volumeClaimTemplates=claims,
    )
    world, task = await launched(make_world, manifest)
    folders = {name: folder for name, (folder, _) in task.volumes.items()}
    assert task.volumes.keys() == {*names, "work"}
    assert [name for name, (_, read_only) in task.volumes.items() if read_only] == ["about", "both", "keys", "settings"]
    assert folders["scratch"].is_relative_to(task.folder)
    assert (folders["settings"] / "deep" / "size").read_text() == "7"
    assert (folders["keys"] / "token").read_bytes() == b"s3cret\n"
    assert (folders["about"] / "name").read_text() == task.pod_name
    assert sorted(file.name for file in folders["both"].iterdir()) == ["COLOUR", "size", "token", "user"]
    assert folders["data"].is_relative_to(world.home.path)
    assert not folders["data"].is_relative_to(world.home.runs)
    assert folders["work"].is_relative_to(world.home.runs / task.run_uid)
    assert folders["host"] == tmp_path / "host"
    assert folders["host"].is_dir()


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"name": "other", "emptyDir": {}}, "volume 'v' not found in workflow spec"),
        ({"name": "v", "nfs": {"server": "x", "path": "/"}}, "volume 'v' is of kind nfs, which is not available here"),
        ({"name": "v", "configMap": {"name": "nowhere"}}, 'configmap "nowhere" not found'),
        ({"name": "v", "hostPath": {"path": "/no/such/folder"}}, "hostPath type check failed"),
        ({"name": "v", "hostPath": {"path": "relative"}}, 'hostPath "relative" is not absolute'),
        (
            {"name": "v", "configMap": {"name": "settings", "items": [{"key": "size", "path": "../out"}]}},
            'volume item path "../out" leaves its volume',
        ),
        ({"name": "v", "persistentVolumeClaim": {"claimName": "../x"}}, '"../x" is not a name for a volume'),
        (
            {"name": "v", "configMap": {"name": "settings", "items": [{"key": "nope", "path": "x"}]}},
            'configmap "settings" references non-existent key: nope',
        ),
    ],
)
async def test_a_volume_that_cannot_be_had_is_named(
    make_world: MakeWorld, volume: dict[str, Any], message: str
) -> None:
    manifest = workflow("etl", container("main", volumeMounts=mounted("v")), volumes=[volume])
    assert (await message_of(make_world, manifest)).startswith(message)


async def test_a_claim_is_shared_by_the_leaves_of_a_run(make_world: MakeWorld) -> None:
    world = await make_world()
    claims = [{"metadata": {"name": "work"}, "spec": {}}]
    calls = {"name": "main", "steps": [[{"name": "a", "template": "t"}], [{"name": "b", "template": "t"}]]}
    manifest = workflow("etl", calls, container("t", volumeMounts=mounted("work")), volumeClaimTemplates=claims)
    run = await world.submit(manifest)
    await world.until(lambda: run.state.finished)
    first, second = (task.volumes["work"] for task in world.executor.launched)
    assert first == second


async def test_grace_comes_from_the_pod_spec_patch(make_world: MakeWorld) -> None:
    patch = '{"terminationGracePeriodSeconds": 3, "containers": []}'
    _, task = await launched(make_world, workflow("etl", container("main"), podSpecPatch=patch))
    assert task.grace_s == 3.0
    _, task = await launched(
        make_world, workflow("etl", container("main"), podSpecPatch="terminationGracePeriodSeconds: 4")
    )
    assert task.grace_s == 4.0
    _, task = await launched(make_world, workflow("etl", container("main")))
    assert task.grace_s == 30.0


async def test_deadlines_are_told_in_the_machines_own_time(make_world: MakeWorld) -> None:
    world = await make_world()
    world.clock.wall_offset_ns = -3600 * 10**9
    template = {**container("main"), "activeDeadlineSeconds": 10}
    await world.submit(workflow("etl", template))
    await world.until(lambda: world.executor.launched)
    assert world.executor.launched[0].deadline_ns == world.clock.now_ns() - 3590 * 10**9


async def test_raw_artifacts_are_placed(make_world: MakeWorld) -> None:
    artifact = {"name": "in", "path": "/tmp/in.txt", "raw": {"data": "hello"}}
    _, task = await launched(make_world, workflow("etl", container("main", inputs={"artifacts": [artifact]})))
    assert task.files == {"/tmp/in.txt": b"hello"}


async def test_a_template_without_anything_special_is_handed_on_as_it_is(make_world: MakeWorld) -> None:
    _, task = await launched(make_world, workflow("etl", container("main", args=["echo hi"])))
    assert task.template["container"] == {"image": "busybox", "command": ["sh"], "args": ["echo hi"]}
    assert (task.volumes, task.files) == ({}, {})
