"""What a user may get wrong: exit code 2, a text that says where, what and what to do, and nothing is stored."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from program.home import PATIENCE_S, HomeFolder

pytestmark = pytest.mark.program

PLAIN = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: plain}
spec:
  entrypoint: main
  arguments: {parameters: [{name: colour, value: red, enum: [red, green]}]}
  templates:
  - name: main
    container: {image: busybox, command: [echo, "{{workflow.parameters.colour}}"]}
"""
STEPS = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: steps}
spec:
  entrypoint: main
  templates:
  - name: main
    steps:
    - - name: first
        template: paint
        arguments: {parameters: [{name: colour, value: red}]}
      - name: second
        template: paint
        arguments: {parameters: [{name: colour, value: red}]}
  - name: paint
    inputs: {parameters: [{name: colour}]}
    container: {image: busybox, command: [echo, "{{inputs.parameters.colour}}"]}
"""
CYCLE = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: cycle}
spec:
  entrypoint: main
  templates:
  - name: main
    dag:
      tasks:
      - {name: a, template: ok, depends: b}
      - {name: b, template: ok, depends: a}
  - name: ok
    container: {image: busybox, command: ['true']}
"""
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


class Mistake(NamedTuple):
    """A file, and what is said about it: where, what is wrong, what was expected or will help."""

    content: str | bytes
    where: str
    what: str
    remedy: str


def changed(old: str, new: str, text: str = PLAIN) -> str:
    """The text with its first `old` replaced; it must be there."""
    assert old in text
    return text.replace(old, new, 1)


