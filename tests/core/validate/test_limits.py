"""Deadlines, timeouts, retries, parallelism; settings of the spec; CronWorkflows."""

import pytest

from core.validate.lint import OK, accepted, argo_words, errors, manifest, refusal, warning


def template(body: str) -> str:
    """A workflow of this one template."""
    return f"entrypoint: main\ntemplates: [{{name: main, {body}}}]"


@pytest.mark.parametrize("kind", ["steps: [[]]", "dag: {tasks: [{name: a, template: main, when: 'false'}]}"])
def test_a_deadline_belongs_to_leaves(kind: str) -> None:
    problem = refusal(template(f"{kind}, activeDeadlineSeconds: 5"))
    assert "templates.main.activeDeadlineSeconds is only valid for leaf templates" in problem.what
    assert "spec.activeDeadlineSeconds" in problem.hint


@pytest.mark.parametrize(
    "deadline", ["0", "10", "'10'", '"{{workflow.name}}"', '"{{inputs.parameters.x}}{{workflow.name}}"']
)
def test_a_deadline_is_a_number_of_seconds_or_a_tag(deadline: str) -> None:
    accepted(
        template(f"inputs: {{parameters: [{{name: x, default: d}}]}}, suspend: {{}}, activeDeadlineSeconds: {deadline}")
    )


@pytest.mark.parametrize("deadline", ["-1", "'-1'", "ten", "5s"])
def test_any_other_deadline_is_refused(deadline: str) -> None:
    problem = refusal(template(f"container: {{image: a}}, activeDeadlineSeconds: {deadline}"))
    assert "templates.main.activeDeadlineSeconds must be a positive integer > 0 or an argo variable" in problem.what


@pytest.mark.parametrize(("kind", "name"), [("steps: [[]]", "Steps"), ("suspend: {}", "Suspend")])
def test_timeouts_belong_to_templates_that_work(kind: str, name: str) -> None:
    assert argo_words(template(f"{kind}, timeout: 5s")) == [f"{name} template doesn't support timeout field"]
    assert argo_words(template(f"{kind}, pendingTimeout: 5s")) == [
        f"{name} template doesn't support pendingTimeout field"
    ]


def test_a_timeout_has_a_unit_but_a_pending_timeout_need_not() -> None:
    accepted(template("container: {image: a}, timeout: 1h30m, pendingTimeout: '10'"))
    problem = refusal(template("container: {image: a}, timeout: '10'"))
    assert "main has invalid duration format in timeout" in problem.what
    assert problem.hint == 'Write "10s"'
    assert "is not a duration" in warning(template("container: {image: a}, timeout: soon")).what
    assert warning(template("container: {image: a}, pendingTimeout: soon")).path.endswith("pendingTimeout")


def test_a_timeout_is_judged_with_the_arguments_of_the_call() -> None:
    spec = """
        entrypoint: main
        arguments: {parameters: [{name: w, value: %s}]}
        templates:
        - name: main
          steps: [[{name: s, template: work, arguments: {parameters: [{name: t, value: %s}]}}]]
        - name: work
          inputs: {parameters: [{name: t, default: "5"}]}
          timeout: "{{inputs.parameters.t}}"
          container: {image: a}
    """
    accepted(spec % ("a", "10s"))
    accepted(spec % ("a", '"{{workflow.name}}"'))
    assert refusal(spec % ("a", "'10'")).path == "spec.templates[0].steps[0][0].arguments"
    assert "invalid duration format" in refusal(spec % ("'10'", '"{{workflow.parameters.w}}"')).what


def test_parallelism_belongs_to_steps_and_dags() -> None:
    accepted(template("steps: [[]], parallelism: 2"))
    for kind in ("container: {image: a}", "suspend: {}"):
        assert argo_words(template(f"{kind}, parallelism: 2")) == [
            "templates.main.parallelism is only valid for steps and dag templates"
        ]
    assert warning("parallelism: -1\n" + template("suspend: {}")).path == "spec.parallelism"


@pytest.mark.parametrize("policy", ["Always", "OnFailure", "OnError", "OnTransientError", "'{{workflow.name}}'"])
def test_retry_policies_that_exist_pass(policy: str) -> None:
    accepted(
        template(
            f"container: {{image: a}}, retryStrategy: {{retryPolicy: {policy}, limit: '3', backoff: {{duration: 1s, factor: 2}}}}"
        )
    )


