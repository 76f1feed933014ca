"""What answers say of their entries, behind their names or below them, is no part of a name; and rows of names."""

import pytest

from producers.worker.parsing import AnswerParser
from tests.unit.parsed import candidates


@pytest.mark.parametrize(
    "answer",
    [
        "1. Louvre - a museum of art\n2. Orsay - impressionists in a station\n3. Rodin - sculptures\n4. Cluny",
        "1. Louvre – a museum\n2. Orsay — a station\n3. Rodin - a garden\n4. Cluny – Baths",
        "- Louvre: the largest of all\n- Orsay: paintings\n- Rodin: sculptures\n- Cluny: old things",
        "- Louvre: The largest of all museums here\n- Orsay: Once a station.\n- Rodin: A house of his.\n- Cluny: B",
        "Louvre - a museum\nOrsay - a station\nRodin - a garden\nCluny - a bath",
        "1. Louvre - a museum\n2. Orsay - a station\n3. Rodin - a garden\n4. Cluny - de luxe - and more",
    ],
)
def test_descriptions_behind_the_names_are_cut(answer):
    assert candidates(answer) == ["Louvre", "Orsay", "Rodin", "Cluny"]


@pytest.mark.parametrize(
    "names",
    [
        ["Queen - Bohemian Rhapsody", "Nirvana - Smells Like Teen Spirit", "ABBA - Waterloo"],
        ["Star Wars: A New Hope", "Alien", "Mission: Impossible"],
        ["Star Wars: the first", "Star Wars: the second", "Star Wars: the third"],
        ["Paris - Rome", "Oslo - Bergen", "Bonn - Berlin"],
        ["Édith Piaf – La vie en rose", "Jacques Brel – Ne me quitte pas", "Barbara – Göttingen"],
        ["Louvre - a museum", "Musée d'Orsay", "Rodin - a garden"],
        ["Louvre - a museum"],
    ],
)
@pytest.mark.parametrize("form", ["1. {}", "- {}"])
def test_names_with_dashes_and_colons_stay_whole(names, form):
    assert candidates("\n".join(form.format(name) for name in names)) == names


def test_a_dash_of_a_name_is_no_end_of_it():
    answer = "1. Louvre – Richelieu Wing - built for a king\n2. Orsay - a station\n3. Louvre – Denon Wing - popular"
    assert candidates(answer) == ["Louvre – Richelieu Wing", "Orsay", "Louvre – Denon Wing"]


def test_entries_without_descriptions_are_not_held_back():
    parser = AnswerParser()
    assert parser.feed("1. Louvre\n2. Orsay\n") == ("Louvre", "Orsay")


def test_entries_with_descriptions_come_with_the_third():
    parser = AnswerParser()
    assert parser.feed("1. Louvre - a museum\n2. Orsay - a station\n") == ()
    assert parser.feed("3. Rodin - a garden\n") == ("Louvre", "Orsay", "Rodin")
    assert parser.feed("4. Cluny - a bath\n") == ("Cluny",)


def test_what_a_thought_described_says_nothing_of_the_answer():
    thought = "1. A - a thing\n2. B - a thing\n</think>\n"
    names = ["Star Wars: the first", "Alien"]
    assert candidates(thought + "\n".join(f"- {name}" for name in names)) == names


def test_of_comma_separated_values_the_first_is_the_name():
    rows = '"Louvre","a museum"\n"Orsay, the station","a museum, too",""\n"Rodin","Sculptures"'
    assert candidates(f"name,description\n{rows}") == ["Louvre", "Orsay, the station", "Rodin"]
    assert candidates(f"```csv\n{rows}\n```") == ["Louvre", "Orsay, the station", "Rodin"]


# Below the entries


LABELLED = """1. Louvre
\t- Location: Paris
\t- Built: 1200
\t- Style: Baroque
\t- Open: Monday
\t- Price: 22
2. Orsay
\t- Location: Paris
3. Rodin"""


