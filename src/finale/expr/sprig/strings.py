"""sprig's strings: trimming, cutting, wrapping, joining, quoting.

Widths and positions count bytes, as Go's strings do, so a letter outside ASCII may be cut in two.
Source: sprig strings.go and functions.go.
"""

from typing import Any

from finale.expr.functions.table import Run
from finale.expr.gonumber import quote
from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import Function, StringMap, Strings
from finale.expr.letters import WHITE_SPACE, is_space, lower, upper
from finale.expr.sprig.reflection import text_of
from finale.expr.sprig.table import entry, plain
from finale.expr.sprig.words import initials, pascal_case, separated_words, swap_case, title_words, untitle
from finale.expr.values import format_value

__all__ = ["STRINGS", "texts_of"]


def texts_of(value: object) -> Strings:
    """What sprig makes a list of texts of: the items of a list but nil ones, or the value alone; nil is no text."""
    if isinstance(value, (list, bytes)):
        return Strings(text_of(item) for item in value if item is not None)
    return Strings() if value is None else Strings([text_of(value)])


def _repeat(run: Run, count: int, text: str) -> str:
    if count < 0:
        raise ValueError("strings: negative Repeat count")
    run.spend(count * len(text))
    return text * count


def _abbreviated(width: int, text: str) -> str:
    return _abbreviated_both(0, width, text)


def _abbreviated_both(left: int, right: int, text: str) -> str:
    """At most `right` bytes, with ``...`` for what is left out behind, and before if `left` is greater than 4."""
    data = as_bytes(text)
    if right < 4 or (left > 0 and right < 7) or len(data) <= right:
        return text
    offset = min(left, len(data))
    if len(data) - offset < right - 3:
        offset = len(data) - (right - 3)
    if offset <= 4:
        return as_text(data[: right - 3]) + "..."
    if offset + right - 3 < len(data):
        return "..." + _abbreviated(right - 3, as_text(data[offset:]))
    return "..." + as_text(data[len(data) - (right - 3) :])


def _trunc(count: int, text: str) -> str:
    data = as_bytes(text)
    if count < 0:
        return as_text(data[len(data) + count :]) if len(data) + count > 0 else text
    return as_text(data[:count]) if len(data) > count else text


def _substr(start: int, end: int, text: str) -> str:
    data = as_bytes(text)
    if start < 0:
        start = 0
        if not 0 <= end <= len(data):
            length = f" with length {len(data)}" if end > 0 else ""
            raise ValueError(f"runtime error: slice bounds out of range [:{end}]{length}")
    elif end < 0 or end > len(data):
        end = len(data)
    if start > end:
        raise ValueError(f"runtime error: slice bounds out of range [{start}:{end}]")
    return as_text(data[start:end])


def _trimmed(cut: str, text: str) -> str:
    return text.strip(cut) if cut else text


def _without_space(text: str) -> str:
    """White space removed; goutils goes byte by byte and rewrites a letter outside ASCII if there was any."""
    kept = [chr(byte) for byte in as_bytes(text) if not is_space(chr(byte))]
    return text if len(kept) == len(as_bytes(text)) else "".join(kept)


def _wrapped(run: Run, width: int, separator: str, text: str, breaks_words: bool) -> str:
    """Lines of at most `width` bytes, broken at spaces; a longer word is broken too, or left whole."""
    width = max(width, 1)
    data, line_end, lines, offset = as_bytes(text), as_bytes(separator or "\n"), [], 0
    while len(data) - offset > width:
        if data[offset] == 0x20:
            offset += 1
            continue
        space = data.rfind(b" ", offset, offset + width + 1)
        if space < 0 and not breaks_words:
            space = data.find(b" ", offset + width)
            if space < 0:
                break
        if space >= 0:
            lines.append(data[offset:space])
            offset = space + 1
        else:
            lines.append(data[offset : offset + width])
            offset += width
        run.spend(width + len(line_end))
    return as_text(line_end.join([*lines, data[offset:]]))


def _indented(run: Run, spaces: int, text: str) -> str:
    if spaces < 0:
        raise ValueError("strings: negative Repeat count")
    run.spend(len(text) + spaces * (text.count("\n") + 1))
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def _replaced(run: Run, old: str, new: str, text: str) -> str:
    run.spend(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, new)