def test_an_unknown_retry_policy_is_refused() -> None:
    problem = refusal(template("container: {image: a}, retryStrategy: {retryPolicy: OnFail}"))
    assert problem.path == "spec.templates[0].retryStrategy.retryPolicy"
    assert "OnFail is not a valid RetryPolicy" in problem.what
    assert problem.hint == 'Did you mean "OnFailure"?'
    assert (
        warning("retryStrategy: {retryPolicy: OnFail}\n" + template("suspend: {}")).path
        == "spec.retryStrategy.retryPolicy"
    )


@pytest.mark.parametrize(
    ("strategy", "path"),
    [
        *(
            ("limit: many", "limit"),
            ("backoff: {factor: 2}", "backoff"),
            ("backoff: {duration: soon}", "backoff.duration"),
        ),
        ("backoff: {duration: 1s, maxDuration: soon}", "backoff.maxDuration"),
        ("backoff: {duration: 1s, cap: soon}", "backoff.cap"),
    ],
)
def test_what_would_break_a_retry_is_warned_of(strategy: str, path: str) -> None:
    assert (
        warning(template(f"container: {{image: a}}, retryStrategy: {{{strategy}}}")).path
        == f"spec.templates[0].retryStrategy.{path}"
    )


def test_other_durations_that_cannot_be_read_are_warned_of() -> None:
    assert warning(template("suspend: {duration: soon}")).path == "spec.templates[0].suspend.duration"
    assert accepted(template("suspend: {duration: '20'}")) == []
    assert accepted(template('suspend: {duration: "{{workflow.name}}"}')) == []
    memoize = "container: {image: a}, memoize: {key: k, cache: {configMap: {name: c}}, maxAge: '%s'}"
    assert warning(template(memoize % "10")).path == "spec.templates[0].memoize.maxAge"
    assert accepted(template(memoize % "10s")) == []


# Settings of the spec


def test_an_unknown_pod_clean_up_is_refused() -> None:
    accepted("podGC: {strategy: OnPodSuccess}\n" + template("suspend: {}"))
    accepted("podGC: {}\n" + template("suspend: {}"))
    problem = refusal("podGC: {strategy: OnPodSucces}\n" + template("suspend: {}"))
    assert "podGC.strategy unknown strategy 'OnPodSucces'" in problem.what
    assert problem.hint == 'Did you mean "OnPodSuccess"?'


@pytest.mark.parametrize(
    "setting", ["volumeClaimGC: {strategy: Soon}", "artifactGC: {strategy: Soon}", "shutdown: Soon"]
)
def test_words_that_mean_nothing_are_warned_of(setting: str) -> None:
    assert warning(f"{setting}\n{template('suspend: {}')}").what == '"Soon" means nothing here'


def test_plugins_of_the_workflow_are_complete() -> None:
    full = "metadata: {name: p}, spec: {sidecar: {container: {%s}}}"
    rest = "ports: [{containerPort: 1}], resources: {requests: {cpu: 1}, limits: {cpu: 1}}, securityContext: {}"
    accepted(f"executorPlugins: [{{{full % rest}}}]\n{template('suspend: {}')}")
    for plugin, words in (
        ("metadata: {}", "executor plugin metadata name is mandatory"),
        ("metadata: {name: p}", "at least one port is mandatory"),
        (full % "ports: [{containerPort: 1}]", "resources requests are mandatory"),
        (full % "ports: [{containerPort: 1}], resources: {requests: {cpu: 1}}", "resources limits are mandatory"),
        (full % rest.replace(", securityContext: {}", ""), "security context is mandatory"),
    ):
        assert argo_words(f"executorPlugins: [{{{plugin}}}]\n{template('suspend: {}')}") == [
            f"spec.executorPlugins: {words}"
        ]


# CronWorkflows


def cron(spec: str, workflow: str = f"{{entrypoint: ok, templates: [{OK}]}}") -> str:
    """A CronWorkflow of a workflow that is sound by itself."""
    return manifest(f"{spec}\nworkflowSpec: {workflow}", kind="CronWorkflow")


