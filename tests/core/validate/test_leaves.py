"""Templates that work themselves, and what all templates have: types, files, outputs, metrics."""

import pytest

from core.validate.lint import accepted, argo_words, errors, manifest, refusal, warning


def template(body: str) -> str:
    """A workflow of this one template; with an input artifact it has a location of its own."""
    return f"entrypoint: main\ntemplates: [{{name: main, {body}}}]"


def test_a_template_says_what_it_is() -> None:
    problem = refusal(template("metadata: {}"))
    assert (
        "templates.main template type unspecified. choose one of: container, containerSet, steps, script"
        in problem.what
    )


def test_a_template_is_one_thing() -> None:
    problem = refusal(template("container: {image: a}, suspend: {}"))
    assert "templates.main multiple template types specified. choose one of: container" in problem.what
    assert "the template is 2 things at once: container, suspend" in problem.what
    assert (
        "containerSet, http"
        in errors(template("containerSet: {containers: [{name: main, image: a}]}, http: {url: u}"))[0]
    )


@pytest.mark.parametrize("kind", ["container", "script"])
def test_an_image_is_named_here_or_in_the_template_defaults(kind: str) -> None:
    body = template(f"{kind}: {{command: [a]{', source: x' if kind == 'script' else ''}}}")
    assert f"templates.main.{kind}.image may not be empty" in refusal(body).what
    accepted(f"templateDefaults: {{{kind}: {{image: a}}}}\n{body}")
    assert (
        f"templates.main.{kind}.image may not be empty" in refusal(f"templateDefaults: {{suspend: {{}}}}\n{body}").what
    )


def test_the_defaults_of_a_stored_definition_count_for_its_templates() -> None:
    stored = "templateDefaults: {container: {image: a}}\ntemplates: [{name: t, container: {command: [a]}}]"
    calling = "entrypoint: m\ntemplates: [{name: m, steps: [[{name: s, templateRef: {name: lib, template: t}}]]}]"
    accepted(calling, stored=manifest(stored, kind="WorkflowTemplate", name="lib"))


def test_a_script_without_source_is_warned_of() -> None:
    assert warning(template("script: {image: a}")).what == "the script has no source"


def test_two_things_cannot_stand_at_one_place() -> None:
    mounts = "volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /a}]"
    (words,) = argo_words(template(f"volumes: [{{name: v, emptyDir: {{}}}}], container: {{image: a, {mounts}}}"))
    assert (
        words == "templates.main.container.volumeMounts[1].mountPath '/a' already mounted in container.volumeMounts.v"
    )
    inputs = "inputs: {artifacts: [{name: x, path: /a, raw: {data: d}}]}"
    mounts = "volumeMounts: [{name: v, mountPath: /a}]"
    (words,) = argo_words(
        template(f"volumes: [{{name: v, emptyDir: {{}}}}], {inputs}, container: {{image: a, {mounts}}}")
    )
    assert words == "templates.main.inputs.artifacts[0].path '/a' already mounted in container.volumeMounts.v"
    inputs = "inputs: {artifacts: [{name: x, path: /a, raw: {data: d}}, {name: z, path: /a, raw: {data: d}}]}"
    (words,) = argo_words(template(f"{inputs}, container: {{image: a}}"))
    assert words == "templates.main.inputs.artifacts[1].path '/a' already mounted in inputs.artifacts.x"


@pytest.mark.parametrize("name", ["wait", "supervisor", "artifact-plugin-x"])
def test_names_of_argos_own_containers_are_reserved(name: str) -> None:
    problem = refusal(
        template(f"container: {{image: a}}, sidecars: [{{name: ok, image: a}}, {{name: {name}, image: a}}]")
    )
    assert problem.path == "spec.templates[0].sidecars[1].name"
    assert f'templates.main.sidecars: "{name}" is a reserved Argo container name' in problem.what
    problem = refusal(template(f"containerSet: {{containers: [{{name: {name}, image: a}}]}}"))
    assert f'templates.main.containerSet.containers: "{name}" is a reserved Argo container name' in problem.what


