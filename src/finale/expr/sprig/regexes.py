"""sprig's regular expressions. Only `regexMatch` takes a bad pattern without an error: it does not match.

Source: sprig regex.go.
"""

from collections.abc import Callable

from finale.expr.functions.table import Run
from finale.expr.govalues import Function, NilStrings, Strings
from finale.expr.regex import RegexInvalid, compile_regex, quote_meta
from finale.expr.sprig.table import entry

__all__ = ["REGEXES"]


def _matches(run: Run, pattern: str, text: str) -> bool:
    run.spend(len(text))
    return compile_regex(pattern).matches(text)


def _matches_or_not(run: Run, pattern: str, text: str) -> bool:
    try:
        return _matches(run, pattern, text)
    except RegexInvalid:
        return False


def _found(run: Run, pattern: str, text: str) -> str:
    run.spend(len(text))
    return compile_regex(pattern).find(text)


def _all_found(run: Run, pattern: str, text: str, limit: int) -> Strings:
    # Empty matches cost a step for each character.
    run.spend(16 * (len(text) + 1))
    return Strings(compile_regex(pattern).find_all(text, limit)) or NilStrings()


def _split(run: Run, pattern: str, text: str, limit: int) -> Strings:
    run.spend(16 * (len(text) + 1))
    regex = compile_regex(pattern)
    return NilStrings() if limit == 0 else Strings(regex.split(text, limit))


def _replaced(run: Run, pattern: str, text: str, replacement: str) -> str:
    run.spend(len(text))
    return compile_regex(pattern).replace_all(text, replacement, run.spend)


def _replaced_literal(run: Run, pattern: str, text: str, replacement: str) -> str:
    run.spend(len(text))
    return compile_regex(pattern).replace_all_literal(text, replacement, run.spend)


def _pair(
    name: str, signature: str, call: Callable[..., object], must: Callable[..., object]
) -> list[tuple[str, Function]]:
    return [entry(name, signature, call), entry(f"must{name[0].upper()}{name[1:]}", signature, must)]


REGEXES: tuple[tuple[str, Function], ...] = (
    *_pair("regexMatch", "(string, string) bool", _matches_or_not, _matches),
    *_pair("regexFind", "(string, string) string", _found, _found),
    *_pair("regexFindAll", "(string, string, int) []string", _all_found, _all_found),
    *_pair("regexSplit", "(string, string, int) []string", _split, _split),
    *_pair("regexReplaceAll", "(string, string, string) string", _replaced, _replaced),
    *_pair("regexReplaceAllLiteral", "(string, string, string) string", _replaced_literal, _replaced_literal),
    entry("regexQuoteMeta", "(string) string", lambda run, text: quote_meta(text)),
)
