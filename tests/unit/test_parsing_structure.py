"""Headings, descriptions, tables, code fences and thoughts around the entries of an answer."""

import pytest

from producers.worker.parsing import Parsed, parse_answer
from tests.unit.parsed import candidates


@pytest.mark.parametrize(
    "heading", ["## Museums", "# Museums", "**Museums:**", "**Museums**:", "**Museums**", "Museums:"]
)
@pytest.mark.parametrize("marker", ["- ", ""])
def test_headings_are_dropped_in_marked_and_plain_lists(heading: str, marker: str) -> None:
    answer = f"{heading}\n{marker}Louvre\n{marker}Orsay\n\n{heading}\n{marker}Panthéon"

    assert candidates(answer) == ["Louvre", "Orsay", "Panthéon"]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("| # | Name | Country |", "| 1 | 1984 | UK |\n| 2 | 007 | UK |\n| 3 | Emma | UK |"),
        ("| Year | Title | Author |", "| 1949 | 1984 | Orwell |\n| 1962 | 007 | Fleming |\n| 1815 | Emma | Austen |"),
        ("| Author | **Title** |", "| Orwell | 1984 |\n| Fleming | **007** |\n| Austen | Emma |"),
    ],
)
def test_the_header_of_a_table_says_where_its_names_are(header: str, rows: str) -> None:
    rule = "|---" * (header.count("|") - 1) + "|"
    assert candidates(f"{header}\n{rule}\n{rows}") == ["1984", "007", "Emma"]


def test_a_column_of_values_is_no_column_of_names() -> None:
    assert candidates("| Country | Value |\n|---|---|\n| France | big |\n| Peru | small |") == ["France", "Peru"]


def test_another_table_has_columns_of_its_own() -> None:
    first, second = "| Author | Title |\n|---|---|\n| Austen | Emma |", "| A | B |\n|---|---|\n| Louvre | Paris |"
    assert candidates(f"{first}\n\n{second}") == ["Emma", "Louvre"]


def test_unmarked_headings_are_dropped_in_a_marked_list() -> None:
    assert candidates("Museums\n- Louvre\n- Orsay\nParks\n- Tuileries") == ["Louvre", "Orsay", "Tuileries"]


def test_bold_lines_are_the_entries_where_only_descriptions_stand_between_them() -> None:
    assert candidates("**Eiffel Tower**\nAn iron tower.\n\n**Louvre**\nA museum.") == [
        "Eiffel Tower",
        "Louvre",
    ]
    assert candidates("**Eiffel Tower**\n**Louvre**\n**Orsay**") == ["Eiffel Tower", "Louvre", "Orsay"]
    assert candidates("Here are 2 sights\n**Louvre**\n**Orsay**\nI hope this helps!") == ["Louvre", "Orsay"]


def test_descriptions_between_marked_lines_are_dropped() -> None:
    answer = "1. Eiffel Tower\n   Built for 1889\n2. Louvre\n   A museum\n3. Orsay\n   Another one"

    assert candidates(answer) == ["Eiffel Tower", "Louvre", "Orsay"]


def test_a_table_gives_the_first_cell_that_is_not_just_a_number() -> None:
    answer = (
        "Here is a table:\n\n| # | Name | Year |\n|---|:---:|---|\n| 1 | **Eiffel Tower** | 1889 |\n"
        "| 2 | 1984 \\| a novel | x |\n| 3 | [Louvre](https://example.org) | y |\n\nThat is all there is."
    )

    assert candidates(answer) == ["Eiffel Tower", "1984 | a novel", "Louvre"]


def test_a_second_table_has_a_header_of_its_own() -> None:
    table = "| Name | Year |\n| --- | --- |\n| {} | 1 |\n| {} | 2 |\n"

    assert candidates(table.format("A", "B") + "\n## More\n\n" + table.format("C", "D")) == [
        "A",
        "B",
        "C",
        "D",
    ]


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    assert candidates("| Louvre | museum |\n| Orsay | museum |") == ["Louvre", "Orsay"]


def test_what_is_in_a_code_fence_is_read_as_usual() -> None:
    assert candidates("```text\n1. A\n2. B\n```") == ["A", "B"]


@pytest.mark.parametrize(
    "answer",
    [
        "<think>\n1. Not this\n2. Nor this\n</think>\n1. A\n2. B",
        "<think>1. Not this</think>1. A\n2. B",
        "<THINKING>\n[\n</THINKING>\n\n1. A\n2. B",
        "Not this\n1. Nor this\n</think>\n1. A\n2. B",
        f"<think>{'long thought ' * 3000}</think>1. A\n2. B",
        "1. A\n2. B\n<think>1. never closed\n2. Not this",
    ],
)
def test_thoughts_are_dropped(answer: str) -> None:
    assert parse_answer(answer) == Parsed(("A", "B"), 0)
