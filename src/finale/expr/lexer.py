"""Text → tokens, as expr-lang 1.17 cuts them.

One regular expression per shape, tried by the first character. Places are character offsets into the source. What
cannot be cut raises `ExpressionInvalid` in expr-lang's words.

Source: expr-lang/expr parser/lexer. Its identifiers are Unicode letters and digits with ``_`` and ``$``.
"""

import re
from dataclasses import dataclass

from finale.expr.errors import ExpressionInvalid, Hint, placed
from finale.expr.gonumber import quote

__all__ = ["Kind", "Token", "invalid", "tokenize"]


class Kind:
    """The kinds of token, by the words that messages use."""

    IDENTIFIER = "Identifier"
    NUMBER = "Number"
    STRING = "String"
    BYTES = "Bytes"
    OPERATOR = "Operator"
    BRACKET = "Bracket"
    EOF = "EOF"


@dataclass(slots=True)
class Token:
    """A piece of the source from `start` to `end`; `value` is its text, of a string what it stands for."""

    kind: str
    value: str
    start: int
    end: int
    data: bytes = b""

    def __str__(self) -> str:
        return f"{self.kind}({quote(self.value)})" if self.value else self.kind


_WORD_OPERATORS = frozenset(
    {"not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"}
)
_BLANK = re.compile(
    r"(?:[ \t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|//[^\n]*(?:\n|\Z)|/\*.*?\*/)+",
    re.DOTALL,
)
# The tokens that nearly all expressions are made of, blanks before them included; whatever does not fit goes the long way.
_COMMON = re.compile(
    r"[ \t\n]*(?:(?P<Identifier>[A-Za-z_$][A-Za-z0-9_$]*+)(?!['\"]|[^\x00-\x7f])|(?P<Bracket>[()\[\]{}])"
    r"|(?P<Number>[0-9]++)(?![0-9A-Za-z_$.]|[^\x00-\x7f])|(?P<String>'[^'\\\n\r]*'|\"[^\"\\\n\r]*\")"
    r"|(?P<Operator>[&!=*<>][&=*]?|\|\|?|\?[.?]?|\.(?![.0-9])|[:,;%+\-^](?!:)))"
)
_ASCII_WORD = re.compile(r"[A-Za-z0-9_$]*")
_SYMBOL = re.compile(r"[&!=*<>][&=*]?|\|\|?|::?|\?[.?]?|\.\.?|[,;%+\-^/]")
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*)")
_FRACTION = {
    "x": re.compile(r"(?:\.(?!\.)[0-9a-fA-F_]*)?(?:[eE][+-]?[0-9a-fA-F_]*)?"),
    "o": re.compile(r"(?:\.(?!\.)[0-7_]*)?(?:[eE][+-]?[0-7_]*)?"),
    "b": re.compile(r"(?:\.(?!\.)[01_]*)?(?:[eE][+-]?[01_]*)?"),
    "": re.compile(r"(?:\.(?!\.)[0-9_]*)?(?:[eE][+-]?[0-9_]*)?"),
}
# The body of a quoted string as expr-lang scans it; the quote itself and a line feed end it.
_STRING = {
    mark: re.compile(
        rf"(?:[^{mark}\\\n]|\\(?:[abfnrtv\\{mark}]|[0-7]{{3}}|x[0-9a-fA-F]{{2}}|u\{{[0-9a-fA-F]{{1,6}}\}}|u[0-9a-fA-F]{{4}}"
        r"|U[0-9a-fA-F]{8}))*"
    )
    for mark in "'\""
}
_RAW = re.compile(r"`((?:[^`]|``)*+)`")
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\'\"])|([0-7]{3})|x(..)|u\{([^}]*)\}|u(....)|U(.{8}))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


def invalid(message: str, source: str, start: int, end: int, hint: Hint = "") -> ExpressionInvalid:
    """The error for a place in `source`, with expr-lang's ``(line:column)``."""
    return ExpressionInvalid(placed(message, source, start), source, start, max(1, end - start), hint)


def tokenize(source: str) -> tuple[list[Token], ExpressionInvalid | None]:
    """The tokens of `source`, the last of kind EOF; or those before the first mistake, and the mistake.

    The parser raises the mistake when it gets there, since one of its own may come first.
    """
    tokens: list[Token] = []
    position, length = 0, len(source)
    while position < length:
        if common := _COMMON.match(source, position):
            kind, position = common.lastgroup, common.end()
            assert kind is not None  # the pattern always ends in a group
            start = common.start(kind)
            value = source[start:position] if kind != Kind.STRING else source[start + 1 : position - 1]
            if value in _WORD_OPERATORS and kind == Kind.IDENTIFIER:
                kind = Kind.OPERATOR
            tokens.append(Token(kind, value, start, position))
            continue
        if blank := _BLANK.match(source, position):
            position = blank.end()
            continue
        try:
            token = _token(source, position)
        except ExpressionInvalid as error:
            return tokens, error
        tokens.append(token)
        position = token.end
        if token.value == "#" and token.kind == Kind.OPERATOR:
            end = _word_end(source, position)
            if end > position:
                tokens.append(Token(Kind.IDENTIFIER, source[position:end], position, end))
                position = end
    tokens.append(Token(Kind.EOF, "", max(0, length - 1), length))
    return tokens, None


