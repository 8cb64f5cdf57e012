"""One table: what becomes of every field of a manifest. `docs/support.md` is printed from it and tests keep it whole.

A row names fields as ``Struct.field`` of Argo's schema; ``*.field`` means it in every struct, ``Struct.*`` all fields of
one. The more exact name wins: ``Struct.field`` before ``*.field`` before ``Struct.*``. What stands below a field that is
not supported shares its fate and needs no row.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec

from finale.problems import Problem
from finale.spec.document import Document
from finale.spec.kinds import KINDS
from finale.spec.paths import child_path, item_path
from finale.spec.shapes import Shape, fields_of

__all__ = ["RULES", "Decision", "Rule", "decided_fields", "notices", "refusals", "rule_of"]

Decision = Literal["supported", "later", "ignored", "refused"]


class Rule(NamedTuple):
    """One row. `reason` completes "`field` …: " for the user; `quiet` rows give no notice."""

    decision: Decision
    fields: str
    reason: str = ""
    quiet: bool = False


_CLUSTER_STORAGE = "it is a cluster's storage; mount it on this machine and name its folder in a hostPath volume"

RULES = (
    Rule("supported", "Workflow.* WorkflowTemplate.* ClusterWorkflowTemplate.* CronWorkflow.* WorkflowEventBinding.*"),
    Rule("supported", "ObjectMeta.* WorkflowSpec.* WorkflowTemplateRef.*"),
    Rule("supported", "Template.* TemplateRef.* WorkflowStep.* DAGTemplate.* DAGTask.* SuspendTemplate.*"),
    Rule("supported", "Arguments.* Parameter.* ValueFrom.* ConfigMapKeySelector.* Inputs.* Outputs.*"),
    Rule("supported", "LifecycleHook.* ContinueOn.* Sequence.* RetryStrategy.* Backoff.*"),
    Rule("supported", "Container.* ScriptTemplate.* EnvVar.* VolumeMount.* Volume.* HostPathVolumeSource.*"),
    Rule(
        "supported",
        "FileKeySelector.* EnvFromSource.* EnvVarSource.* ConfigMapEnvSource.* SecretEnvSource.* SecretKeySelector.* "
        "ObjectFieldSelector.*",
    ),
    Rule("supported", "ConfigMapVolumeSource.* SecretVolumeSource.* KeyToPath.*"),
    Rule("supported", "ProjectedVolumeSource.* VolumeProjection.* ConfigMapProjection.* SecretProjection.*"),
    Rule(
        "supported", "DownwardAPIVolumeSource.* DownwardAPIVolumeFile.* DownwardAPIProjection.* ResourceFieldSelector.*"
    ),
    Rule("supported", "EphemeralVolumeSource.* PersistentVolumeClaimVolumeSource.*"),
    Rule("supported", "Metadata.annotations"),
    #
    # Written by an engine, found in manifests that were read back from a cluster.
    Rule("ignored", "Workflow.status CronWorkflow.status", "a new run makes its own status", quiet=True),
    Rule("ignored", "Outputs.exitCode Outputs.result", "the run makes them", quiet=True),
    Rule(
        "ignored",
        "ObjectMeta.creationTimestamp ObjectMeta.deletionGracePeriodSeconds ObjectMeta.deletionTimestamp "
        "ObjectMeta.finalizers ObjectMeta.generation ObjectMeta.managedFields ObjectMeta.ownerReferences "
        "ObjectMeta.resourceVersion ObjectMeta.selfLink ObjectMeta.uid",
        "the engine keeps its own books about an object",
        quiet=True,
    ),
    #
    # Where a pod goes and what a cluster grants it.
    Rule("ignored", "*.affinity *.nodeSelector *.tolerations *.schedulerName", "there is one machine"),
    Rule("ignored", "WorkflowSpec.podPriorityClassName Template.priorityClassName", "there is no scheduler of pods"),
    Rule("ignored", "WorkflowSpec.podDisruptionBudget", "nothing evicts tasks from this machine"),
    Rule(
        "ignored",
        "*.serviceAccountName *.automountServiceAccountToken *.executor",
        "there are no service accounts; tasks run as the user who runs Finale",
    ),
    Rule("ignored", "WorkflowSpec.imagePullSecrets", "the container runtime of this machine knows its registries"),
    Rule("ignored", "*.imagePullPolicy", "the container runtime pulls an image when it is missing"),
    Rule("ignored", "*.podResources *.resourceClaims", "there is no pod to hold resources together"),
    Rule("ignored", "*.podSpecPatch", "there is no pod to patch"),
    Rule("ignored", "WorkflowSpec.podMetadata Metadata.labels", "there is no pod to label"),
    Rule("ignored", "*.dnsConfig *.dnsPolicy *.hostAliases *.hostNetwork", "tasks use this machine's network"),
    #
    # What a container cannot be given here.
    Rule("ignored", "*.ports", "tasks use this machine's network; a port is open when the program opens it"),
    Rule("ignored", "*.stdin *.stdinOnce *.tty", "a task has no terminal"),
    Rule("ignored", "*.terminationMessagePath *.terminationMessagePolicy", "messages are taken from the exit code"),
    Rule(
        "ignored", "*.restartPolicy *.restartPolicyRules *.resizePolicy", "a task is retried by its retryStrategy only"
    ),
    Rule("ignored", "VolumeMount.mountPropagation VolumeMount.recursiveReadOnly", "mounts are private to the task"),
    Rule(
        "ignored",
        "ServiceAccountTokenProjection.* ClusterTrustBundleProjection.* PodCertificateProjection.*",
        "there are no service accounts and no cluster's certificates",
    ),
    Rule(
        "ignored",
        "PersistentVolumeClaim.* PersistentVolumeClaimTemplate.* VolumeClaimGC.* ",
        "a claim is a folder that lives as long as its run",
        quiet=True,
    ),
    Rule("ignored", "EmptyDirVolumeSource.*", "an emptyDir is a folder on this machine's disk"),
    Rule("refused", "*.volumeDevices", "raw block devices cannot be given to a task"),
    Rule(
        "refused",
        "Volume.awsElasticBlockStore Volume.azureDisk Volume.azureFile Volume.cephfs Volume.cinder Volume.csi Volume.fc "
        "Volume.flexVolume Volume.flocker Volume.gcePersistentDisk Volume.glusterfs Volume.iscsi Volume.nfs "
        "Volume.photonPersistentDisk Volume.portworxVolume Volume.quobyte Volume.rbd Volume.scaleIO Volume.storageos "
        "Volume.vsphereVolume",
        _CLUSTER_STORAGE,
    ),
    Rule("refused", "Volume.gitRepo", "Kubernetes has dropped it; use a git artifact"),
    #
    # Not built yet.
    Rule("later", "CronWorkflow.spec", "it is stored but not started on schedule yet"),
    Rule("later", "WorkflowEventBinding.spec", "it is stored but no event starts it yet"),
    Rule(
        "later",
        "Template.containerSet Template.data Template.http Template.plugin Template.resource",
        "templates of this type cannot run yet",
    ),
    Rule("later", "Template.daemon Template.initContainers Template.sidecars", "only the main container runs yet"),
    Rule("later", "*.artifacts *.archiveLogs *.artifactGC", "artifacts are not kept yet"),
    Rule("later", "WorkflowSpec.artifactRepositoryRef Template.archiveLocation", "artifacts are not kept yet"),
    Rule("later", "Template.memoize", "results are not memoized yet"),
    Rule("later", "*.synchronization", "there are no locks yet"),
    Rule("later", "WorkflowSpec.priority", "runs do not wait for one another yet"),
    Rule("later", "*.metrics", "metrics are not served yet"),
    Rule("later", "WorkflowSpec.executorPlugins", "there are no executor plugins yet"),
    Rule("later", "WorkflowSpec.podGC", "folders of tasks are kept as long as their run"),
    Rule("later", "WorkflowSpec.ttlStrategy", "runs are kept until they are deleted"),
    Rule("later", "WorkflowSpec.shutdown", "stop or terminate the run by command instead"),
    Rule("later", "WorkflowSpec.workflowMetadata", "labels and annotations are not added yet"),
    Rule("later", "Volume.image", "volumes of this type are not mounted yet"),
    Rule("later", "VolumeMount.subPathExpr", "variables in it are not replaced yet; use subPath"),
    Rule("later", "*.securityContext *.resources", "limits and privileges are not set yet"),
    Rule(
        "later", "*.livenessProbe *.readinessProbe *.startupProbe *.lifecycle", "nothing probes or signals a task yet"
    ),
    Rule("later", "ValueFrom.jqFilter ValueFrom.jsonPath", "resource templates cannot run yet"),
    Rule("later", "ValueFrom.event", "no event starts a workflow yet"),
)

ROOTS = ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "WorkflowEventBinding")
"""The kinds the table is about; of ConfigMaps and Secrets everything is supported."""


@cache
def _rules_by_pattern() -> dict[str, Rule]:
    return {pattern: rule for rule in RULES for pattern in rule.fields.split()}


@cache
def rule_of(struct: str, field: str) -> Rule:
    """The row that decides a field. Raises `KeyError` when none does."""
    rules = _rules_by_pattern()
    for pattern in (f"{struct}.{field}", f"*.{field}", f"{struct}.*"):
        if pattern in rules:
            return rules[pattern]
    raise KeyError(f"{struct}.{field}")


def decided_fields() -> Iterator[tuple[str, str, Rule]]:
    """Struct, field and row of every field a manifest can reach without passing an unsupported one."""
    waiting: list[type[msgspec.Struct]] = [KINDS[kind] for kind in reversed(ROOTS)]
    seen = set(waiting)
    while waiting:
        struct = waiting.pop()
        for field, shape in fields_of(struct).items():
            rule = rule_of(struct.__name__, field)
            yield struct.__name__, field, rule
            inner = _struct_of(shape)
            if rule.decision == "supported" and inner is not None and inner not in seen:
                seen.add(inner)
                waiting.append(inner)


def notices(document: Document) -> list[Problem]:
    """A notice for each field in use that is ignored or not built yet, at its first place; in the order of the text."""
    uses: dict[tuple[str, str], list[str]] = {}
    for struct, field, path, value in _used(document):
        rule = rule_of(struct, field)
        if value and rule.decision in ("ignored", "later") and not rule.quiet:
            uses.setdefault((struct, field), []).append(path)
    found = []
    for (struct, field), paths in uses.items():
        rule = rule_of(struct, field)
        words = "is ignored" if rule.decision == "ignored" else "is not supported yet"
        more = f"It stands at {len(paths)} places" if len(paths) > 1 else ""
        problem = Problem(f'field "{field}" {words}: {rule.reason}', path=paths[0], hint=more, severity="notice")
        found.append(document.located(problem, of_key=True))
    return found


def refusals(document: Document) -> list[Problem]:
    """A Problem for each field in use without which the manifest would mean something else, and which we cannot serve."""
    return [
        document.located(Problem(f'field "{field}" cannot be served: {rule.reason}', path=path), of_key=True)
        for struct, field, path, _ in _used(document)
        if (rule := rule_of(struct, field)).decision == "refused"
    ]


def _struct_of(shape: Shape) -> type[msgspec.Struct] | None:
    while shape.kind in ("list", "map"):
        shape = shape.inner
    return shape.struct


@cache
def _plan(struct: type[msgspec.Struct]) -> dict[str, Shape | None]:
    """The fields to look at: None where the row says enough, the shape where something below may have a row."""
    plan: dict[str, Shape | None] = {}
    for field, shape in fields_of(struct).items():
        if rule_of(struct.__name__, field).decision != "supported":
            plan[field] = None
        elif _struct_of(shape) is not None:
            plan[field] = shape
    return plan


def _used(document: Document) -> Iterator[tuple[str, str, str, Any]]:
    """Struct, field, path and value of the fields in use that are not supported."""
    if document.kind in ROOTS and document.object is not None:
        yield from _walk(document.body, Shape("struct", struct=KINDS[document.kind]), "")


def _walk(value: Any, shape: Shape, path: str) -> Iterator[tuple[str, str, str, Any]]:
    if shape.kind == "list":
        for index, item in enumerate(value):
            yield from _walk(item, shape.inner, item_path(path, index))
    elif shape.kind == "map":
        for key, part in value.items():
            yield from _walk(part, shape.inner, child_path(path, key))
    else:
        assert shape.struct is not None
        plan = _plan(shape.struct)
        for key, part in value.items():
            if key in plan:
                inner = plan[key]
                if inner is None:
                    yield shape.struct.__name__, key, child_path(path, key), part
                else:
                    yield from _walk(part, inner, child_path(path, key))