def test_init_containers_have_names() -> None:
    problem = refusal(template("container: {image: a}, initContainers: [{name: one, image: a}, {image: a}]"))
    assert problem.path == "spec.templates[0].initContainers[1]"
    assert "initContainers must all have container name" in problem.what


def test_a_container_set_has_containers_of_different_names() -> None:
    assert (
        "templates.main.containerSet.containers must have at least one container"
        in refusal(template("containerSet: {}")).what
    )
    words = argo_words(template("containerSet: {containers: [{name: a, image: a}, {name: a, image: a}, {image: a}]}"))
    assert words == [
        "templates.main.containerSet.containers[1].name 'a' is not unique",
        "templates.main.containerSet.containers[2].name is required",
    ]
    mounts = "volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /a}]"
    (words,) = [
        argo_words(
            template(
                f"volumes: [{{name: v, emptyDir: {{}}}}], containerSet: {{containers: [{{name: a, image: a}}], {mounts}}}"
            )
        )
    ][0:1]
    assert words == ["templates.main.containerSet.volumeMounts[1].mountPath '/a' already mounted in volumeMounts.v"]


def test_containers_of_a_set_wait_for_each_other_without_circles() -> None:
    containers = (
        "containerSet: {containers: [{name: a, image: a, dependencies: [%s]}, {name: b, image: a, dependencies: [a]}]}"
    )
    problem = refusal(template(containers % "c"))
    assert problem.path == "spec.templates[0].containerSet.containers[0].dependencies[0]"
    assert "templates.main.containerSet.containers.a dependency 'c' not defined" in problem.what
    problem = refusal(template(containers % "b"))
    assert "templates.main.containerSet.containers dependency cycle detected: a->b->a" in problem.what


@pytest.mark.parametrize(
    "files",
    [
        "inputs: {artifacts: [{name: x, path: /x, raw: {data: d}}]}",
        "outputs: {parameters: [{name: x, valueFrom: {path: /x}}]}",
    ],
)
def test_files_of_a_container_set_belong_to_main(files: str) -> None:
    accepted(template(f"{files}, containerSet: {{containers: [{{name: main, image: a}}]}}"))
    problem = refusal(template(f"{files}, containerSet: {{containers: [{{name: other, image: a}}]}}"))
    assert (
        'templates.main.containerSet.containers must have a container named "main" for input or output' in problem.what
    )


def test_a_resource_has_an_action_that_exists() -> None:
    accepted(template("resource: {action: create, manifest: 'kind: X'}"))
    accepted(template("resource: {action: '{{workflow.name}}', manifest: 'kind: X'}"))
    problem = refusal(template("resource: {action: creat, manifest: 'kind: X'}"))
    assert "templates.main.resource.action must be one of: get, create, apply, delete, replace, patch" in problem.what
    assert problem.hint == 'Did you mean "create"?'


def test_a_resource_has_one_manifest() -> None:
    accepted(template("resource: {action: delete}"))
    problem = refusal(template("resource: {action: create}"))
    assert (
        "either templates.main.resource.manifest or templates.main.resource.manifestFrom must be specified"
        in problem.what
    )
    inputs = "inputs: {artifacts: [{name: m, path: /m, raw: {data: d}}]}"
    source = "manifestFrom: {artifact: {name: m, path: /m}}"
    accepted(template(f"{inputs}, resource: {{action: create, {source}}}"))
    problem = refusal(template(f"{inputs}, resource: {{action: create, manifest: 'a: b', {source}}}"))
    assert "shouldn't have both `manifest` and `manifestFrom` specified" in problem.what
    problem = refusal(template(f"resource: {{action: create, {source}}}"))
    assert "artifact m in `manifestFrom` refer to a non-exist artifact" in problem.what
    accepted(template("resource: {action: create, manifestFrom: {}}"))


