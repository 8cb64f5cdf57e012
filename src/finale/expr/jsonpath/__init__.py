"""The `jsonpath()` function of Argo's expressions: ``jsonpath(text, '$.a[0].b')``.

The dialect is that of github.com/evilmonkeyinc/jsonpath v0.8, which Argo uses: one value for a definite path and an
error when it is not there, a list for wildcards, slices, unions, filters and ``..``; ``.length``; scripts in
parentheses. Its filter language is simple-minded in places, and manifests that work there must work here, so its rules
are followed, not improved.

    steps.py    the parts of a path and what each does to a value
    path.py     path text → steps
    script.py   filter and script text → something that can be evaluated
"""

from functools import lru_cache

from finale.expr.jsonpath.path import parse_step, split_path
from finale.expr.jsonpath.script import ScriptCompiler
from finale.expr.jsonpath.steps import Document, PathFailed, Step
from finale.expr.values import from_json

__all__ = ["find"]


def find(document_json: str, path: str) -> object:
    """What `path` selects in the JSON text `document_json`; numbers are floats, lengths int64.

    Raises ``ValueError`` in the words of Argo's library.
    """
    try:
        root = from_json(document_json)
        steps = _compiled(path)
        return steps[0].apply(Document(root), root, steps[1:])
    except PathFailed as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("the document or the path is nested too deeply") from None


@lru_cache(maxsize=512)
def _compiled(path: str) -> tuple[Step, ...]:
    compiler = ScriptCompiler()
    try:
        return tuple(parse_step(part, compiler.compile) for part in split_path(path))
    except PathFailed as error:
        raise PathFailed(f"invalid JSONPath selector '{path}' {error}") from None
