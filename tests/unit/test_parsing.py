"""What becomes of a language model's answer while it arrives, and what must hold whatever it is."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.worker.parsing import AnswerParser, parse_answer
from tests.unit.parsed import candidates, read_in_pieces

# -- streaming ----------------------------------------------------------------------------------------------


def test_candidates_come_while_the_answer_arrives() -> None:
    parser = AnswerParser()

    assert parser.feed("Here you are:\n1. A\n2. ") == ()
    assert parser.feed("B\n") == ("A", "B")
    assert parser.feed("3. C\n4.") == ("C",)
    assert parser.finish(complete=False) == ()
    assert (parser.accepted, parser.rejected, parser.chatter) == (3, 0, 1)


def test_json_candidates_come_while_the_answer_arrives() -> None:
    parser = AnswerParser()

    assert parser.feed('{"entries": ["A", "B') == ("A",)
    assert parser.feed('", "C') == ("B",)
    assert parser.finish(complete=True) == ()


@pytest.mark.parametrize(
    "answer", ["1. A\n2. B\n3. Cut o", "A\nB\nCut o", "| A | x |\n| B | x |\n| Cut | o", '"A",\n"B",\n"Cut"']
)
def test_an_unfinished_last_line_counts_only_in_a_complete_answer(answer: str) -> None:
    assert candidates(answer, complete=False) == ["A", "B"]
    assert len(candidates(answer, complete=True)) == 3


def test_a_single_unmarked_line_waits_for_the_end() -> None:
    assert candidates("Louvre") == ["Louvre"]
    assert candidates("Louvre", complete=False) == []
    assert candidates("Louvre\n", complete=False) == ["Louvre"]


@pytest.mark.parametrize(
    "unit", ["x", " ", "*", "_", "`", "[", "[a](", "(", "&", '"', "“", "|", "-", "{", "<think>", "\\", "1. "]
)
def test_a_line_without_end_is_dropped_and_counted_once(unit: str) -> None:
    line = "- x" + unit * (1_000_000 // len(unit))
    parser = AnswerParser()
    found = [entry for start in range(0, len(line), 4_096) for entry in parser.feed(line[start : start + 4_096])]
    held = len(parser._buffer) + len(parser._json_text)
    found += parser.feed("\n- A\n- B\n")
    found += parser.finish(complete=True)

    assert held <= 10_000
    assert (found, parser.rejected) == (["A", "B"], 1)


@pytest.mark.parametrize(
    "unit",
    [
        '["',
        "[",
        '{"a":',
        "[\n",
        "\n",
        '{"a":"b"}',
        '["a"],',
        '"',
        "**",
        "1 - a\n",
        "| a |\n",
        "a b c d e f.\n",
    ],
)
def test_a_flood_of_anything_is_read_to_its_end(unit: str) -> None:
    parsed = parse_answer(unit * (200_000 // len(unit)) + "\n- A\n- B\n")

    assert len(parsed.candidates) <= 2_000


# -- properties ---------------------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        *(
            "1. ",
            "2. ",
            "3) ",
            "4 - ",
            "5: ",
            "1 ",
            "2 ",
            "3 ",
            "- ",
            "• ",
            "[ ] ",
            "a) ",
            "i. ",
            "<ul>",
            "<li>",
            "</li>",
            "- name: ",
            "№ 2 ",
            "✅ ",
            "None",
            ", ",
            "# ",
            "**",
            "*",
            "`",
            "```json",
        ),
        *(
            "\n",
            "\n",
            "\n",
            "\r\n",
            "\n\n",
            "|",
            "|---|",
            " | ",
            "[",
            "]",
            "{",
            "}",
            '"',
            '", "',
            '": "',
            "'",
            ",",
            ":",
        ),
        *(
            '{"name": "',
            '["',
            '"]',
            '"}',
            "\\",
            "\\u00",
            "\\n",
            "<think>",
            "</think>",
            "<thi",
            "nking>",
            "&amp;",
            "&#10;",
        ),
        *(
            "Louvre",
            "Sure! ",
            "Here are 5 more",
            "I hope this helps!",
            "Note: one two three.",
            "é",
            "東京",
            " ",
            "\t",
        ),
        *(
            "\u200b",
            "\u202e",
            "\x00",
            "\u2028",
            "\x85",
            "\x1c",
            "\ud800",
            "x" * 70,
            "x" * 6_000,
            "1984 - Orwell",
            "-",
            ".",
            " - a museum\n",
            ": the largest of all\n",
            "\n   - Built: 1793\n",
            "Okay, here goes…\n",
            "etc.\n",
            "A, B, C, D,\n",
        ),
    ]
)
SCALARS = st.one_of(st.text(max_size=8), st.integers(), st.none())
KEYS = st.sampled_from(["name", "entries", "tags", "description", "1", "Museums", "\n"])


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(inner, st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4))


JSON_VALUES = nested(nested(nested(SCALARS)))
ANSWERS = st.one_of(
    st.lists(FRAGMENTS, max_size=40).map("".join),
    st.lists(st.text(max_size=20), max_size=12).map("\n".join),
    JSON_VALUES.map(json.dumps),
)


def cut(text: str, places: list[int]) -> list[str]:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@given(ANSWERS, st.lists(st.integers(min_value=0, max_value=100_000), max_size=12), st.booleans())
def test_the_result_does_not_depend_on_how_the_answer_was_cut(text: str, places: list[int], complete: bool) -> None:
    whole = read_in_pieces([text], complete=complete)

    assert read_in_pieces(cut(text, places), complete=complete) == whole
    assert read_in_pieces(list(text), complete=complete) == whole


@given(ANSWERS, st.booleans())
def test_every_candidate_is_one_clean_line_of_bounded_length(text: str, complete: bool) -> None:
    found, accepted, _, _ = read_in_pieces([text], complete=complete)

    assert len(found) == accepted <= 30
    for entry in found:
        assert 0 < len(entry) <= 60
        assert len(entry.splitlines()) == 1
        assert entry == " ".join(entry.split())
        entry.encode()


@given(st.lists(st.text("abcXYZ éß東Ω0-'", min_size=1).map(lambda text: f"E{text}e"), min_size=2, max_size=30))
def test_ordinary_entries_come_back_as_they_were(entries: list[str]) -> None:
    entries = [" ".join(entry.split()) for entry in entries if len(" ".join(entry.split())) <= 60]

    assert candidates("\n".join(f"{n}. {entry}" for n, entry in enumerate(entries, 1))) == entries
    assert candidates("\n".join(entries)) == entries
    assert candidates(json.dumps(entries, indent=2)) == entries


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=10), st.data())
def test_a_cut_json_array_gives_a_prefix_of_the_whole(entries: list[str], data: st.DataObject) -> None:
    text = json.dumps(entries)
    whole = candidates(text)
    end = data.draw(st.integers(min_value=0, max_value=len(text)))

    part = candidates(text[:end], complete=False)

    assert part == whole[: len(part)]