def test_a_resources_manifest_is_yaml_once_tags_are_filled_in() -> None:
    accepted(template('resource: {action: create, manifest: "a: {{workflow.name}}\\nb: {{= 1 + 1 }}"}'))
    problem = refusal(template('resource: {action: create, manifest: "a: [b"}'))
    assert "templates.main.resource.manifest must be a valid yaml" in problem.what


def test_a_plugin_template_names_one_plugin() -> None:
    accepted(template("plugin: {slack: {text: hi}}"))
    assert "expected exactly one key, got 2" in refusal(template("plugin: {slack: {}, mail: {}}")).what


# Inputs and outputs


@pytest.mark.parametrize(
    "kind", ["steps: [[]]", "dag: {tasks: [{name: a, template: main, when: 'false'}]}", "suspend: {}"]
)
def test_only_leaves_have_files(kind: str) -> None:
    (words,) = argo_words(template(f"{kind}, inputs: {{artifacts: [{{name: x, path: /x, raw: {{data: d}}}}]}}"))
    assert words == "templates.main.inputs.artifacts.x.path only valid in container/script templates"
    (words,) = argo_words(template(f"{kind}, outputs: {{artifacts: [{{name: x, path: /x}}]}}"))
    assert words == "templates.main.outputs.artifacts.x.path only valid in container/script templates"


def test_artifacts_of_leaves_have_paths() -> None:
    words = argo_words(
        template(
            "container: {image: a}, outputs: {artifacts: [{name: x}]}, inputs: {artifacts: [{name: u, raw: {data: d}}]}"
        )
    )
    assert words == [
        "error in templates.main.outputs.artifacts.x: Artifact 'x' did not specify a path",
        "error in templates.main.inputs.artifacts.u: Artifact 'u' did not specify a path",
    ]


@pytest.mark.parametrize("path", ["/tmp/safe/../etc", "/a/..", "/a/b/../../c", "a/../../b"])
def test_a_path_does_not_lead_out_of_its_folder(path: str) -> None:
    problem = refusal(template(f"container: {{image: a}}, outputs: {{artifacts: [{{name: x, path: '{path}'}}]}}"))
    assert "Directory traversal is not permitted" in problem.what


@pytest.mark.parametrize("path", ["/tmp/../tmp/a", "/..", "..", "/a/b..c", "/a/./b"])
def test_a_path_that_comes_back_is_accepted_as_in_argo(path: str) -> None:
    accepted(template(f"container: {{image: a}}, outputs: {{artifacts: [{{name: x, path: '{path}'}}]}}"))


def test_an_input_does_not_say_where_it_comes_from() -> None:
    problem = refusal(
        template("container: {image: a}, inputs: {artifacts: [{name: x, path: /x, optional: true, from: z}]}")
    )
    assert "templates.main.inputs.artifacts.x.from not valid in inputs" in problem.what


def test_locations_have_what_they_need() -> None:
    def words(place: str) -> list[str]:
        return argo_words(
            template(
                f"container: {{image: a}}, inputs: {{artifacts: [{{name: x, path: /x, optional: true, {place}}}]}}"
            )
        )

    label = "templates.main.inputs.artifacts.x"
    assert words("git: {}") == [f"{label}.git.repo is required"]
    assert words("hdfs: {}") == [
        f"{label}.hdfs.addresses is required",
        f"{label}.hdfs.path is required",
        f"either {label}.hdfs.hdfsUser, {label}.hdfs.krbCCacheSecret or {label}.hdfs.krbKeytabSecret is required",
    ]
    place = "addresses: [a], path: p, hdfsUser: u"
    assert words(f"hdfs: {{{place}}}") == [f"{label}.hdfs.path must be a absolute file path"]
    kerberos = "addresses: [a], path: /p, krbKeytabSecret: {name: s, key: k}"
    assert "krbRealm are required with" in words(f"hdfs: {{{kerberos}}}")[0]
    cached = "addresses: [a], path: /p, krbCCacheSecret: {name: s, key: k}"
    assert "krbCCacheSecret" in words(f"hdfs: {{{cached}}}")[0]
    complete = ", krbServicePrincipalName: p, krbConfigConfigMap: {name: c, key: k}"
    assert words(f"hdfs: {{{cached}{complete}}}") == []
    assert words(f"hdfs: {{{kerberos}{complete}, krbUsername: u, krbRealm: r}}") == []
    assert argo_words(template("container: {image: a}, archiveLocation: {git: {}}")) == [
        "templates.main.archiveLocation.git.repo is required"
    ]
    two = "container: {image: a}, inputs: {artifacts: [{name: x, path: /x, raw: {data: d}, s3: {key: k}}]}"
    assert warning(template(two)).what == "2 locations are given (raw, s3); only the first counts"