MISTAKES = {
    "misspelt field": Mistake(
        changed("entrypoint", "entrypiont"),
        ":5:3: spec.entrypiont:", 'unknown field "entrypiont"', 'Did you mean "entrypoint"?',
    ),
    "unknown field": Mistake(
        changed("image: busybox", "picture: busybox, image: busybox"),
        ":9:17: spec.templates[0].container.picture:", 'unknown field "picture"', "",
    ),
    "wrong type": Mistake(
        changed("image: busybox", "image: [busybox]"),
        ":9:24: spec.templates[0].container.image:", "found a list", "expected a string",
    ),
    "tab": Mistake(
        changed("  entrypoint", "\tentrypoint"), ":5:1:", "a tab stands in the indentation", "Replace tabs by spaces"
    ),
    "bad indent": Mistake(
        changed("  arguments", " arguments"), ":6:2:", "does not fit the lines above", "Align it with its neighbours"
    ),
    "duplicate key": Mistake(
        changed("  arguments", "  entrypoint: other\n  arguments"),
        ":6:3: spec.entrypoint:", 'the key "entrypoint" appears twice', "the first is on line 5",
    ),
    "alias bomb": Mistake(BOMB, ":7:8:", "aliases blow this document up", "more than 1,000,000 values"),
    "binary file": Mistake(b"\x7fELF\x02\x01\x01\xff\xfe" * 99, ":1:1:", "the file is not text", "a manifest in UTF-8"),
    "empty file": Mistake("", ":1:1:", "there is no document in it", "expected a manifest"),
    "only comments": Mistake("# one\n\n# two\n", ":1:1:", "there is no document in it", "expected a manifest"),
    "NUL": Mistake(changed("busybox", "busy\0box"), ":9:28:", "holds a NUL character", "plain text"),
    "unknown kind": Mistake(
        changed("kind: Workflow", "kind: Workfow"), ":2:7: kind:", 'unknown kind "Workfow"', 'Did you mean "Workflow"?'
    ),
    "kind of a template": Mistake(
        changed("kind: Workflow", "kind: WorkflowTemplate"),
        ":2:7: kind:", 'found a document of kind "WorkflowTemplate"', "finale submit --from workflowtemplate/plain",
    ),
    "missing template": Mistake(
        changed("template: paint", "template: pain", STEPS),
        ":10:19: spec.templates[0].steps[0][0].template:", 'no template named "pain"', 'Did you mean "paint"?',
    ),
    "missing entrypoint": Mistake(
        changed("  entrypoint: main\n", ""),
        ":4:1: spec:", "nothing says which template to begin with", "Add entrypoint: main",
    ),
    "unknown entrypoint": Mistake(
        changed("entrypoint: main", "entrypoint: mian"),
        ":5:15: spec.entrypoint:", 'no template named "mian"', 'Did you mean "main"?',
    ),
    "cycle": Mistake(CYCLE, ":10:42: spec.templates[0].dag.tasks[0].depends:", "tasks wait for each other", "a -> b -> a"),
    "duplicate names": Mistake(
        changed("name: second", "name: first", STEPS),
        ":12:15: spec.templates[0].steps[0][1].name:", 'two steps named "first"', "is not unique",
    ),
    "duplicate templates": Mistake(
        changed("name: paint\n    inputs", "name: main\n    inputs", STEPS),
        ":15:11: spec.templates[1].name:", 'two templates named "main"', "",
    ),
    "invalid step name": Mistake(
        changed("name: second", "name: se.cond", STEPS),
        ":12:15: spec.templates[0].steps[0][1].name:", '"se.cond" cannot be the name of a step', "alpha-numeric",
    ),
    "invalid run name": Mistake(
        changed("name: plain", "name: Not_A_Name"),
        ":3:18: metadata.name:", '"Not_A_Name" cannot be the name of an object', '"not-a-name" would do',
    ),
    "missing parameter": Mistake(
        changed("        arguments: {parameters: [{name: colour, value: red}]}\n", "", STEPS),
        ":9:9: spec.templates[0].steps[0][0]:", 'needs the parameter "colour"', "Give it in arguments.parameters",
    ),
    "missing value": Mistake(
        changed(", value: red, enum: [red, green]", ""),
        ":6:28: spec.arguments.parameters[0]", "colour", "-p",
    ),
    "outside its enum": Mistake(
        changed("value: red", "value: blue"),
        ":6:50: spec.arguments.parameters[0].value:", '"blue" is not a value', 'expected one of "red", "green"',
    ),
    "unknown variable in a tag": Mistake(
        changed("inputs.parameters.colour}}", "inputs.parameters.color}}", STEPS),
        ":17:49: spec.templates[1].container.command[1]:", 'unknown variable "inputs.parameters.color"',
        'Did you mean "inputs.parameters.colour"?',
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeFolder]:
    """One home for all mistakes: none of them may leave a trace in it."""
    home = HomeFolder(tmp_path_factory.mktemp("bad-input"))
    yield home
    home.end()


def refused(home: HomeFolder, done: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    """The command ended with 2 and one clear text, and nothing is stored."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    for part in parts:
        assert part in done.stderr
    assert home.finale("list", "-A", "-o", "name").stdout == ""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_manifest_is_refused_with_its_place_and_what_to_do(shared: HomeFolder, name: str) -> None:
    mistake = MISTAKES[name]
    file = shared.file("w.yaml", mistake.content)
    refused(shared, shared.finale("submit", file), f"{file}{mistake.where}", mistake.what, mistake.remedy)


def test_all_mistakes_of_a_file_are_told_at_once(shared: HomeFolder) -> None:
    text = changed("template: paint", "template: pain", changed("name: second", "name: first", STEPS))
    done = shared.finale("submit", shared.file("w.yaml", text))
    refused(shared, done, 'no template named "pain"', 'two steps named "first"')


def test_a_file_of_100_megabytes_is_refused_at_once(shared: HomeFolder) -> None:
    file = shared.folder / "big.yaml"
    with file.open("wb") as stream:
        stream.truncate(100 * 1000 * 1000)
    refused(shared, shared.finale("submit", str(file)), f"{file}:1:1:", "more than 67,108,864 bytes")


def test_a_file_that_is_not_there_is_named(shared: HomeFolder) -> None:
    refused(shared, shared.finale("submit", "/nowhere/w.yaml"), "/nowhere/w.yaml: no such file")


def test_a_folder_is_no_manifest_and_its_files_are_pointed_at(shared: HomeFolder) -> None:
    refused(shared, shared.finale("submit", str(shared.folder)), f"{shared.folder}: this is a folder", "/*.yaml")


def test_a_file_without_permission_says_so(shared: HomeFolder) -> None:
    file = shared.file("secret.yaml", PLAIN)
    Path(file).chmod(0)
    refused(shared, as_anybody(shared, "submit", file), f"{file}: cannot be read: Permission denied")


def test_a_parameter_without_an_equals_sign_is_refused(shared: HomeFolder) -> None:
    done = shared.finale("submit", shared.file("w.yaml", PLAIN), "-p", "colour")
    refused(shared, done, '-p "colour"', "expected parameter of the form: NAME=VALUE")


def test_a_parameter_outside_its_enum_is_refused_by_its_flag(shared: HomeFolder) -> None:
    done = shared.finale("submit", shared.file("w.yaml", PLAIN), "-p", "colour=blue")
    refused(shared, done, 'w.yaml: -p colour: "blue" is not a value', 'expected one of "red", "green"')


def test_an_unknown_verb_is_refused_with_the_nearest(shared: HomeFolder) -> None:
    refused(shared, shared.finale("sumbit", "w.yaml"), 'unknown command "sumbit"', 'Did you mean "submit"?')


def test_an_unknown_flag_is_refused_with_the_nearest(shared: HomeFolder) -> None:
    refused(shared, shared.finale("submit", "--wacth", "w.yaml"), "--wacth", "--watch")


@pytest.mark.parametrize("verb", ["get", "watch", "wait", "logs", "stop", "terminate", "suspend", "resume"])
def test_an_unknown_run_is_named(shared: HomeFolder, verb: str) -> None:
    done = shared.finale(verb, "nothere")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert '"nothere" not found' in done.stderr


def test_a_name_that_is_taken_is_refused_and_the_first_run_stays(home: HomeFolder) -> None:
    file = home.file("w.yaml", PLAIN)
    assert home.finale("submit", "--wait", file).returncode == 0
    before = home.finale("get", "plain", "-o", "json").stdout
    again = home.finale("submit", file)
    assert (again.returncode, again.stdout) == (2, "")
    assert f'{file}: workflows.argoproj.io "plain" already exists' in again.stderr
    assert home.finale("get", "plain", "-o", "json").stdout == before


def test_what_is_only_suspicious_is_said_and_the_run_goes_on(home: HomeFolder) -> None:
    file = home.file("w.yaml", PLAIN)
    done = home.finale("submit", "--wait", file, "-p", "colur=green")
    assert done.returncode == 0
    assert f'notice: {file}: the workflow does not declare the parameter "colur"' in done.stderr
    assert 'Did you mean "colour"?' in done.stderr
    text = changed("{{inputs.parameters.colour}}", "{{=inputs.parameters.color ?? 'none'}}", STEPS)
    done = home.finale("submit", "--wait", home.file("x.yaml", text))
    assert re.search(r"warning: \S+x.yaml:17:\d+: spec.templates\[1\].container.command\[1\]: ", done.stderr)
    assert "inputs.parameters.color" in done.stderr


_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_PR_CAPBSET_DROP = 24


def as_anybody(home: HomeFolder, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command for which permissions count, although we may be root."""
    drop = (
        "import ctypes, os, sys\n"
        f"for capability in ({_CAP_DAC_OVERRIDE}, {_CAP_DAC_READ_SEARCH}):\n"
        f"    ctypes.CDLL(None).prctl({_PR_CAPBSET_DROP}, capability)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'finale', *sys.argv[1:]])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", drop, *words],
        env=home.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