@pytest.mark.parametrize(
    "schedule",
    [
        *(
            "* * * * *",
            "*/5 0-6,12 1,15 jan-MAR mon-fri",
            "0 0 * * sun",
            "? ? ? ? ?",
            "5/15 * * * *",
            "@hourly",
            "@every 1h30m",
        ),
        *("TZ=Europe/Paris 0 3 * * *", "CRON_TZ=UTC @daily", "59 23 31 12 6"),
    ],
)
def test_schedules_of_five_fields_and_their_short_forms_pass(schedule: str) -> None:
    accepted(cron(f"schedules: ['{schedule}']"))


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        ("* * * *", "expected exactly 5 fields, found 4: [*, *, *, *]"),
        ("0 0 0 * * *", "expected exactly 5 fields, found 6"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 5-1", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("*/x * * * *", "step of range should be a positive number: */x"),
        ("* * * january *", "failed to parse int from january"),
        ("@often", "unrecognized descriptor: @often"),
        ("@every soon", "failed to parse duration @every soon"),
        ("@every 1ms", "expected at least 1s"),
        ("TZ=Mars/Base * * * * *", "provided bad location Mars/Base"),
        ("", "empty spec string"),
    ],
)
def test_other_schedules_are_refused(schedule: str, fault: str) -> None:
    problem = refusal(cron(f"schedules: ['@daily', '{schedule}']"))
    assert problem.path == "spec.schedules[1]"
    assert f"cron schedule {schedule} is malformed: " in problem.what
    assert fault in problem.what


def test_a_cron_workflow_has_a_schedule_and_a_workflow() -> None:
    assert "cron workflow must have at least one schedule" in refusal(cron("schedules: []")).what
    assert (
        "the CronWorkflow has no workflowSpec" in refusal(manifest("schedules: ['@daily']", kind="CronWorkflow")).what
    )
    text = manifest("x: 1", kind="CronWorkflow").partition("spec:")[0]
    assert "the CronWorkflow has no workflowSpec" in refusal(text).what
    assert "the Workflow has no spec" in refusal(text.replace("CronWorkflow", "Workflow")).what


def test_the_other_settings_of_a_cron_workflow_are_checked() -> None:
    accepted(
        cron(
            "schedules: ['@daily']\ntimezone: America/New_York\nconcurrencyPolicy: Replace\nstartingDeadlineSeconds: 0"
        )
    )
    assert 'invalid timezone "Europe/Pariss"' in refusal(cron("schedules: ['@daily']\ntimezone: Europe/Pariss")).what
    problem = refusal(cron("schedules: ['@daily']\nconcurrencyPolicy: Forbidden"))
    assert "'Forbidden' is not a valid concurrencyPolicy" in problem.what
    assert problem.hint == 'Did you mean "Forbid"?'
    assert (
        "startingDeadlineSeconds must be positive"
        in refusal(cron("schedules: ['@daily']\nstartingDeadlineSeconds: -1")).what
    )
    accepted(cron("schedules: ['@daily']\nstopStrategy: {expression: cronworkflow.failed >= 3}"))
    assert (
        refusal(cron("schedules: ['@daily']\nstopStrategy: {expression: '>='}")).path == "spec.stopStrategy.expression"
    )


def test_the_workflow_of_a_cron_workflow_is_checked_as_one_that_will_run() -> None:
    problem = refusal(
        cron(
            "schedules: ['@daily']", f"{{entrypoint: ok, templates: [{OK}], arguments: {{parameters: [{{name: x}}]}}}}"
        ),
        submitted=False,
    )
    assert problem.path == "spec.workflowSpec.arguments.parameters[0]"
    found = errors(cron("schedules: ['@daily']", "{entrypoint: nope, templates: [{name: a, container: {image: ''}}]}"))
    assert [text.split(": ")[1] for text in found] == [
        "spec.workflowSpec.entrypoint",
        "spec.workflowSpec.templates[0].container",
    ]


def test_labels_that_a_cron_workflow_gives_its_runs_are_variables() -> None:
    workflow = "{entrypoint: a, templates: [{name: a, container: {image: a, args: ['{{workflow.labels.team}}']}}]}"
    accepted(cron("schedules: ['@daily']\nworkflowMetadata: {labels: {team: x}}", workflow))
    assert "failed to resolve {{workflow.labels.team}}" in refusal(cron("schedules: ['@daily']", workflow)).what
