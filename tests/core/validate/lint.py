"""Small manifests for the tests of validation: only a spec is written, the rest is always the same."""

import textwrap
from typing import Any

from finale.problems import Problem
from finale.spec.load import load_text
from finale.validate import Definitions, validate_document

OK = "{name: ok, container: {image: busybox, command: ['true']}}"
SAY = (
    "{name: say, inputs: {parameters: [{name: message}]}, container: {image: busybox, command: [echo],"
    ' args: ["{{inputs.parameters.message}}"]}}'
)
MAKE = (
    "{name: make, container: {image: busybox, command: [make]}, outputs: {parameters: [{name: word, valueFrom: {path: /w}}],"
    " artifacts: [{name: file, path: /f}]}}"
)


def manifest(spec: str, *, kind: str = "Workflow", name: str = "w") -> str:
    """A document around a spec."""
    head = f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
    return head + textwrap.indent(textwrap.dedent(spec).strip("\n"), "  ") + "\n"


def problems(
    spec: str, *, stored: str = "", kind: str = "Workflow", submitted: bool = True, **options: Any
) -> list[Problem]:
    """All Problems of a manifest with this spec; `stored` are whole documents that it may refer to."""
    text = spec if spec.startswith("apiVersion") else manifest(spec, kind=kind)
    known = (
        Definitions.of(document.object for document in load_text(stored, "stored.yaml")) if stored else Definitions()
    )
    (document,) = load_text(text, "w.yaml")
    return validate_document(document, known, submitted=submitted, **options)


def errors(spec: str, **options: Any) -> list[str]:
    """The texts of all errors."""
    return [problem.text() for problem in problems(spec, **options) if problem.severity == "error"]


def refusal(spec: str, **options: Any) -> Problem:
    """The one error of a manifest that has exactly one."""
    found = [problem for problem in problems(spec, **options) if problem.severity == "error"]
    assert len(found) == 1, "\n".join(problem.text() for problem in found) or "accepted"
    return found[0]


def accepted(spec: str, **options: Any) -> list[Problem]:
    """What there is to say of a manifest without errors."""
    found = problems(spec, **options)
    assert not [problem for problem in found if problem.severity == "error"], found[0].text()
    return found


def warning(spec: str, **options: Any) -> Problem:
    """The one warning of a manifest that is accepted."""
    found = [problem for problem in accepted(spec, **options) if problem.severity == "warning"]
    assert len(found) == 1, "\n".join(problem.text() for problem in found) or "no warning"
    return found[0]


def argo_words(spec: str, **options: Any) -> list[str]:
    """Argo's own words for each error."""
    found = [problem.what for problem in problems(spec, **options) if problem.severity == "error"]
    return [what.partition("(Argo: ")[2].removesuffix(")") for what in found]
