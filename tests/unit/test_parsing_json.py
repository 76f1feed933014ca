"""Entries out of JSON, sloppy and cut as models write it."""

import json

import pytest

from producers.worker.parsing import Parsed, parse_answer
from tests.unit.parsed import candidates

VALUES = ["Eiffel Tower", "Musée d'Orsay", 'The "Louvre"', "A, B [c] {d}: e", "Tab\\backslash", "東京"]
SHAPES = {
    "array": VALUES,
    "entries": {"entries": VALUES},
    "topic and entries": {"topic": "Paris", "count": 6, "entries": VALUES, "notes": ["not this"]},
    "title and own key": {"title": "Sights of Paris", "sights": VALUES},
    "groups": {"Museums": VALUES[:3], "Parks": VALUES[3:]},
    "numbered": {str(n): value for n, value in enumerate(VALUES, 1)},
    "objects": [{"id": n, "name": value, "description": "not this"} for n, value in enumerate(VALUES)],
    "description first": [{"description": "not this", "title": value} for value in VALUES],
    "own key": [{"category": "not this", "attraction": value, "why": "nor this"} for value in VALUES],
    "objects in entries": {"entries": [{"label": value, "tags": ["not", "this"]} for value in VALUES]},
    "nested details": [{"name": value, "place": {"name": "not this", "in": ["nor this"]}} for value in VALUES],
    "groups in an array": [{"category": "x", "items": VALUES[:2]}, {"category": "y", "sights": VALUES[2:]}],
    "groups of objects": [{"name": "not this", "items": [{"name": value} for value in VALUES]}],
    "wrapped": {"response": {"status": "ok", "entries": VALUES}},
    "numbered objects": {str(n): {"name": value} for n, value in enumerate(VALUES)},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "\n {} \n",
        "```json\n{}\n```",
        "Sure! Here it is:\n\n```\n{}\n```\nI hope this helps!",
        "Here: {}\nBye",
    ],
)
def test_json_of_every_shape_gives_its_entries(shape: str, indent: int | None, frame: str) -> None:
    for ascii_only in (True, False):
        text = json.dumps(SHAPES[shape], indent=indent, ensure_ascii=ascii_only)

        assert parse_answer(frame.replace("{}", text)) == Parsed(tuple(VALUES), 0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"name": "A"}\n{"name": "B", "tags": ["x"]}\n', ["A", "B"]),
        ('{"name": "A"}, {"name": "B"}', ["A", "B"]),
        ('"A"\n"B"\n"C"', ["A", "B", "C"]),
        ('"A",\n"B",\n"C"', ["A", "B", "C"]),
        ('["A"]\n["B"]', ["A", "B"]),
        ('["A", "B",]', ["A", "B"]),
        ('[\n"A"\n"B"\n]', ["A", "B"]),
        ("['A', 'It\\'s', \"B\"]", ["A", "It's", "B"]),
        ('sights = [\n    "A",\n    "B",\n]\nprint(sights)', ["A", "B"]),
        ('[["A", "B"], ["C"]]', ["A", "B", "C"]),
        ("[]", []),
        ("{}", []),
        ('{"entries": []}', []),
    ],
)
def test_sloppy_json_is_read(answer: str, expected: list[str]) -> None:
    assert candidates(answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('["A", "B", "C', ["A", "B"]),
        ('["A", "B", "C"', ["A", "B", "C"]),
        ('["A"', ["A"]),
        ('["', []),
        ("[", []),
        ('{"entries": ["A", "B\\', ["A"]),
        ('[{"name": "A"}, {"name": "B", "description": "not th', ["A", "B"]),
        ('[{"name": "A"}, {"name": "B', ["A"]),
        ('[{"name": "A"}, {"description": "not this", "na', ["A"]),
        ('[{"name": "A"}, {"category": "not this", ', ["A"]),
        ('{"Museums": ["A", "B"], "Parks": ["C", "D', ["A", "B", "C"]),
        ('{"1": "A", "2": "B", "3"', ["A", "B"]),
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_of_truncated_json_the_whole_strings_are_kept(answer: str, expected: list[str], complete: bool) -> None:
    assert candidates(answer, complete=complete) == expected


@pytest.mark.parametrize(
    ("answer", "parsed"),
    [
        ('["A", "B\\q", "C"]', Parsed(("A", "C"), 1)),
        ('["A", "B\\ud800", "C"]', Parsed(("A", "C"), 1)),
        ('["A", "B\\nC", "D"]', Parsed(("A", "D"), 1)),
        ('["A", "He said "hi" there", "C"]', Parsed(("A", "C"), 1)),
        ('[\n"A",\n"no end,\n"C"\n]', Parsed(("A", "C"), 1)),
        ('[{"name": "A", "description": "\\q"}]', Parsed(("A",), 0)),
        (json.dumps(["A", "b" * 201, "c" * 20_000, "D"]), Parsed(("A", "D"), 2)),
    ],
)
def test_a_broken_string_is_rejected_and_the_others_are_kept(answer: str, parsed: Parsed) -> None:
    assert parse_answer(answer) == parsed


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[1] Eiffel Tower\n[2] Louvre", ["Eiffel Tower", "Louvre"]),
        ("{braces} in plain text\nLouvre", ["{braces} in plain text", "Louvre"]),
        ('{"braces"} in plain text\nLouvre', ['{"braces"} in plain text', "Louvre"]),
        ('["Heroes" (song)\nLouvre', ['["Heroes" (song)', "Louvre"]),
        ('["unclosed\nLouvre', ['["unclosed', "Louvre"]),
        ("[\nLouvre\nOrsay", ["Louvre", "Orsay"]),
        ("{\n{\n[\nLouvre\nOrsay", ["Louvre", "Orsay"]),
        ("[Louvre](https://example.org)\n[Orsay](https://example.org)", ["Louvre", "Orsay"]),
        ("1. Arrays: [\n2. Objects: {\n3. Louvre", ["Arrays: [", "Objects: {", "Louvre"]),
    ],
)
def test_brackets_in_text_do_not_swallow_the_answer(answer: str, expected: list[str]) -> None:
    assert candidates(answer) == expected


def test_json_that_breaks_down_does_not_swallow_what_follows() -> None:
    answer = '["A", "B" oh\nno\nthis\nis\nbroken\n1. C\n2. D\n'

    assert candidates(answer) == ["A", "C", "D"]
