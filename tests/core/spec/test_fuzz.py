"""Whatever bytes come: Documents and Problems come out, nothing else, and in time."""

from pathlib import Path

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finale.spec.dump import to_yaml
from finale.spec.load import load_text
from finale.spec.support import notices, refusals

MANIFESTS = [path.read_bytes() for path in sorted((Path(__file__).parent / "manifests").glob("*.yaml"))]
MANIFESTS += [msgspec.json.encode(document.body) for text in MANIFESTS for document in load_text(text, "a")]
PIECES = [
    *(b"{{", b"}}", b": ", b"- ", b"\n", b"\t", b"&a ", b"*a", b"<<: ", b"!!int ", b"!x ", b"'", b'"', b"|\n", b">-\n"),
    *(b"---\n", b"\n---", b"...\n", b"[", b"]", b"{", b"}", b",", b"#", b"%", b"@", b"`", b"\\", b"\0", b"\xff", b"\r"),
    *(b"\xc2\x85", b"\xe2\x80\xa8", b"? ", b"~", b"null", b".nan", b"1e999", b"\xef\xbb\xbf", b"\\ud800", b"  ", b"0x"),
]
edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(
            st.sampled_from(PIECES),
            st.lists(st.sampled_from(PIECES), max_size=5).map(b"".join),
            st.tuples(st.sampled_from(PIECES), st.integers(2, 40)).map(lambda pair: pair[0] * pair[1]),
            st.binary(max_size=8),
        ),
    ),
    min_size=1,
    max_size=6,
)


def check(content: bytes) -> None:
    documents = load_text(content, "a.yaml")
    assert documents
    for document in documents:
        assert (document.object is None) == any(problem.severity == "error" for problem in document.problems)
        for problem in (*document.problems, *notices(document), *refusals(document)):
            assert problem.place is not None
            assert problem.text()
            assert document.place_of(problem.path) is not None or not document.kind
        if document.object is not None:
            (again,) = load_text(to_yaml(document), "b.yaml")
            assert again.body == document.body


@settings(deadline=5_000, max_examples=300)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
@example(b"{{{{{{{{{{")
@example(b"- " * 5_000)
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b"? " * 5_000)
@example(b"a: " * 20_000)
@example(b"\n---" * 20_000)
@example(b"&a " * 20_000)
def test_random_bytes_never_raise(content: bytes) -> None:
    check(content)


@settings(deadline=5_000, max_examples=400)
@given(st.sampled_from(MANIFESTS), edits)
def test_mutated_manifests_never_raise(content: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for where, removed, inserted in changes:
        start = int(where * len(content))
        content = content[:start] + inserted + content[start + removed :]
    check(content)