@pytest.mark.parametrize(
    ("kind", "source", "words"),
    [
        ("container: {image: a}", "expression: a", ".path must be specified for Container templates"),
        ("script: {image: a, source: x}", "parameter: a", ".path must be specified for Script templates"),
        (
            "containerSet: {containers: [{name: main, image: a}]}",
            "supplied: {}",
            ".path must be specified for ContainerSet templates",
        ),
        ("resource: {action: get}", "path: /a", " .jqFilter or jsonPath must be specified for Resource templates"),
        ("steps: [[]]", "path: /a", ".parameter or expression must be specified for Steps templates"),
        (
            "dag: {tasks: [{name: a, template: main, when: 'false'}]}",
            "supplied: {}",
            ".parameter or expression must be specified for DAG templates",
        ),
    ],
)
def test_each_kind_of_template_has_its_source_of_outputs(kind: str, source: str, words: str) -> None:
    body = f"{kind}, outputs: {{parameters: [{{name: o, valueFrom: {{{source}}}}}]}}"
    assert f"templates.main.outputs.parameters.o{words}" in argo_words(template(body))


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        *(
            ("resource: {action: get}", "jqFilter: .a"),
            ("resource: {action: get}", "jsonPath: a"),
            ("suspend: {}", "supplied: {}"),
        ),
        *(
            ("steps: [[]]", "expression: '1'"),
            ("http: {url: u}", "expression: '1'"),
            ("container: {image: a}", "path: /a, default: d"),
        ),
    ],
)
def test_the_right_source_passes(kind: str, source: str) -> None:
    accepted(template(f"{kind}, outputs: {{parameters: [{{name: o, valueFrom: {{{source}}}}}]}}"))


def test_an_output_has_exactly_one_source() -> None:
    def words(output: str, kind: str = "suspend: {}") -> list[str]:
        return argo_words(template(f"{kind}, outputs: {{parameters: [{{name: o, {output}}}]}}"))

    label = "templates.main.outputs.parameters.o"
    assert words("value: x") == []
    assert words("description: d") == [f"{label} does not have valueFrom or value specified"]
    assert words("value: x, valueFrom: {supplied: {}}") == [
        f"{label} has both valueFrom and value specified, choose one"
    ]
    choices = "choose one of: path, jqFilter, jsonPath, parameter, raw"
    assert words("valueFrom: {default: d}") == [f"valueFrom type unspecified. {choices}, expression"]
    assert words("valueFrom: {path: a, jsonPath: b}") == [f"multiple valueFrom types specified. {choices}"]
    assert words("value: a, valueFrom: {parameter: b, expression: c}", "steps: [[]]")[1].startswith(
        f"{label} shouldn't have both `from` and `expression` specified in `ValueFrom` for Steps templates"
    )


def test_a_global_name_is_a_name_or_comes_with_the_run() -> None:
    parameters = "parameters: [{name: o, globalName: %s, valueFrom: {path: /o}}]"
    body = f"container: {{image: a}}, outputs: {{{parameters}, artifacts: [{{name: a, path: /a, globalName: %s}}]}}"
    accepted(template(body % ("g_1", '"{{workflow.name}}"')))
    fault = "globalName: Parameter/Artifact name must consist of"
    first, second = argo_words(template(body % ("a.b", "'c d'")))
    assert first.startswith(f"templates.main.outputs.parameters.o.{fault}")
    assert second.startswith(f"templates.main.outputs.artifacts.a.{fault}")


