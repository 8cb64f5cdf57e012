"""The lexical half of `when`: text → tokens, and the table of which kind of token may follow which.

govaluate reads character by character. White space ends a word, a backslash takes the next character as it is (so
``a\\-b`` is one word), either quote closes either quote, and a run of signs is one symbol: ``&&!`` is none it knows.
A quoted text that reads as a date is a time and counts as its Unix seconds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from finale.expr.golayout import NAMED_LAYOUTS, go_string, parse_time
from finale.expr.gonumber import NumberInvalid, format_float, parse_float
from finale.expr.gotime import SECOND_NS, UTC
from finale.expr.regex import Regex

__all__ = ["Kind", "Moment", "SyntaxInvalid", "Token", "Value", "check_syntax", "shown", "tokenize"]

Kind = Enum(
    "Kind",
    "UNKNOWN PREFIX NUMERIC BOOLEAN STRING PATTERN TIME VARIABLE SEPARATOR ACCESSOR COMPARATOR LOGICALOP MODIFIER"
    " CLAUSE CLAUSE_CLOSE TERNARY",
)
"""What a token is; the names are govaluate's, which its messages show."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A quoted date: `seconds` since the epoch, `text` as Go prints it."""

    seconds: int
    text: str


Value = str | float | bool | None | Moment | Regex | list["Value"]
"""What a token holds and what an expression can be worth; None is Go's nil."""


@dataclass(frozen=True, slots=True)
class Token:
    """`offset` and `length` are its place in the text, in characters."""

    kind: Kind
    value: Value
    offset: int
    length: int


class SyntaxInvalid(Exception):
    """A finding in govaluate's words, with its place; the caller puts Argo's words before it."""

    def __init__(self, message: str, offset: int = 0, length: int = 0) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length


_PREFIXES = frozenset("-!~")
_SYMBOLS = (
    dict.fromkeys(("+", "-", "*", "/", "%", "**", "&", "|", "^", ">>", "<<"), Kind.MODIFIER)
    | dict.fromkeys(("&&", "||"), Kind.LOGICALOP)
    | dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~"), Kind.COMPARATOR)
    | dict.fromkeys(("?", ":", "??"), Kind.TERNARY)
)

_OPERANDS = {Kind.PREFIX, Kind.NUMERIC, Kind.BOOLEAN, Kind.VARIABLE, Kind.ACCESSOR, Kind.STRING, Kind.TIME, Kind.CLAUSE}
_AFTER_VALUE = {Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICALOP, Kind.CLAUSE_CLOSE, Kind.SEPARATOR}
_NEXT: dict[Kind, frozenset[Kind]] = {
    kind: frozenset(following)
    for kind, following in {
        Kind.UNKNOWN: _OPERANDS | {Kind.PATTERN},
        Kind.CLAUSE: _OPERANDS | {Kind.PATTERN, Kind.CLAUSE_CLOSE},
        Kind.CLAUSE_CLOSE: (_OPERANDS | _AFTER_VALUE | {Kind.PATTERN, Kind.TERNARY}) - {Kind.PREFIX, Kind.ACCESSOR},
        Kind.NUMERIC: _AFTER_VALUE | {Kind.TERNARY},
        Kind.BOOLEAN: _AFTER_VALUE | {Kind.TERNARY},
        Kind.STRING: _AFTER_VALUE | {Kind.TERNARY},
        Kind.VARIABLE: _AFTER_VALUE | {Kind.TERNARY},
        Kind.ACCESSOR: _AFTER_VALUE | {Kind.TERNARY, Kind.CLAUSE},
        Kind.TIME: _AFTER_VALUE,
        Kind.PATTERN: _AFTER_VALUE,
        Kind.MODIFIER: (_OPERANDS | {Kind.CLAUSE_CLOSE}) - {Kind.TIME},
        Kind.COMPARATOR: _OPERANDS | {Kind.CLAUSE_CLOSE, Kind.PATTERN},
        Kind.LOGICALOP: _OPERANDS | {Kind.CLAUSE_CLOSE},
        Kind.PREFIX: (_OPERANDS | {Kind.CLAUSE_CLOSE}) - {Kind.PREFIX, Kind.STRING, Kind.TIME},
        Kind.TERNARY: _OPERANDS | {Kind.SEPARATOR},
        Kind.SEPARATOR: _OPERANDS,
    }.items()
}
"""Which kinds may follow a kind; UNKNOWN stands for the beginning."""

