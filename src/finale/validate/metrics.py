"""Prometheus metrics that a template emits.

Source: validateTemplate in argo-workflows workflow/validate/validate.go; workflow/metrics/util.go.
"""

import re

from finale.spec.generated.argo import Prometheus
from finale.validate.findings import Findings
from finale.validate.references import Target

__all__ = ["check_metrics"]

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ALLOWED = "may only contain alphanumeric characters or '_'"


def check_metrics(target: Target) -> None:
    """Names, labels, help and values."""
    template, found = target.template, target.holder.found
    for index, metric in enumerate((template.metrics.prometheus if template.metrics else None) or ()):
        path, name = f"{target.path}.metrics.prometheus[{index}]", metric.name or ""
        if not _NAME.fullmatch(name):
            argo = f"{target.label} metric name '{name}' is invalid. Metric names must contain alphanumeric characters or '_'"
            found.error(f"{path}.name", f'"{name}" cannot be the name of a metric', argo=argo)
        for position, label in enumerate(metric.labels or ()):
            if not _NAME.fullmatch(label.key or ""):
                argo = f"metric label '{label.key or ''}' is invalid: keys {_ALLOWED}"
                found.error(
                    f"{path}.labels[{position}].key", f'"{label.key or ""}" cannot be the key of a label', argo=argo
                )
        if not metric.help:
            argo = f"{target.label} metric '{name}' must contain a help string under 'help: ' field"
            found.error(path, f'metric "{name}" has no help text', argo=argo)
        _check_values(found, path, f"{target.label} metric '{name}' error:", metric)


def _check_values(found: Findings, path: str, label: str, metric: Prometheus) -> None:
    for kind, part in (("gauge", metric.gauge), ("counter", metric.counter), ("histogram", metric.histogram)):
        if part is not None and not part.value:
            found.error(f"{path}.{kind}", "the metric has no value", argo=f"{label} missing {kind}.value")
    gauge = metric.gauge
    if gauge is not None and gauge.realtime and "resourcesDuration." in (gauge.value or ""):
        argo = f"{label} 'resourcesDuration.*' metrics cannot be used in real-time"
        found.error(f"{path}.gauge.value", "resources are known only at the end", argo=argo)
