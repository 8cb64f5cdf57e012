"""Tags and expressions, judged against what their place sees.

A simple tag that names nothing is refused where Argo refuses it and warned of where Argo lets it pass. An expression must
be one: what does not parse, or calls a function that does not exist, is an error (Argo leaves such text as it stands,
spec/argo-semantics.md §12 D46). A variable that an expression reads in vain is a warning, for `??` may be waiting for it.
"""

from typing import Any, cast

from finale.expr.errors import ExpressionInvalid
from finale.expr.functions import FUNCTIONS
from finale.expr.functions.argo import ARGO_FUNCTIONS
from finale.expr.loops import LOOPS
from finale.expr.parser import parse
from finale.expr.program import compile_expression
from finale.expr.tags import compile_text
from finale.expr.tree import Call, Literal, Member, Name, children
from finale.problems import did_you_mean
from finale.validate.findings import Findings, excerpt, nearest
from finale.validate.scope import Scope, Verdict
from finale.validate.texts import fill, tagged_texts

__all__ = ["check_expression", "check_tags", "check_text"]

_SPRIG = cast("dict[str, object]", ARGO_FUNCTIONS["sprig"])


def check_tags(found: Findings, value: Any, path: str, label: str, scope: Scope, *, is_strict: bool = True) -> None:
    """All tags below `value` (plain JSON). `label` precedes Argo's words; not `is_strict`: Argo does not look here."""
    for where, text in tagged_texts(value, path):
        check_text(found, where, text, label, scope, is_strict=is_strict)


def check_text(found: Findings, path: str, text: str, label: str, scope: Scope, *, is_strict: bool = True) -> None:
    """The tags of one text."""
    tags = compile_text(text).tags
    if any("{{" in tag.name for tag in tags if not tag.is_expression):
        text = fill(text, scope.value_of)
        tags = compile_text(text).tags
    unclosed = text.find("{{", tags[-1].end if tags else 0)
    if unclosed >= 0:
        argo = 'Cannot find end tag="}}"'
        found.error(path, 'a "{{" without "}}" behind it', argo=argo, excerpt=excerpt(text, unclosed, 2))
    told: set[str] = set()
    for tag in tags:
        if tag.is_expression:
            check_expression(found, path, tag.name, scope, within=text, at=tag.start + 3)
            continue
        name = tag.name
        verdict = Verdict.KNOWN if name in told else scope.judge(name)
        if verdict is Verdict.KNOWN:
            continue
        told.add(name)
        shown = excerpt(text, tag.start, tag.end - tag.start)
        if verdict is Verdict.UNKNOWN and is_strict:
            argo = f"{label} failed to resolve {tag.source}"
            found.error(
                path,
                f'unknown variable "{name}"',
                argo=argo,
                expected=_in_scope(found, scope),
                hint=_hint(found, name, scope),
                excerpt=shown,
            )
        elif verdict is Verdict.UNKNOWN:
            hint = _hint(found, name, scope)
            found.warning(
                path, f'unknown variable "{name}"', expected=_in_scope(found, scope), hint=hint, excerpt=shown
            )
        else:
            found.warning(path, f'"{name}" has no value here when this runs', hint=_loose_hint(name), excerpt=shown)


def _in_scope(found: Findings, scope: Scope) -> str:
    return scope.words() if found.hints_are_welcome else ""


def _hint(found: Findings, name: str, scope: Scope) -> str:
    if not found.hints_are_welcome:
        return ""
    word, _, rest = name.partition(".")
    node, _, attribute = rest.partition(".")
    nodes = scope.nodes
    if nodes is not None and word == nodes.word and attribute in nodes.attributes(node):
        return _loose_hint(name)
    return nearest(found, name, scope.candidates())


def _loose_hint(name: str) -> str:
    if name.startswith("tasks."):
        return f'Make this task depend on "{name.split(".")[1]}"'
    if name.startswith("steps."):
        return "Only steps of earlier groups have results"
    return "There is no loop here"


def check_expression(
    found: Findings,
    path: str,
    source: str,
    scope: Scope | None,
    *,
    plain: bool = False,
    names: frozenset[str] = frozenset(),
    within: str = "",
    at: int = 0,
) -> None:
    """One expression. `plain`: without Argo's and sprig's functions; `names`: variables that exist besides the scope's.

    `scope` None: nothing but `names` exists. `within` and `at`: the text around it, for the excerpt.
    """
    whole = within or source
    try:
        program = compile_expression(source, plain=plain)
    except ExpressionInvalid as error:
        shown = excerpt(whole, at + error.offset, error.length)
        found.error(path, f"the expression cannot be understood: {error.brief}", hint=error.hint, excerpt=shown)
        return
    unknown = _unknown_functions(source, program.names - names)
    for function, offset in unknown.items():
        found.error(
            path,
            f'there is no function "{function}"',
            hint=nearest(found, function, _known_functions(function, plain)),
            excerpt=excerpt(whole, at + offset, len(function.removeprefix("sprig."))),
        )
    for member in program.paths:
        if member[0] in unknown or member[0] in names:
            continue
        if scope is None or scope.judge_path(member) is Verdict.UNKNOWN:
            dotted = ".".join(member)
            hint = did_you_mean(dotted, scope.candidates()) if scope is not None and found.hints_are_welcome else ""
            shown = excerpt(whole, at, len(source))
            expected = _in_scope(found, scope) if scope is not None else f"in scope here: {', '.join(sorted(names))}"
            found.warning(
                path, f'unknown variable "{dotted}" in the expression', expected=expected, hint=hint, excerpt=shown
            )


def _unknown_functions(source: str, free: frozenset[str]) -> dict[str, int]:
    """Calls of what is no function, with their offsets: a free name stands where a function has to, or a strange sprig."""
    if not free and "sprig" not in source:
        return {}
    calls: dict[str, int] = {}
    stack = [parse(source)]
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            callee = node.callee
            if isinstance(callee, Name) and callee.name in free:
                calls.setdefault(callee.name, callee.start)
            elif isinstance(callee, Member) and isinstance(callee.base, Name) and callee.base.name == "sprig":
                name = callee.property.value if isinstance(callee.property, Literal) else None
                if isinstance(name, str) and name not in _SPRIG:
                    calls.setdefault(f"sprig.{name}", callee.property.start)
        stack.extend(children(node))
    return calls


def _known_functions(like: str, plain: bool) -> list[str]:
    if like.startswith("sprig."):
        return [f"sprig.{name}" for name in _SPRIG]
    own = {*FUNCTIONS, *LOOPS}
    return sorted(own if plain else own | set(ARGO_FUNCTIONS))
