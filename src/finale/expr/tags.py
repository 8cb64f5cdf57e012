"""``{{tags}}`` in a text: simple ones name a variable, those that begin with ``=`` are expressions.

Argo replaces tags in the JSON text of a whole object and decodes the result. Finale works on one string at a time and
gives what would have come out, without the quoting accidents on the way: a value is data, whatever characters it holds.

A tag runs from the first ``{{`` to the first ``}}`` behind it; nothing nests, except that an unknown tag which itself holds
``{{`` has its last inner name replaced, so that the next pass can resolve the rest (``{{inputs.parameters.{{item}}}}``).

Source: argo-workflows util/template; spec/argo-semantics.md §2.7, §2.8.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Protocol

from finale.expr.errors import AbsentOutput, EvaluationFailed, ExpressionInvalid, UnresolvedTag
from finale.expr.flat import expand, merge
from finale.expr.functions.argo import ARGO_FUNCTIONS
from finale.expr.govalues import Struct
from finale.expr.program import compile_expression
from finale.expr.surroundings import FIXED, Surroundings
from finale.expr.values import format_value, to_json

__all__ = ["MISSING", "FlatScope", "Mode", "Scope", "Tag", "Text", "compile_text"]


class Mode(Enum):
    """What happens to a tag whose name is not in scope."""

    LENIENT = "lenient"
    """It stays in the text, for a later pass."""
    STRICT = "strict"
    """It is an error."""
    STRICT_CALLS = "strict for steps and tasks"
    """It is an error under ``steps.`` and ``tasks.``, except artifacts; elsewhere it stays."""


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""What a scope answers for a name that it does not know."""


class Scope(Protocol):
    """The variables that a text may see."""

    def lookup(self, name: str) -> object:
        """The value of a dotted name; None if it is known but absent; `MISSING` if it is unknown."""

    def environment(self) -> Mapping[str, object]:
        """The same variables as nested maps, for expressions (§2.8)."""


class FlatScope:
    """A scope over a flat map of dotted names; what it lacks, `parent` may have."""

    def __init__(self, values: Mapping[str, object], parent: Scope | None = None) -> None:
        self._values = values
        self._parent = parent
        self._environment: dict[str, object] | None = None

    def lookup(self, name: str) -> object:
        """The value of a dotted name, None if absent, `MISSING` if unknown here and above."""
        found = self._values.get(name, MISSING)
        if found is MISSING and self._parent is not None:
            return self._parent.lookup(name)
        return found

    def environment(self) -> Mapping[str, object]:
        """The nested maps, made at the first call and kept: the flat map must not change after it."""
        if self._environment is None:
            own = expand(self._values)
            self._environment = own if self._parent is None else merge(self._parent.environment(), own)
        return self._environment


# Names that a later pass brings. Where an unresolved tag may stay, an expression that lacks one of them stays whole, rather
# than come out as if the name were nil.
_LATE = frozenset({"item", "retries", "workflow.status", "workflow.failures"})
_LATE |= {f"lastRetry.{name}" for name in ("exitCode", "status", "duration", "message")}

# A byte that is not UTF-8, as the value model carries it.
_NO_CHARACTER = re.compile("[\ud800-\udfff]")

