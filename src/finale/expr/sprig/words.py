"""Changing the case of words: snake_case, kebab-case, CamelCase, initials, swapped case.

Source: github.com/huandu/xstrings 1.5 and github.com/Masterminds/goutils, as sprig uses them.
"""

from collections.abc import Callable
from enum import Enum, auto

from finale.expr.gotext import as_bytes
from finale.expr.letters import (
    is_lower,
    is_number,
    is_punctuation,
    is_space,
    is_title,
    is_upper,
    lower,
    title,
    upper,
)

__all__ = ["initials", "pascal_case", "separated_words", "swap_case", "title_words", "untitle"]


class _Word(Enum):
    """What a run of like characters is."""

    NUMBER = auto()
    UPPER = auto()
    ALPHABET = auto()
    CONNECTOR = auto()
    PUNCTUATION = auto()
    OTHER = auto()


def _is_connector(character: str) -> bool:
    return character in "-_" or is_space(character)


def _is_alphabet(character: str) -> bool:
    """A letter of a script with cases and words; Chinese characters are not."""
    if not character.isalpha():
        return False
    code = ord(character)
    return not (
        0x4E00 <= code <= 0x9FCC
        or 0x3400 <= code <= 0x4DB5
        or 0x20000 <= code <= 0x2A6D6
        or 0x2A700 <= code <= 0x2B734
        or 0x2B740 <= code <= 0x2B81D
    )


def _words(text: str) -> list[tuple[_Word, str]]:
    """The text as runs of like characters: ``HTTPServer2`` → ``HTTP``, ``Server``, ``2``."""
    words, start = [], 0
    while start < len(text):
        kind, end = _next_word(text, start)
        words.append((kind, text[start:end]))
        start = end
    return words


def _next_word(text: str, start: int) -> tuple[_Word, int]:
    first = text[start]
    end = start + 1
    if _is_connector(first):
        return _Word.CONNECTOR, _end_of(text, end, _is_connector)
    if is_punctuation(first):
        return _Word.PUNCTUATION, _end_of(text, end, is_punctuation)
    if is_upper(first):
        if end < len(text) and is_upper(text[end]):
            end = _end_of(text, end, is_upper)
            # "HTTPStatus": the S begins the next word.
            return _Word.UPPER, end - 1 if end < len(text) and _is_alphabet(text[end]) else end
        return _Word.UPPER, _end_of(text, end, _is_small_alphabet)
    if _is_alphabet(first):
        return _Word.ALPHABET, _end_of(text, end, _is_small_alphabet)
    if is_number(first):
        return _Word.NUMBER, _end_of(text, end, is_number)
    return _Word.OTHER, _end_of(text, end, _is_other)


def _is_small_alphabet(character: str) -> bool:
    return _is_alphabet(character) and not is_upper(character)


def _is_other(character: str) -> bool:
    return not (
        _is_connector(character) or _is_alphabet(character) or is_number(character) or is_punctuation(character)
    )


def _end_of(text: str, end: int, belongs: Callable[[str], bool]) -> int:
    while end < len(text) and belongs(text[end]):
        end += 1
    return end


def separated_words(text: str, connector: str) -> str:
    """``HTTPServer`` → ``http_server`` for the connector ``_``."""
    pieces: list[str] = []
    words = _words(text)
    position = 0

    def kind() -> _Word | None:
        return words[position][0] if position < len(words) else None

    def put(word: tuple[_Word, str]) -> None:
        lowered = word[0] in (_Word.UPPER, _Word.CONNECTOR)
        pieces.append("".join(_small(c, connector) for c in word[1]) if lowered else word[1])

    def take_word() -> None:
        # Numbers inside a word belong to it: "Bld4floor", "2m3s".
        nonlocal position
        while kind() in (_Word.ALPHABET, _Word.NUMBER):
            put(words[position])
            position += 1

    def connect_unless(*kinds: _Word | None) -> None:
        if kind() not in kinds:
            pieces.append(connector)

    # The last word of the text is only written; before each other one stands the decision whether to connect.
    while position < len(words) - 1:
        word = words[position]
        put(word)
        position += 1
        match word[0]:
            case _Word.NUMBER:
                take_word()
                connect_unless(None, _Word.PUNCTUATION, _Word.CONNECTOR)
            case _Word.CONNECTOR | _Word.PUNCTUATION:
                pass
            case _ if kind() is not _Word.NUMBER:
                connect_unless(_Word.CONNECTOR, _Word.PUNCTUATION)
            case _ if position < len(words) - 1:
                number = words[position]
                position += 1
                if kind() is not _Word.ALPHABET:
                    put(number)
                    connect_unless(_Word.CONNECTOR, _Word.PUNCTUATION)
                else:
                    pieces.append(connector)
                    put(number)
                    take_word()
                    connect_unless(None, _Word.CONNECTOR, _Word.PUNCTUATION)
    if position < len(words):
        put(words[position])
    return "".join(pieces)


def _small(character: str, connector: str) -> str:
    if _is_connector(character):
        return connector
    return lower(character) if is_upper(character) else character


def pascal_case(text: str) -> str:
    """``http_server`` → ``HttpServer``; connectors at the start and doubled ones stay."""
    start = 0
    while start < len(text) and _is_connector(text[start]):
        start += 1
    if start >= len(text) - 1:
        # Nothing but connectors, or one character behind them.
        return text[:start] + upper(text[start:]) + (text[-1:] if start == len(text) and text else "")
    pieces = [text[:start]]
    previous = upper(text[start])
    lowering = is_upper(text[start])
    for character in text[start + 1 :]:
        if _is_connector(character) and _is_connector(previous):
            pieces.append(previous)
        elif _is_connector(previous):
            lowering = is_upper(character)
            character = upper(character)
        else:
            if lowering and is_upper(character):
                character = lower(character)
            else:
                lowering = False
            pieces.append(previous)
        previous = character
    return "".join([*pieces, previous])


def title_words(text: str) -> str:
    """strings.Title: the first letter of each word as a title's; a digit or underscore does not end a word."""
    pieces, after_separator = [], True
    for character in text:
        pieces.append(title(character) if after_separator else character)
        if character.isascii():
            after_separator = not (character.isalnum() or character == "_")
        else:
            after_separator = not (character.isalpha() or character.isdecimal()) and is_space(character)
    return "".join(pieces)


def untitle(text: str) -> str:
    """The first letter of each word in lower case."""
    pieces, at_start = [], True
    for character in text:
        space = is_space(character)
        pieces.append(lower(character) if at_start and not space else character)
        at_start = space
    return "".join(pieces)


def swap_case(text: str) -> str:
    """Upper case to lower and back; a lower-case letter at the start of a word becomes a title's."""
    pieces, after_space = [], True
    for character in text:
        if is_upper(character) or is_title(character):
            pieces.append(lower(character))
            after_space = False
        elif is_lower(character):
            pieces.append(title(character) if after_space else upper(character))
            after_space = False
        else:
            pieces.append(character)
            after_space = is_space(character)
    return "".join(pieces)


def initials(text: str) -> str:
    """The first of each word; goutils goes byte by byte, which splits a letter outside ASCII into others."""
    pieces, after_gap = [], True
    for byte in as_bytes(text):
        character = chr(byte)
        if is_space(character):
            after_gap = True
        elif after_gap:
            pieces.append(character)
            after_gap = False
    return "".join(pieces)
