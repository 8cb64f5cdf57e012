"""A bare ``y`` or ``n``: text where text is wanted, a boolean where nothing else fits (docs/differences.md)."""

import pytest

from finale.spec.load import load_text

MANIFEST = """
kind: Workflow
apiVersion: argoproj.io/v1alpha1
metadata: {name: w}
spec:
  entrypoint: main
  suspend: %s
  arguments: {parameters: [{name: y, value: n}]}
  templates:
  - name: main
    container: {image: busybox}
"""


@pytest.mark.parametrize(("word", "value"), [("y", True), ("N", False), ("yes", True), ("off", False)])
def test_a_boolean_field_takes_every_word_go_takes(word: str, value: bool) -> None:
    (document,) = load_text(MANIFEST % word, "w.yaml")
    assert not document.problems
    assert document.body["spec"]["suspend"] is value


def test_text_stays_text() -> None:
    (document,) = load_text(MANIFEST % "true", "w.yaml")
    assert document.body["spec"]["arguments"]["parameters"] == [{"name": "y", "value": "n"}]
