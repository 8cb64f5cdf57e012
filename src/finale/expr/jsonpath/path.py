"""Path text → steps: first cut into parts at dots and brackets, then each part read.

Both halves go character by character with counters for quotes and brackets, as the library does: where a quote or a
bracket stands unbalanced, its reading is what counts.
"""

from collections.abc import Callable

from finale.expr.gonumber import NumberInvalid, parse_int
from finale.expr.jsonpath.steps import (
    Current,
    Expression,
    Filter,
    Index,
    Key,
    Length,
    PathFailed,
    Recursive,
    Root,
    Script,
    Slice,
    Step,
    Union,
    Wildcard,
)

__all__ = ["parse_step", "split_path"]

_Compile = Callable[[str], Expression]
_Argument = int | str | None


def split_path(path: str) -> list[str]:
    """The parts of a path: ``$.a['b']..c`` → ``$``, ``a``, ``['b']``, ``..``, ``c``. Raises `PathFailed`."""
    if not path:
        raise PathFailed("unexpected token '' at index 0")
    if path[0] not in "$@":
        raise PathFailed(f"unexpected token '{path[0]}' at index 0")
    if len(path) > 1 and path[1] not in ".[":
        raise PathFailed(f"unexpected token '{path[1]}' at index 1")
    parts, part = [path[0]], ""
    quotes = opened = closed = brackets_opened = brackets_closed = 0
    for character in path[1:]:
        if not part:
            quotes = opened = closed = 0
        quotes += character == "'"
        opened += character == "("
        closed += character == ")"
        brackets_opened += character == "["
        brackets_closed += character == "]"
        part += character
        if part in (".", "[", ".["):
            continue
        if part == "..":
            parts.append(part)
            part = ""
        elif character == "[":
            if part.count("[") == 1:
                parts.append(part[:-1].removeprefix("."))
                part = "["
        elif quotes % 2 or opened != closed:
            continue
        elif "[" in part:
            if character == "]" and brackets_opened == brackets_closed:
                parts.append(part.removeprefix("."))
                part = ""
        elif character == ".":
            parts.append(part[:-1].removeprefix("."))
            part = "."
    if part:
        parts.append(part.removeprefix("."))
    return parts


def parse_step(part: str, compile_script: _Compile) -> Step:
    """The step that one part of a path means. Raises `PathFailed`."""
    part = part.strip()
    match part:
        case "":
            raise PathFailed("invalid token. token string is empty")
        case "$":
            return Root()
        case "@":
            return Current()
        case "*":
            return Wildcard()
        case "..":
            return Recursive()
        case "length":
            return Length()
    if not part.startswith("["):
        return Key(part)
    subscript = part[1:-1].strip()
    if not part.endswith("]") or not subscript:
        raise _no_format(part)
    if subscript == "*":
        return Wildcard()
    if subscript.startswith("?"):
        if not subscript.startswith("?(") or not subscript.endswith(")"):
            raise _no_format(part)
        return Filter(compile_script(subscript[2:-1].strip()))
    return _subscript(part, _arguments(part, subscript), compile_script)


def _no_format(part: str) -> PathFailed:
    return PathFailed(f"invalid token. '{part}' does not match any token format")


def _is_script(text: str) -> bool:
    return len(text) > 2 and text[0] == "(" and text[-1] == ")"


def _is_key(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] and text[0] in "'\""


def _integer(text: str) -> int | str:
    try:
        return parse_int(text)
    except NumberInvalid:
        return text


def _arguments(part: str, subscript: str) -> list[_Argument]:
    """What stands in the brackets: numbers, quoted keys and scripts as they are, and the signs between them."""
    arguments: list[_Argument] = []
    text = ""
    opened = closed = 0
    quote = ""
    for index, character in enumerate(subscript):
        text += character
        in_script = opened != closed
        if character == " ":
            if not quote and not in_script:
                text = text.strip()
        elif character == "(":
            opened += not quote
        elif character == ")":
            closed += 1
            if opened == closed:
                if not _is_script(text):
                    raise PathFailed(f"invalid expression. invalid format '{text}'")
                arguments.append(text)
                text = ""
        elif character in "'\"" and not in_script and quote in ("", character):
            if text[-2:-1] == "\\":
                text = text[:-2] + character
                continue
            quote = "" if quote else character
            if (quote and text != quote) or (not quote and not _is_key(text)):
                raise _no_format(part)
            if not quote:
                arguments.append(text)
                text = ""
        elif character in ":," and not quote and not in_script:
            argument = text[:-1]
            if argument:
                number = _integer(argument)
                if character == ":" and isinstance(number, str):
                    raise _no_format(part)
                arguments.append(number)
            elif character == ":" and index == 0:
                arguments.append(None)
            arguments.append(character)
            text = ""
    return [*arguments, _integer(text)] if text else arguments


def _subscript(part: str, arguments: list[_Argument], compile_script: _Compile) -> Step:
    if len(arguments) == 1:
        only = arguments[0]
        if isinstance(only, int):
            return Index(only)
        if only and _is_key(only):
            return Key(only[1:-1])
        if only and _is_script(only):
            return Script(compile_script(only[1:-1]))
        raise _no_format(part)
    values: list[_Argument] = []
    colons = commas = 0
    after_colon = False
    for argument in arguments:
        if argument == ":":
            colons += 1
            if after_colon:
                values.append(None)
        elif argument == ",":
            commas += 1
        else:
            values.append(argument)
        after_colon = argument == ":"
    if commas and not colons and commas < len(values):
        return Union(tuple(_union_part(part, value, compile_script) for value in values))
    if colons in (1, 2) and not commas:
        bounds = [_bound(value, compile_script) for value in [*values, None, None][:3]]
        return Slice(*bounds)
    raise _no_format(part)


def _union_part(part: str, value: _Argument, compile_script: _Compile) -> str | int | Expression:
    if isinstance(value, int):
        return value
    if value and _is_script(value):
        return _compiled(value, compile_script)
    if value and _is_key(value):
        return value[1:-1]
    raise _no_format(part)


def _bound(value: _Argument, compile_script: _Compile) -> int | Expression | None:
    if not isinstance(value, str):
        return value
    if not _is_script(value):
        raise PathFailed(f"invalid expression. invalid format '{value}'")
    return _compiled(value, compile_script)


def _compiled(script: str, compile_script: _Compile) -> Expression:
    try:
        return compile_script(script[1:-1])
    except PathFailed as error:
        raise PathFailed(f"invalid expression. {error}") from None
