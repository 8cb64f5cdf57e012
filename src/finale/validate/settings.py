"""What a workflow's spec says once for the whole run: clean-up, pods, plugins, and words out of a fixed set.

Source: Workflow, validatePodResources and validateExecutorPlugins in argo-workflows workflow/validate/validate.go; the
sets of words in pkg/apis/workflow/v1alpha1/workflow_types.go.
"""

from finale.problems import did_you_mean
from finale.spec.generated.argo import ExecutorPlugin, ResourceRequirements, WorkflowSpec
from finale.validate.findings import Findings

__all__ = ["check_pod_resources", "check_settings"]

_POD_GC = ("OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess")
_CLAIM_GC = ("OnWorkflowCompletion", "OnWorkflowSuccess")
_ARTIFACT_GC = ("OnWorkflowCompletion", "OnWorkflowDeletion", "Never")
_SHUTDOWN = ("Stop", "Terminate")
_OF_POD = frozenset({"cpu", "memory"})


def check_settings(found: Findings, path: str, spec: WorkflowSpec) -> None:
    """The settings of a spec; limits of time and number are elsewhere."""
    if spec.pod_gc is not None and spec.pod_gc.strategy and spec.pod_gc.strategy not in _POD_GC:
        strategy = spec.pod_gc.strategy
        found.error(
            f"{path}.podGC.strategy",
            f'"{strategy}" is not a strategy',
            argo=f"podGC.strategy unknown strategy '{strategy}'",
            expected=f"expected one of {', '.join(_POD_GC)}",
            hint=did_you_mean(strategy, _POD_GC),
        )
    claims, artifacts = spec.volume_claim_gc, spec.artifact_gc
    _check_word(found, f"{path}.volumeClaimGC.strategy", claims.strategy if claims else None, _CLAIM_GC)
    _check_word(found, f"{path}.artifactGC.strategy", artifacts.strategy if artifacts else None, _ARTIFACT_GC)
    _check_word(found, f"{path}.shutdown", spec.shutdown, _SHUTDOWN)
    check_pod_resources(found, f"{path}.podResources", "spec.podResources", spec.pod_resources)
    for index, plugin in enumerate(spec.executor_plugins or ()):
        if fault := _plugin_fault(plugin):
            argo = f"spec.executorPlugins: {fault}"
            found.error(f"{path}.executorPlugins[{index}]", "the plugin is not complete", argo=argo)


def _check_word(found: Findings, path: str, word: str | None, words: tuple[str, ...]) -> None:
    if word and word not in words:
        expected, hint = f"expected one of {', '.join(words)}", did_you_mean(word, words)
        found.warning(path, f'"{word}" means nothing here', expected=expected, hint=hint)


def check_pod_resources(found: Findings, path: str, label: str, resources: ResourceRequirements | None) -> None:
    """Resources of a pod as a whole: processor, memory and huge pages, no claims. `label` is Argo's name for them."""
    if resources is None:
        return
    if resources.claims:
        argo = f"{label}.claims is not supported for pod-level resources"
        found.error(f"{path}.claims", "a pod as a whole makes no claims", argo=argo)
    for part in (resources.limits, resources.requests):
        for name in part or ():
            if name not in _OF_POD and not name.startswith("hugepages-"):
                argo = f'{label}: "{name}" is not a valid pod-level resource, only cpu, memory and hugepages-* are supported'
                found.error(path, f'"{name}" cannot be limited for a pod as a whole', argo=argo)


def _plugin_fault(plugin: ExecutorPlugin) -> str:
    if plugin.metadata is None or not plugin.metadata.name:
        return "executor plugin metadata name is mandatory"
    container = plugin.spec.sidecar.container if plugin.spec is not None and plugin.spec.sidecar is not None else None
    resources = container.resources if container is not None else None
    if container is None or not container.ports:
        return "at least one port is mandatory"
    if resources is None or resources.requests is None:
        return "resources requests are mandatory"
    if resources.limits is None:
        return "resources limits are mandatory"
    return "" if container.security_context is not None else "security context is mandatory"