def _joined(run: Run, separator: str, value: object) -> str:
    texts = texts_of(value)
    run.spend(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _spent(run: Run, text: str) -> str:
    run.spend(len(text))
    return text


def _parts(run: Run, separator: str, text: str) -> list[str]:
    run.spend(len(text) + 16 * (text.count(separator) if separator else len(text)))
    return text.split(separator) if separator else list(text)


def _first_parts(run: Run, separator: str, count: int, text: str) -> list[str]:
    if count == 0:
        return []
    if count < 0:
        return _parts(run, separator, text)
    run.spend(len(text))
    if separator:
        return text.split(separator, count - 1)
    return list(text) if len(text) <= count else [*text[: count - 1], text[count - 1 :]]


def _numbered(parts: list[str]) -> StringMap:
    return StringMap({f"_{index}": part for index, part in enumerate(parts)})


def _sorted(value: object) -> Strings:
    if not isinstance(value, (list, bytes)):
        return Strings([text_of(value)])
    return Strings(sorted(texts_of(value), key=as_bytes))


def _given(values: tuple[Any, ...]) -> list[Any]:
    return [value for value in values if value is not None]


STRINGS: tuple[tuple[str, Function], ...] = (
    plain("hello", "() string", lambda: "Hello!"),
    plain("abbrev", "(int, string) string", _abbreviated),
    plain("abbrevboth", "(int, int, string) string", _abbreviated_both),
    plain("trunc", "(int, string) string", _trunc),
    plain("trim", "(string) string", lambda text: text.strip(WHITE_SPACE)),
    plain("upper", "(string) string", upper),
    plain("lower", "(string) string", lower),
    plain("title", "(string) string", title_words),
    plain("untitle", "(string) string", untitle),
    plain("substr", "(int, int, string) string", _substr),
    entry("repeat", "(int, string) string", _repeat),
    plain("trimall", "(string, string) string", _trimmed),
    plain("trimAll", "(string, string) string", _trimmed),
    plain("trimSuffix", "(string, string) string", lambda suffix, text: text.removesuffix(suffix)),
    plain("trimPrefix", "(string, string) string", lambda prefix, text: text.removeprefix(prefix)),
    plain("nospace", "(string) string", _without_space),
    plain("initials", "(string) string", initials),
    plain("swapcase", "(string) string", swap_case),
    plain("snakecase", "(string) string", lambda text: separated_words(text, "_")),
    plain("camelcase", "(string) string", pascal_case),
    plain("kebabcase", "(string) string", lambda text: separated_words(text, "-")),
    entry("wrap", "(int, string) string", lambda run, width, text: _wrapped(run, width, "", text, False)),
    entry(
        "wrapWith", "(int, string, string) string", lambda run, width, end, text: _wrapped(run, width, end, text, True)
    ),
    plain("contains", "(string, string) bool", lambda part, text: part in text),
    plain("hasPrefix", "(string, string) bool", lambda prefix, text: text.startswith(prefix)),
    plain("hasSuffix", "(string, string) bool", lambda suffix, text: text.endswith(suffix)),
    entry(
        "quote", "(...interface {}) string", lambda run, *v: _spent(run, " ".join(quote(text_of(x)) for x in _given(v)))
    ),
    entry(
        "squote",
        "(...interface {}) string",
        lambda run, *v: _spent(run, " ".join(f"'{format_value(x)}'" for x in _given(v))),
    ),
    entry("cat", "(...interface {}) string", lambda run, *v: _spent(run, " ".join(format_value(x) for x in _given(v)))),
    entry("indent", "(int, string) string", _indented),
    entry("nindent", "(int, string) string", lambda run, spaces, text: "\n" + _indented(run, spaces, text)),
    entry("replace", "(string, string, string) string", _replaced),
    plain("plural", "(string, string, int) string", lambda one, many, count: one if count == 1 else many),
    entry("toString", "(interface {}) string", lambda run, value: _spent(run, text_of(value))),
    plain("toStrings", "(interface {}) []string", lambda v: v if isinstance(v, Strings) else texts_of(v)),
    entry("join", "(string, interface {}) string", _joined),
    plain("sortAlpha", "(interface {}) []string", _sorted),
    entry("split", "(string, string) map[string]string", lambda run, *given: _numbered(_parts(run, *given))),
    entry("splitList", "(string, string) []string", lambda run, *given: Strings(_parts(run, *given))),
    entry(
        "splitn", "(string, int, string) map[string]string", lambda run, *given: _numbered(_first_parts(run, *given))
    ),
)