_MAY_END = frozenset(
    {Kind.CLAUSE_CLOSE, Kind.NUMERIC, Kind.BOOLEAN, Kind.STRING, Kind.TIME, Kind.PATTERN, Kind.VARIABLE, Kind.ACCESSOR}
)

# govaluate tries fourteen layouts one after the other; these are the ones that can fit a text, by how it begins.
_DAY_LAYOUTS = tuple(NAMED_LAYOUTS[name] for name in ("ANSIC", "UnixDate", "RubyDate"))
_CLOCK_LAYOUTS = (NAMED_LAYOUTS["Kitchen"],)
_DATE_LAYOUTS = ("2006-01-02",)
_SPACED_LAYOUTS = ("2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05-07:00")
_JOINED_LAYOUTS = (
    NAMED_LAYOUTS["RFC3339"],
    "2006-01-02T15Z0700",
    "2006-01-02T15:04Z0700",
    "2006-01-02T15:04:05Z0700",
)
_HEX = re.compile(r"[0-9a-fA-F]+")
_WEEKDAYS = frozenset(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))


def _is_space(character: str) -> bool:
    # str.isspace also counts four separators of ASCII, which Go does not.
    return character.isspace() and not "\x1c" <= character <= "\x1f"


def _is_number(character: str) -> bool:
    return character == "." or character.isdecimal()


def _is_hex_digit(character: str) -> bool:
    return character.isdecimal() or character in "abcdefABCDEF"


def _is_word(character: str) -> bool:
    return character.isalpha() or character.isdecimal() or character in "_."