def test_an_outputs_name_may_hold_an_input() -> None:
    spec = """
        entrypoint: main
        templates:
        - name: main
          inputs: {parameters: [{name: i, default: d}]}
          container: {image: a}
          outputs: {artifacts: [{name: "result%s{{inputs.parameters.i}}", path: /a}]}
    """
    accepted(spec % "-")
    assert "is invalid" in refusal(spec % ".").what


# Metrics and pods


def test_metrics_are_complete() -> None:
    def words(metric: str) -> list[str]:
        return argo_words(template(f"container: {{image: a}}, metrics: {{prometheus: [{{{metric}}}]}}"))

    assert words("name: good_one, help: h, counter: {value: '1'}, labels: [{key: k, value: v}]") == []
    assert words("name: a.b, help: h, gauge: {value: '1'}") == [
        "templates.main metric name 'a.b' is invalid. Metric names must contain alphanumeric characters or '_'"
    ]
    assert words("name: a, help: h, labels: [{key: a.b, value: v}]") == [
        "metric label 'a.b' is invalid: keys may only contain alphanumeric characters or '_'"
    ]
    assert words("name: a, counter: {value: '1'}") == [
        "templates.main metric 'a' must contain a help string under 'help: ' field"
    ]
    for kind in ("gauge", "counter", "histogram"):
        assert words(f"name: a, help: h, {kind}: {{}}") == [f"templates.main metric 'a' error: missing {kind}.value"]
    assert words("name: a, help: h, gauge: {realtime: true, value: '{{resourcesDuration.cpu}}'}") == [
        "templates.main metric 'a' error: 'resourcesDuration.*' metrics cannot be used in real-time"
    ]
    assert words("name: a, help: h, gauge: {realtime: true, value: '{{duration}}'}") == []


def test_resources_of_a_pod_as_a_whole_are_processor_and_memory() -> None:
    accepted(
        template("container: {image: a}, podResources: {limits: {cpu: 1, memory: 1Gi}, requests: {hugepages-2Mi: 2Mi}}")
    )
    (words,) = argo_words(template("container: {image: a}, podResources: {limits: {nvidia.com/gpu: 1}}"))
    assert words.startswith('templates.main.podResources: "nvidia.com/gpu" is not a valid pod-level resource')
    (words,) = argo_words(template("container: {image: a}, podResources: {claims: [{name: gpu}]}"))
    assert words == "templates.main.podResources.claims is not supported for pod-level resources"
    (words,) = argo_words(template("http: {url: u}, podResources: {limits: {cpu: 1}}"))
    assert words == "templates.main.podResources is not supported for HTTP templates"
    (words,) = argo_words("podResources: {claims: [{name: gpu}]}\n" + template("container: {image: a}"))
    assert words == "spec.podResources.claims is not supported for pod-level resources"


def test_claims_need_a_pod() -> None:
    accepted(template("container: {image: a}, resourceClaims: [{name: gpu}]"))
    (words,) = argo_words(template("steps: [[]], resourceClaims: [{name: gpu}]"))
    assert words == "templates.main.resourceClaims is not supported for Steps templates, which do not create a pod"


