"""Functions of strings. Positions and lengths that Go counts in bytes of UTF-8 are counted so here."""

from finale.expr.functions.table import Entry, Run, text_of, typed
from finale.expr.gotext import as_bytes
from finale.expr.govalues import NilList, NilStrings, Strings, type_text
from finale.expr.letters import WHITE_SPACE, lower, upper
from finale.expr.operators import to_int

__all__ = ["STRINGS"]

_REPEAT_LIMIT = 1_000_000


def _trim(run: Run, text: object, cutset: object = WHITE_SPACE) -> str:
    return text_of(text).strip(text_of(cutset))


def _split(run: Run, text: object, separator: object, limit: object = -1) -> Strings:
    return _cut(run, text_of(text), text_of(separator), to_int(limit), keep=False)


def _split_after(run: Run, text: object, separator: object, limit: object = -1) -> Strings:
    return _cut(run, text_of(text), text_of(separator), to_int(limit), keep=True)


def _cut(run: Run, text: str, separator: str, limit: int, *, keep: bool) -> Strings:
    """The pieces between separators, at most `limit` unless that is negative; `keep` leaves separators in place."""
    if limit == 0:
        return NilStrings()
    if not separator:
        pieces = list(text) if limit < 0 or limit >= len(text) else [*text[: limit - 1], text[limit - 1 :]]
    else:
        pieces = text.split(separator, limit - 1 if limit > 0 else -1)
        if keep:
            pieces = [piece + separator for piece in pieces[:-1]] + pieces[-1:]
    run.spend(len(pieces) * 16 + len(text))
    return Strings(pieces)


def _replace(run: Run, text: object, old: object, new: object, limit: object = -1) -> str:
    source, before, after, count = text_of(text), text_of(old), text_of(new), to_int(limit)
    if count < 0:
        count = -1
    found = source.count(before)
    run.spend(len(source) + len(after) * (found if count < 0 else min(found, count)))
    return source.replace(before, after, count)


def _repeat(run: Run, text: object, times: object) -> str:
    source, count = text_of(text), to_int(times)
    if count < 0:
        raise ValueError(f"invalid argument for repeat (expected positive integer, got {count})")
    if count > _REPEAT_LIMIT:
        raise ValueError("memory budget exceeded")
    run.grow(len(as_bytes(source)) * count)
    return source * count


def _join(run: Run, items: object, glue: object = "") -> str:
    if items.__class__ not in (Strings, NilStrings, list, NilList):
        raise ValueError(f"invalid argument for join (type {type_text(items)})")
    pieces = [text_of(item) for item in items]
    separator = text_of(glue)
    run.spend(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _index(run: Run, text: object, part: object) -> int:
    source = text_of(text)
    return _in_bytes(source, source.find(text_of(part)))


def _last_index(run: Run, text: object, part: object) -> int:
    source = text_of(text)
    return _in_bytes(source, source.rfind(text_of(part)))


def _in_bytes(text: str, position: int) -> int:
    if position < 0 or text.isascii():
        return position
    return len(as_bytes(text[:position]))


_TWO = "func(string, string) string"
_ASKS = "func(string, string) bool"
_FINDS = "func(string, string) int"

STRINGS: tuple[Entry, ...] = (
    typed("trim", _trim, "func(string) string", _TWO),
    typed(
        "trimPrefix", lambda run, text, part=" ": text_of(text).removeprefix(text_of(part)), _TWO, "func(string) string"
    ),
    typed(
        "trimSuffix", lambda run, text, part=" ": text_of(text).removesuffix(text_of(part)), _TWO, "func(string) string"
    ),
    typed("upper", lambda run, text: upper(text_of(text)), "func(string) string"),
    typed("lower", lambda run, text: lower(text_of(text)), "func(string) string"),
    typed("split", _split, "func(string, string) []string", "func(string, string, int) []string"),
    typed("splitAfter", _split_after, "func(string, string) []string", "func(string, string, int) []string"),
    typed("replace", _replace, "func(string, string, string, int) string", "func(string, string, string) string"),
    typed("repeat", _repeat, "func(string, int) string"),
    typed(
        "join",
        _join,
        "func([]string, string) string",
        "func([]interface {}, string) string",
        "func([]interface {}) string",
        "func([]string, string) string",
        "func([]string) string",
    ),
    typed("indexOf", _index, _FINDS),
    typed("lastIndexOf", _last_index, _FINDS),
    typed("hasPrefix", lambda run, text, part: text_of(text).startswith(text_of(part)), _ASKS),
    typed("hasSuffix", lambda run, text, part: text_of(text).endswith(text_of(part)), _ASKS),
)
