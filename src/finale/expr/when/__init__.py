"""The `when` of a step, task or schedule: govaluate's language with Argo's own two-step rule.

`evaluate_when` takes the text after its tags were replaced. Argo parses it twice: first as govaluate does, then with
every bare word turned into a string, so that ``{{steps.flip.outputs.result}} == heads`` needs no quotes. Both
passes have errors of their own, and only a boolean result counts.

    tokens.py     text → tokens, and which token may follow which
    tree.py       tokens → tree, with govaluate's precedence and its forgiving treatment of parentheses
    evaluate.py   tree → value; numbers are float64, nothing is coerced

Source: argo-workflows workflow/controller/steps.go, ``shouldExecute``; github.com/Knetic/govaluate, the commit that
Argo 4.1 pins. Both are followed into their corners, because manifests rely on what runs there.
"""

from functools import lru_cache

from finale.expr.errors import WhenInvalid
from finale.expr.when.evaluate import evaluate, shown
from finale.expr.when.tokens import Kind, SyntaxInvalid, Token, check_syntax, tokenize
from finale.expr.when.tree import compile_patterns, parse

__all__ = ["evaluate_when"]


@lru_cache(maxsize=4096)
def evaluate_when(text: str) -> bool:
    """Whether a step with this `when` runs; the empty text is true.

    Raises `WhenInvalid`, whose `brief` is what Argo would write. An answer depends on the text alone and is kept.
    """
    if not text:
        return True
    stage = "Invalid 'when' expression"
    try:
        tokens = tokenize(text)
        check_syntax(tokens)
        compile_patterns(tokens)
        tree = parse(tokens)
        stage = "Failed to parse 'when' expression"
        words_as_strings = [_as_string(token) for token in tokens]
        check_syntax(words_as_strings)
        # A word and a string make the same tree, unless the string becomes a pattern.
        if compile_patterns(words_as_strings):
            tree = parse(words_as_strings)
        stage = "Failed to evaluate 'when' expresion"
        value = evaluate(tree)
    except SyntaxInvalid as error:
        hint = ' (hint: try wrapping the affected expression in quotes ("))' if "Invalid token" in str(error) else ""
        raise WhenInvalid(f"{stage} '{text}': {error}{hint}", text, error.offset, error.length) from None
    if not isinstance(value, bool):
        raise WhenInvalid(f"Expected boolean evaluation for '{text}'. Got {shown(value)}", text)
    return value


def _as_string(token: Token) -> Token:
    if token.kind is not Kind.VARIABLE:
        return token
    return Token(Kind.STRING, token.value, token.offset, token.length)