@pytest.mark.parametrize(
    "answer",
    [
        "1. **Louvre**\n   - Founded in 1793\n   - Holds the Mona Lisa\n2. **Orsay**\n   - A station\n3. Rodin",
        "- **Louvre**\n  - Founded in 1793\n- **Orsay**\n  - A station\n  * Of 1900\n- **Rodin**\n  - A garden",
        LABELLED,
        "1. Louvre\n   a. Large\n   b. Old\n   c. Full\n2. Orsay\n3. Rodin",
    ],
)
def test_bullets_below_an_entry_describe_it(answer):
    parser = AnswerParser()
    assert parser.feed(answer) + parser.finish(complete=True) == ("Louvre", "Orsay", "Rodin")
    assert parser.chatter >= 3


@pytest.mark.parametrize(
    ("answer", "entries"),
    [
        ("1. M\n   - Louvre\n   - Orsay\n   - Rodin\n   - Cluny\n   - Guimet\n2. P\n   - Monceau", 8),
        ("- Museums\n  - Louvre\n  - Orsay\n- Parks\n  - Tuileries\n", 5),
        ("1. Museums\n   - Louvre\n   - Orsay", 3),
        ("1. Louvre\n  2. Orsay\n  3. Rodin", 3),
        ("- Louvre\n - Orsay\n - Rodin", 3),
        ("<ol>\n<li>Louvre</li>\n    <li>Orsay</li>\n    <li>Rodin</li>\n</ol>", 3),
    ],
)
def test_entries_below_a_group_or_only_written_further_in_stay(answer, entries):
    assert len(candidates(answer)) == entries


# Rows of names


MUSEUMS = ["Louvre", "Orsay", "Rodin", "Cluny", "Picasso", "Guimet"]


@pytest.mark.parametrize(
    "answer",
    [
        "Here are some museums:\n\nLouvre, Orsay, Rodin, Cluny, Picasso, Guimet.\n\nLet me know if you need more.",
        "Sure! Louvre, Orsay, Rodin, Cluny, Picasso, and Guimet.",
        "Louvre, Orsay, Rodin,\nCluny, Picasso, Guimet.",
        "Louvre, Orsay, Rodin, Cluny, Picasso, Guimet\n\nI hope this helps!",
        "Sure! Here are: Louvre, Orsay, Rodin, Cluny, Picasso, Guimet.",
    ],
)
def test_a_row_of_names_is_read_whatever_stands_around_it(answer):
    assert candidates(answer) == MUSEUMS


def test_one_name_in_five_may_be_long_where_the_row_is_announced():
    long = "Musée de la chasse et de la nature"
    assert candidates(f"Here are six museums:\nLouvre, Orsay, {long}, Rodin, Cluny, Guimet.") == [
        *("Louvre", "Orsay", long, "Rodin", "Cluny", "Guimet")
    ]


def test_a_sentence_with_commas_is_no_row():
    sentence = (
        "Paris is old, large, full of museums that one has to see, rich, loud, and never quite done with itself."
    )
    assert candidates(f"Here is what I know:\n{sentence}") != sentence.split(", ")


# Around a list


@pytest.mark.parametrize("opener", ["Okay, here goes…", "Here we go!", "Here goes:"])
@pytest.mark.parametrize(
    "closer",
    [
        "...and many more!",
        "etc.",
        "*End of list*",
        "Please verify these before publishing.",
        "以上です。",
        "and so on…",
    ],
)
def test_words_around_a_plain_list_are_no_entries(opener, closer):
    assert candidates("\n".join([opener, *MUSEUMS, closer])) == MUSEUMS


@pytest.mark.parametrize("name", ["Here We Go Again", "Please Verify", "End of List Road"])
def test_names_like_such_words_are_entries(name):
    assert candidates("\n".join([name, *MUSEUMS, name])) == [name, *MUSEUMS, name]