# What Go's TrimSpace takes away from a name. Other white space is escaped in the JSON text that Argo works on, where it is
# no white space any more.
_SPACE = " \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: `source` with its braces, from `start` to `end` in the text.

    `name` is the variable of a simple tag, trimmed, or the text of an expression.
    """

    source: str
    name: str
    is_expression: bool
    start: int
    end: int


# Long texts, such as scripts and rendered values, are not worth their memory in a cache.
_KEPT = 4096


def compile_text(text: str) -> "Text":
    """Find the tags of `text`. Nothing fails here: what is wrong with a text shows when it is rendered."""
    return _compiled(text) if len(text) <= _KEPT else Text(text)


@lru_cache(maxsize=16384)
def _compiled(text: str) -> "Text":
    return Text(text)


class Text:
    """A text with its tags found; make it with `compile_text`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._unclosed = -1
        tags: list[Tag] = []
        position = source.find("{{")
        while position >= 0:
            end = source.find("}}", position + 2)
            if end < 0:
                self._unclosed = position
                break
            tags.append(_tag(source, position, end + 2))
            position = source.find("{{", end + 2)
        self.tags = tuple(tags)
        self.is_plain = not tags and self._unclosed < 0
        self._literals = _literals(source, self.tags)
        # By far the most texts are plain or one simple tag.
        self._single = (
            tags[0].name if len(tags) == 1 and not tags[0].is_expression and tags[0].source == source else None
        )

    def render(self, scope: Scope, mode: Mode = Mode.LENIENT, surroundings: Surroundings = FIXED) -> str:
        """The text with its tags replaced.

        Raises `UnresolvedTag`, `AbsentOutput`, `EvaluationFailed` or `ExpressionInvalid` for the first tag that fails.
        """
        if self.is_plain:
            return self.source
        if self._single is not None:
            value = scope.lookup(self._single)
            if value.__class__ is str:
                return value
        if self._unclosed >= 0:
            rest = self.source[self._unclosed + 2 :]
            brief = f'Cannot find end tag="}}}}" in the template="{self.source}" starting from "{rest}"'
            raise ExpressionInvalid(brief, self.source, self._unclosed, 2)
        pieces = [self._literals[0]]
        for tag, literal in zip(self.tags, self._literals[1:], strict=True):
            if tag.is_expression:
                pieces.append(self._evaluated(tag, scope, mode, surroundings))
            else:
                pieces.append(self._looked_up(tag, scope, mode))
            pieces.append(literal)
        return "".join(pieces)

    def names(self) -> frozenset[str]:
        """The names of simple tags, and the dotted constant paths of expressions that parse."""
        found = {tag.name for tag in self.tags if not tag.is_expression}
        for tag in self.tags:
            if tag.is_expression:
                try:
                    paths = compile_expression(tag.name).paths
                except ExpressionInvalid:
                    continue
                found.update(".".join(path) for path in paths)
        return frozenset(found)

    def _looked_up(self, tag: Tag, scope: Scope, mode: Mode) -> str:
        value = scope.lookup(tag.name)
        if value.__class__ is str:
            return value
        inside = tag.source[2:-2]
        if value is None:
            raise AbsentOutput(inside, self.source, tag.start, len(tag.source))
        if value is not MISSING:
            return _shown(value)
        index = inside.rfind("{{")
        if index > 0:
            inner = scope.lookup(inside[index + 2 :])
            if inner is None:
                brief = (
                    f'unable to substitute nested tag {{{{{inside}}}}}: "{inside[index + 2 :]}" is an absent optional'
                )
                raise EvaluationFailed(brief, self.source, tag.start, len(tag.source))
            if inner is not MISSING:
                return f"{{{{{inside[:index]}{_shown(inner)}"
        if _must_resolve(tag.name, mode) and not (mode is Mode.STRICT_CALLS and ".outputs.artifacts." in tag.name):
            raise UnresolvedTag(inside, self.source, tag.start, len(tag.source))
        return tag.source

    def _evaluated(self, tag: Tag, scope: Scope, mode: Mode, surroundings: Surroundings) -> str:
        try:
            program = compile_expression(tag.name)
        except ExpressionInvalid as error:
            raise self._placed(error, tag) from None
        environment = scope.environment()
        # Where every tag may stay, only names that a later pass brings matter.
        asked = _LATE.intersection(program.required) if mode is Mode.LENIENT else program.required
        missing = [path for path in asked if not _is_known(environment, path)]
        for path in missing:
            if _must_resolve(path, mode):
                brief = f"failed to evaluate expression: {path} is missing"
                raise UnresolvedTag(path, self.source, tag.start, len(tag.source), brief=brief)
        may_stay = bool(missing) or mode is Mode.LENIENT
        if may_stay and not _LATE.isdisjoint(missing):
            return tag.source
        try:
            value = program.evaluate(environment, surroundings.at(tag.start))
        except (EvaluationFailed, ExpressionInvalid) as error:
            if may_stay:
                return tag.source
            raise self._placed(error, tag) from None
        if value is None:
            if may_stay:
                return tag.source
            brief = f'failed to evaluate expression "{tag.name}"'
            raise EvaluationFailed(brief, self.source, tag.start, len(tag.source))
        try:
            return _inserted(value)
        except ValueError as error:
            if may_stay:
                return tag.source
            brief = f"failed to marshal evaluated expression: {error}"
            raise EvaluationFailed(brief, self.source, tag.start, len(tag.source)) from None

    def _placed(self, error: EvaluationFailed | ExpressionInvalid, tag: Tag) -> EvaluationFailed | ExpressionInvalid:
        """The error of an expression, told of the text around it."""
        brief = f"failed to evaluate expression: {error.brief}"
        return type(error)(brief, self.source, tag.start + 3 + error.offset, error.length, error.lazy_hint)


def _tag(source: str, start: int, end: int) -> Tag:
    inside = source[start + 2 : end - 2]
    if inside.startswith("="):
        return Tag(source[start:end], inside[1:], True, start, end)
    return Tag(source[start:end], inside.strip(_SPACE), False, start, end)


def _literals(source: str, tags: tuple[Tag, ...]) -> tuple[str, ...]:
    ends = [0, *(tag.end for tag in tags)]
    starts = [*(tag.start for tag in tags), len(source)]
    return tuple(source[end:start] for end, start in zip(ends, starts, strict=True))


def _must_resolve(name: str, mode: Mode) -> bool:
    if mode is Mode.STRICT_CALLS:
        return name.partition(".")[0] in ("steps", "tasks")
    return mode is Mode.STRICT


def _is_known(environment: Mapping[str, object], path: str) -> bool:
    """Whether the environment has the dotted path; a nil at its end counts as known."""
    current: Any = environment
    for index, part in enumerate(path.split(".")):
        if index == 0 and part in ARGO_FUNCTIONS:
            current = ARGO_FUNCTIONS[part]
        elif isinstance(current, Mapping):
            if part not in current:
                return False
            current = current[part]
        elif isinstance(current, Struct):
            if part not in current.fields:
                return False
            current = current.fields[part]
        else:
            return False
    return True


def _inserted(value: object) -> str:
    """An expression's value as it stands in the text: a string as it is, all else as compact JSON."""
    if isinstance(value, str):
        # What is not UTF-8 does not survive JSON.
        return value if value.isascii() else _NO_CHARACTER.sub("\ufffd", value)
    text = to_json(value)
    return text[1:-1] if text[0] == '"' else text


def _shown(value: object) -> str:
    """A value that is no string, for a simple tag: lists and maps as JSON, all else as Go prints it."""
    if isinstance(value, (list, Mapping)):
        return to_json(value)
    return format_value(value)
