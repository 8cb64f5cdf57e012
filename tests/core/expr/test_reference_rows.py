"""Every reference row of expressions and tags, by value and type. What differs stands in data/differences.json with its reason.

That list is exact: a row on it that begins to agree fails the test as one does that stops.
"""

import json
from collections.abc import Callable
from typing import Any

from core.expr.reference import ARGO, DATA, ENVIRONMENT, like_go, rows, shape
from finale.errors import FinaleError
from finale.expr.errors import ExpressionError
from finale.expr.program import compile_expression
from finale.expr.tags import FlatScope, Mode, compile_text

DIFFERENCES: dict[str, dict[str, list[str]]] = json.loads((DATA / "differences.json").read_text())


def disagreeing(found: list[dict[str, Any]], key: str, agrees: Callable[[dict[str, Any]], bool]) -> set[str]:
    return {row[key] for row in found if not agrees(row)}


def known(name: str) -> set[str]:
    return {text for texts in DIFFERENCES[name].values() for text in texts}


def agrees_with_expression(row: dict[str, Any]) -> bool:
    try:
        found = shape(compile_expression(row["expr"], plain=True).evaluate(ENVIRONMENT))
    except FinaleError:
        return False
    return found == like_go(row)


def test_every_expression_has_the_value_and_type_that_go_printed() -> None:
    found = rows("expr-lang.jsonl.gz")

    assert len(found) == 40_827
    assert disagreeing(found, "expr", agrees_with_expression) == known("expr-lang")


def test_further_expressions_have_the_value_or_the_message_of_go() -> None:
    # Recorded from expr-lang 1.17.8 for expressions made at random: values with every float marked, and messages.
    wrong = []
    for row in rows("expr-more.jsonl.gz"):
        environment = ARGO if row.get("environment") == "argo" else ENVIRONMENT
        found: object
        try:
            found = shape(compile_expression(row["expr"], plain=True).evaluate(environment), exact=True)
        except ExpressionError as error:
            found = error.brief
        if found != (row["error"] if "error" in row else (row["type"], row["value"])):
            wrong.append((row, found))
    assert wrong == []


SCOPE = FlatScope(json.loads((DATA / "tags-scope.json").read_text()))


def agrees_with_tag(row: dict[str, Any]) -> bool:
    mode = Mode.LENIENT if row["allowUnresolved"] else Mode.STRICT
    try:
        found: object = compile_text(row["template"]).render(SCOPE, mode)
    except FinaleError:
        return "error" in row
    return bool(found == row.get("value", ...))


def test_every_tag_comes_out_as_argo_wrote_it() -> None:
    found = rows("tags.jsonl.gz")

    assert len(found) == 530
    assert disagreeing(found, "template", agrees_with_tag) == known("tags")


def test_errors_of_expressions_in_tags_are_worded_as_argo_words_them() -> None:
    wrong = []
    for row in rows("tags.jsonl.gz"):
        if "error" not in row or not row["template"].startswith("{{="):
            continue
        try:
            compile_text(row["template"]).render(SCOPE, Mode.LENIENT if row["allowUnresolved"] else Mode.STRICT)
        except FinaleError as error:
            brief = getattr(error, "brief", "")
            # Argo breaks the line here and quotes the expression; our caret has its own place.
            if brief.partition("\n")[0] != row["error"].partition("\n")[0]:
                wrong.append((row["template"], brief, row["error"]))
    assert wrong == []
