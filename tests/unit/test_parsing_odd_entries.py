"""Entries that look like markup, numbering or chatter, and are entries all the same."""

import pytest

from tests.unit.parsed import candidates

SURVIVORS = [
    "59 Rivoli",
    "7 Parnassiens",
    "Le 104",
    "#MeToo",
    "[REC]",
    "None",
    "Okay",
    "Beetle (New)",
    "J. Lo",
    "X. Bettel",
    "No. 5 Chanel",
    "<br>",
    "No More Heroes",
    "That's All I Ask",
    "I'd Do Anything for Love",
    "Here Comes the Sun",
    "Who's Afraid of Virginia Woolf?",
    "Would You Like to Swing on a Star?",
    "Yahoo!",
    "Note",
    "Sure",
    "The Who",
    "Terminator 2: Judgment Day",
    "C++",
    "C#",
    ".NET",
    "R",
    "2001: A Space Odyssey",
    "1984 - Orwell",
    "1984",
    "3.5 mm jack",
    "747 Boeing",
    "3:10 to Yuma",
    "(500) Days of Summer",
    "#1 Crush",
    "+44",
    "-273.15 °C",
    "-ism",
    "100 Years of Solitude",
    "24: Live Another Day",
    "M*A*S*H",
    "__init__",
    "snake_case_name",
    "**kwargs",
    "AT&T",
    "Q&A",
    '"A" and "B"',
    "{braces} in plain text",
    '["Heroes"] by David Bowie',
    "f(x) = [a, b]",
    "@#$%",
    "Ночной дозор",
    "東京タワー",
    "🗼",
    "Great Expectations",
    "I Hope You Dance",
    "Let Me Know",
]


@pytest.mark.parametrize("entry", SURVIVORS)
def test_an_odd_entry_survives_behind_a_marker(entry: str) -> None:
    assert candidates(f"1. Louvre\n2. {entry}\n3. Orsay") == ["Louvre", entry, "Orsay"]
    assert candidates(f"- Louvre\n- {entry}\n- Orsay") == ["Louvre", entry, "Orsay"]


@pytest.mark.parametrize("entry", [*SURVIVORS, "1. FC Köln", "1. FC Nürnberg"])
@pytest.mark.parametrize("place", [0, 3, 7])
def test_an_odd_entry_survives_in_a_plain_list(entry: str, place: int) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne", "Montmartre"]
    entries.insert(place, entry)

    assert candidates("\n".join(entries)) == entries


def test_all_odd_entries_survive_together() -> None:
    assert candidates("\n".join(SURVIVORS)) == SURVIVORS


def test_titles_in_numeric_order_are_not_taken_for_numbering() -> None:
    films = ["2 Fast 2 Furious", "3 Idiots", "4 Months, 3 Weeks and 2 Days", "12 Monkeys", "13 Going on 30"]

    assert candidates("\n".join(films)) == films


def test_years_in_sequence_are_not_taken_for_numbering() -> None:
    winners = ["1990 - Germany", "1991 - Nobody", "1992 - Denmark", "1993 - Nobody"]

    assert candidates("\n".join(winners)) == winners


@pytest.mark.parametrize("form", ["{} - {}", "{}: {}", "{}. {}", "{} {}"])
def test_numbering_that_goes_on_from_an_earlier_answer_is_numbering(form: str) -> None:
    answer = "\n".join(form.format(n, f"Entry {chr(n)}") for n in range(97, 107))

    assert candidates(answer) == [f"Entry {chr(n)}" for n in range(97, 107)]


def test_numbering_survives_descriptions_gaps_and_a_new_start() -> None:
    answer = "1 - A\n2 - B\nabout b\n3 - C\n5 - D\n## More\n1 - E\n2 - F"

    assert candidates(answer) == ["A", "B", "C", "D", "E", "F"]
