"""What is left of a line: the entry without its markup, or a refusal."""

import json

import pytest

from producers.worker.parsing import Parsed, parse_answer
from tests.unit.parsed import candidates


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&amp;lt; is an entity", "&lt; is an entity"),
        ("&lt;script&gt;", "<script>"),
        ("&quot;Heroes&quot;", "Heroes"),
        ("A&nbsp;B", "A B"),
        ("&copycat; &nosuch;", "&copycat; &nosuch;".rstrip(";")),
        ("«Oui»", "Oui"),
        ("„Ja“", "Ja"),
        ("‘It’s a Wonderful Life’", "It’s a Wonderful Life"),
        ("'It's a Wonderful Life'", "It's a Wonderful Life"),
        ("「千と千尋」", "千と千尋"),
        ("\"'Heroes'\"", "Heroes"),
        ('"Caf\\u00e9"', '"Caf\\u00e9"'.strip('"')),
        ("**1984** by George Orwell", "1984"),
        ("*The Stranger* by Camus", "The Stranger by Camus"),
        ("**C**ompound", "Compound"),
        ("`**kwargs`", "**kwargs"),
        ("C\\#", "C#"),
        ("![a tower](x.png)", "a tower"),
        ("Zero\u200bwidth\u00ad \ufeffspace", "Zerowidth space"),
        ("much\t  \u00a0 space", "much space"),
        ("ends, ;,", "ends"),
        ("Star Trek: The Next Generation", "Star Trek: The Next Generation"),
    ],
)
def test_an_entry_is_cleaned_of_its_markup(body: str, entry: str) -> None:
    assert candidates(f"- Louvre\n- {body}\n- Orsay") == ["Louvre", entry, "Orsay"]


@pytest.mark.parametrize(
    "character",
    [*"\x00\x07\x0b\x0c\x1b\x1c\x1d\x1e\x7f\x85\r\u2028\u2029\u202a\u202e\u2066\u2069", chr(0xD800), chr(0xDFFF)],
)
def test_a_hostile_line_is_rejected_and_counted(character: str) -> None:
    assert parse_answer(f"1. A\n2. B{character}C\n3. D") == Parsed(("A", "D"), 1)
    assert parse_answer(f"A\nB{character}C\nD") == Parsed(("A", "D"), 1)
    assert parse_answer(json.dumps(["A", f"B{character}C", "D"])) == Parsed(("A", "D"), 1)


@pytest.mark.parametrize("entity", ["&#10;", "&#x202e;", "&#8232;", "&NewLine;"])
def test_a_hostile_character_cannot_hide_in_an_entity(entity: str) -> None:
    assert parse_answer(f"- A\n- B{entity}C\n- D") == Parsed(("A", "D"), 1)


def test_an_overlong_entry_is_rejected_and_the_longest_is_not() -> None:
    assert parse_answer(f"- A\n- {'b' * 200}\n- {'c' * 201}") == Parsed(("A", "b" * 200), 1)


@pytest.mark.parametrize(
    "markup", ["***", "---", "- - -", "___", "=====", "...", "7.", "(7)", "```", "~~~", "```json", "“”", ""]
)
def test_pure_markup_is_dropped_without_count(markup: str) -> None:
    assert parse_answer(f"- A\n{markup}\n- B") == Parsed(("A", "B"), 0)
    assert parse_answer(f"A\n{markup}\nB") == Parsed(("A", "B"), 0)


def test_carriage_returns_at_line_ends_are_no_part_of_entries() -> None:
    assert candidates("1. A\r\n2. B\r\n\r\n3. C\r\n") == ["A", "B", "C"]


def test_everything_beyond_the_limit_is_rejected() -> None:
    answer = "\n".join(f"- Entry {n}" for n in range(10))

    assert parse_answer(answer, max_candidates=4) == Parsed(tuple(f"Entry {n}" for n in range(4)), 6)


@pytest.mark.parametrize(
    "answer", ["1. Ko\u0308ln\n2. Bonn", '["Ko\u0308ln", "Bonn"]', "| Ko\u0308ln | x |\n| Bonn | x |"]
)
def test_letters_are_composed(answer: str) -> None:
    assert candidates(answer) == ["K\u00f6ln", "Bonn"]