def test_mounts_of_volumes_that_nobody_declares_are_warned_of() -> None:
    mount = "volumeMounts: [{name: work, mountPath: /w}]"
    body = template(f"container: {{image: a, {mount}}}")
    problem = warning(f"volumes: [{{name: wrok, emptyDir: {{}}}}]\n{body}")
    assert problem.what == "volume 'work' not found in workflow spec"
    assert problem.hint == 'Did you mean "wrok"?'
    assert accepted(f"volumes: [{{name: work, emptyDir: {{}}}}]\n{body}") == []
    assert accepted(f"volumeClaimTemplates: [{{metadata: {{name: work}}}}]\n{body}") == []
    assert accepted(f"templateDefaults: {{volumes: [{{name: work, emptyDir: {{}}}}]}}\n{body}") == []
    assert (
        accepted(template(f"volumes: [{{name: work, emptyDir: {{}}}}], script: {{image: a, source: x, {mount}}}")) == []
    )
    assert accepted(f"volumes: [{{name: '{{{{workflow.name}}}}', emptyDir: {{}}}}]\n{body}") == []
    assert accepted(body, kind="WorkflowTemplate") == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("containerSet: {containers: [{name: main, image: a}], volumeMounts: [%s]}", "containerSet.volumeMounts[0]"),
        (
            "containerSet: {containers: [{name: main, image: a, volumeMounts: [%s]}]}",
            "containerSet.containers[0].volumeMounts[0]",
        ),
        (
            "container: {image: a}, initContainers: [{name: i, image: a, volumeMounts: [%s]}]",
            "initContainers[0].volumeMounts[0]",
        ),
        ("container: {image: a}, sidecars: [{name: s, image: a, volumeMounts: [%s]}]", "sidecars[0].volumeMounts[0]"),
    ],
)
def test_every_kind_of_container_mounts_declared_volumes(body: str, path: str) -> None:
    assert warning(template(body % "{name: v, mountPath: /v}")).path == f"spec.templates[0].{path}.name"


def test_a_workflow_that_refers_to_a_template_mounts_the_volumes_of_both() -> None:
    mounts = "volumeMounts: [{name: v, mountPath: /v}]"
    stored = f"volumes: [{{name: v, emptyDir: {{}}}}]\n{template(f'container: {{image: a, {mounts}}}')}"
    assert (
        accepted("workflowTemplateRef: {name: base}", stored=manifest(stored, kind="WorkflowTemplate", name="base"))
        == []
    )


# Commands, where no image can be looked up


NEEDED = {"commands_required": True, "known_images": {"busybox"}}


def test_a_container_without_command_is_refused_where_images_cannot_be_looked_up() -> None:
    body = template("container: {image: 'quay.io/me/tool:1.2'}")
    accepted(body)
    problem = refusal(body, **NEEDED)
    assert problem.path == "spec.templates[0].container"
    assert 'what "quay.io/me/tool:1.2" would run cannot be looked up' in problem.what
    assert "--executor container" in problem.hint


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "busybox:1.36",
        "docker.io/library/busybox@sha256:0a",
        "library/busybox:1",
        "mirror.gcr.io/library/busybox",
    ],
)
def test_known_images_need_no_command(image: str) -> None:
    assert accepted(template(f"container: {{image: '{image}'}}"), **NEEDED) == []


def test_a_command_or_an_image_that_comes_with_the_run_will_do() -> None:
    assert accepted(template("container: {image: x, command: [a]}"), **NEEDED) == []
    accepted(template('container: {image: "{{workflow.name}}"}'), **NEEDED)
    assert (
        accepted("templateDefaults: {container: {command: [a]}}\n" + template("container: {image: x}"), **NEEDED) == []
    )
    known = "arguments: {parameters: [{name: i, value: other}]}\n" + template(
        'container: {image: "{{workflow.parameters.i}}"}'
    )
    assert 'what "other" would run' in refusal(known, **NEEDED).what


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("script: {image: x, source: z}", "script"),
        ("containerSet: {containers: [{name: a, image: x}]}", "containerSet.containers[0]"),
        ("container: {image: busybox}, initContainers: [{name: a, image: x}]", "initContainers[0]"),
        ("container: {image: busybox}, sidecars: [{name: a, image: x}]", "sidecars[0]"),
    ],
)
def test_every_kind_of_container_says_its_command(body: str, path: str) -> None:
    assert refusal(template(body), **NEEDED).path == f"spec.templates[0].{path}"


def test_a_template_that_is_only_kept_is_warned_of() -> None:
    lost = "entrypoint: a\ntemplates: [{name: a, container: {image: busybox}}, {name: lost, container: {image: x}}]"
    assert warning(lost, **NEEDED).path == "spec.templates[1].container"
    assert warning(template("container: {image: x}"), kind="WorkflowTemplate", submitted=False, **NEEDED).path
