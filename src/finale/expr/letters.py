"""Go's view of characters: white space, and the case of one character at a time.

Python's `upper` may give several characters for one (``ß`` → ``SS``); Go maps each character to one. Go's white space
is Unicode's, without the four separators of ASCII that Python counts too.
"""

import unicodedata

__all__ = ["WHITE_SPACE", "is_lower", "is_number", "is_punctuation", "is_space", "is_title", "is_upper"]
__all__ += ["lower", "title", "upper"]

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""The characters that Go calls space."""


def is_space(character: str) -> bool:
    """unicode.IsSpace"""
    return character in WHITE_SPACE


def is_upper(character: str) -> bool:
    """unicode.IsUpper"""
    return unicodedata.category(character) == "Lu"


def is_title(character: str) -> bool:
    """unicode.IsTitle"""
    return unicodedata.category(character) == "Lt"


def is_lower(character: str) -> bool:
    """unicode.IsLower"""
    return unicodedata.category(character) == "Ll"


def is_number(character: str) -> bool:
    """unicode.IsNumber"""
    return unicodedata.category(character)[0] == "N"


def is_punctuation(character: str) -> bool:
    """unicode.IsPunct"""
    return unicodedata.category(character)[0] == "P"


def upper(text: str) -> str:
    """strings.ToUpper"""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def lower(text: str) -> str:
    """strings.ToLower"""
    # The dotted capital I is the one letter whose small form Python writes with two.
    return text.lower() if text.isascii() else "".join("i" if c == "\u0130" else c.lower() for c in text)


def title(character: str) -> str:
    """unicode.ToTitle of one character."""
    titled = character.title()
    return titled if len(titled) == 1 else character


def _upper(character: str) -> str:
    for form in (character.upper(), character.title()):
        if len(form) == 1:
            return form
    return character