def _token(source: str, start: int) -> Token:
    """One token that is not common; brackets always are."""
    character = source[start]
    if character in "'\"":
        text, end = _quoted(source, start)
        return Token(Kind.STRING, _unescaped(source, text, end), start, end)
    if character in "bB" and source[start + 1 : start + 2] in ("'", '"'):
        text, end = _quoted(source, start + 1)
        data = _bytes(source, text, end)
        return Token(Kind.BYTES, data.decode("utf-8", "replace"), start, end, data)
    if character == "`":
        raw = _RAW.match(source, start)
        if raw is None:
            raise invalid("literal not terminated", source, len(source), len(source) + 1)
        return Token(Kind.STRING, raw[1].replace("``", "`"), start, raw.end())
    if "0" <= character <= "9" or (character == "." and "0" <= source[start + 1 : start + 2] <= "9"):
        return _number(source, start)
    end = _word_end(source, start)
    if end > start:
        word = source[start:end]
        return Token(Kind.OPERATOR if word in _WORD_OPERATORS else Kind.IDENTIFIER, word, start, end)
    if character == "#":
        end = start + 2 if source.startswith("##", start) else start + 1
        return Token(Kind.OPERATOR, source[start:end], start, end)
    if source.startswith("/*", start):
        raise invalid("unclosed comment", source, len(source), len(source) + 1)
    if symbol := _SYMBOL.match(source, start):
        return Token(Kind.OPERATOR, symbol[0], start, symbol.end())
    code = f"U+{ord(character):04X}"
    shown = f"{code} '{character}'" if character.isprintable() else code
    raise invalid(f"unrecognized character: {shown}", source, start, start + 1)


def _word_end(source: str, start: int) -> int:
    end, length = start, len(source)
    while end < length:
        if (match := _ASCII_WORD.match(source, end)) and match.end() > end:
            end = match.end()
        elif source[end] > "\x7f" and (source[end].isalpha() or source[end].isdecimal()):
            end += 1
        else:
            break
    return end


def _number(source: str, start: int) -> Token:
    whole = _NUMBER.match(source, start)
    assert whole is not None  # the pattern matches the empty text too
    base = whole[0][1:2].lower() if whole[0][:1] == "0" and whole[0][1:2] in tuple("xXoObB") else ""
    rest = _FRACTION[base].match(source, whole.end())
    end = rest.end() if rest else whole.end()
    if source.startswith("..", whole.end()):
        end = whole.end()
    elif _word_end(source, end) > end:
        raise invalid(f"bad number syntax: {quote(source[start : end + 1])}", source, end, end + 1)
    return Token(Kind.NUMBER, source[start:end], start, end)


def _quoted(source: str, start: int) -> tuple[str, int]:
    """The text between the quote at `start` and its partner, escapes as they stand, and the offset behind it."""
    mark = source[start]
    body = _STRING[mark].match(source, start + 1)
    end = body.end() if body else start + 1
    if source.startswith(mark, end):
        return source[start + 1 : end], end + 1
    if source.startswith("\\", end) and end + 1 < len(source):
        raise invalid("invalid char escape", source, end + 1, end + 2)
    end += source.startswith("\\", end)
    raise invalid("literal not terminated", source, end, end + 1)


def _unescaped(source: str, text: str, end: int) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        simple, octal, *hexadecimal = match.groups()
        if simple:
            return _SIMPLE[simple]
        code = int(octal, 8) if octal else int(next(digits for digits in hexadecimal if digits), 16)
        if code > (0o377 if octal else 0x10FFFF):
            raise invalid("unable to unescape string", source, end - 1, end)
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPE.sub(value, text)


def _bytes(source: str, text: str, end: int) -> bytes:
    pieces, position = [], 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for match in _ESCAPE.finditer(text):
        simple, octal, byte, *wide = match.groups()
        if any(wide) or (octal and int(octal, 8) > 0o377):
            raise invalid("unable to unescape string", source, end - 1, end)
        pieces.append(text[position : match.start()].encode())
        pieces.append(_SIMPLE[simple].encode() if simple else bytes([int(octal, 8) if octal else int(byte, 16)]))
        position = match.end()
    return b"".join([*pieces, text[position:].encode("utf-8", "replace")])