def _is_symbol(character: str) -> bool:
    return not (character.isdecimal() or character.isalpha() or character in "()[]'\"")


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`. Raises `SyntaxInvalid`."""
    return _Lexer(text).tokens()


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def tokens(self) -> list[Token]:
        tokens: list[Token] = []
        previous = Kind.UNKNOWN
        depth = 0
        text, length = self._text, len(self._text)
        while True:
            while self._position < length and _is_space(text[self._position]):
                self._position += 1
            if self._position >= length:
                break
            start = self._position
            try:
                kind, value = self._read(text[start], previous)
            except SyntaxInvalid as error:
                error.offset, error.length = start, max(1, self._position - start)
                raise
            tokens.append(Token(kind, value, start, len(text[start : self._position].rstrip())))
            previous = kind
            depth += (kind is Kind.CLAUSE) - (kind is Kind.CLAUSE_CLOSE)
        if depth:
            raise SyntaxInvalid("Unbalanced parenthesis", 0, length)
        return tokens

    def _read(self, first: str, previous: Kind) -> tuple[Kind, Value]:
        """One token that begins with `first`; leaves the position behind it."""
        if _is_number(first):
            return Kind.NUMERIC, self._number()
        if first == ",":
            self._position += 1
            return Kind.SEPARATOR, ","
        if first == "[":
            return Kind.VARIABLE, self._enclosed(lambda character: character == "]", "Unclosed parameter bracket")
        if first.isalpha():
            return _classified_word(self._run(_is_word))
        if first in "'\"":
            literal = self._enclosed(lambda character: character in "'\"", "Unclosed string literal")
            moment = _moment(literal)
            return (Kind.STRING, literal) if moment is None else (Kind.TIME, moment)
        if first in "()":
            self._position += 1
            return (Kind.CLAUSE if first == "(" else Kind.CLAUSE_CLOSE), first
        symbol = self._run(_is_symbol)
        # The same sign is a prefix where an operand may begin and an operator behind one.
        if symbol in _PREFIXES and Kind.PREFIX in _NEXT[previous]:
            return Kind.PREFIX, symbol
        if symbol in _SYMBOLS:
            return _SYMBOLS[symbol], symbol
        raise SyntaxInvalid(f"Invalid token: '{symbol}'")

    def _number(self) -> float:
        # Behind "0x" must stand a character, else the x belongs to the next word.
        if self._text.startswith("0x", self._position) and len(self._text) > self._position + 2:
            self._position += 2
            digits = self._run(_is_hex_digit)
            # An escaped character may have brought in anything.
            if not _HEX.fullmatch(digits) or int(digits, 16) >= 1 << 64:
                raise SyntaxInvalid(f"Unable to parse hex value '{digits}' to uint64\n")
            return float(int(digits, 16))
        digits = self._run(_is_number)
        try:
            return parse_float(digits)
        except NumberInvalid:
            raise SyntaxInvalid(f"Unable to parse numeric value '{digits}' to float64\n") from None

    def _enclosed(self, is_end: Callable[[str], bool], unclosed: str) -> str:
        """What stands between the character here and the next that ends it, which is passed over."""
        self._position += 1
        text = self._text
        characters: list[str] = []
        while self._position < len(text):
            character = text[self._position]
            self._position += 1
            if character == "\\":
                character = self._escaped()
            elif is_end(character):
                return "".join(characters)
            characters.append(character)
        raise SyntaxInvalid(unclosed)

    def _run(self, belongs: Callable[[str], bool]) -> str:
        """The word that begins here; white space ends it and is passed over."""
        text, length = self._text, len(self._text)
        characters: list[str] = []
        while self._position < length:
            character = text[self._position]
            if character == "\\":
                self._position += 1
                characters.append(self._escaped())
                continue
            if _is_space(character):
                self._position += 1
                if characters:
                    break
            elif belongs(character):
                characters.append(character)
                self._position += 1
            else:
                break
        return "".join(characters)

    def _escaped(self) -> str:
        if self._position >= len(self._text):
            raise SyntaxInvalid("Nothing follows the backslash at the end")
        self._position += 1
        return self._text[self._position - 1]


def _classified_word(word: str) -> tuple[Kind, Value]:
    """A word is a boolean, the operator ``in``, an accessor if it has a dot, else a variable."""
    if "." in word:
        if word.endswith("."):
            raise SyntaxInvalid(f"Hanging accessor on token '{word}'")
        parts = word.split(".")
        for part in parts[1:]:
            capital = part[:1].upper()
            if len(capital) == 1 and capital != part[0]:
                raise SyntaxInvalid(f"Unable to access unexported field '{part}' in token '{word}'")
        return Kind.ACCESSOR, [*parts]
    if word in ("true", "false"):
        return Kind.BOOLEAN, word == "true"
    if word in ("in", "IN"):
        return Kind.COMPARATOR, "in"
    return Kind.VARIABLE, word


def _moment(literal: str) -> Moment | None:
    """The time that a quoted text is, if it reads as one."""
    for layout in _layouts(literal):
        try:
            ns, zone = parse_time(literal, layout, UTC)
        except ValueError:
            continue
        return Moment(ns // SECOND_NS, go_string(ns, zone))
    return None


def _layouts(literal: str) -> tuple[str, ...]:
    if not "0" <= literal[:1] <= "9":
        return _DAY_LAYOUTS if literal[:3].lower() in _WEEKDAYS else ()
    if ":" in literal[1:3]:
        return _CLOCK_LAYOUTS
    match literal[10:11]:
        case "":
            return _DATE_LAYOUTS
        case " ":
            return _SPACED_LAYOUTS
        case "T":
            return _JOINED_LAYOUTS
    return ()


def shown(value: Value) -> str:
    """A value as Go's ``%v`` prints it."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return format_float(value)
        case None:
            return "<nil>"
        case Moment():
            return value.text
        case Regex():
            return value.pattern
    return f"[{' '.join(shown(item) for item in value)}]"


def _shown_token(token: Token) -> str:
    # govaluate keeps a parenthesis as a character, which Go prints as its number.
    return str(ord(str(token.value))) if token.kind in (Kind.CLAUSE, Kind.CLAUSE_CLOSE) else shown(token.value)


def check_syntax(tokens: list[Token]) -> None:
    """Raise `SyntaxInvalid` for the first token that may not follow the one before it, or for a sudden end."""
    state, last = Kind.UNKNOWN, None
    for token in tokens:
        if token.kind not in _NEXT[state]:
            if last is not None and state is Kind.VARIABLE and token.kind is Kind.CLAUSE:
                raise SyntaxInvalid(f"Undefined function {shown(last.value)}", last.offset, last.length)
            before = _shown_token(last) if last else "<nil>"
            transition = f"from {state.name} [{before}] to {token.kind.name} [{_shown_token(token)}]"
            raise SyntaxInvalid(f"Cannot transition token types {transition}", token.offset, token.length)
        state, last = token.kind, token
    if state not in _MAY_END:
        where = last.offset if last else 0
        raise SyntaxInvalid("Unexpected end of expression", where, last.length if last else 0)
