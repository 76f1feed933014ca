"""What models say around a list, and when there is no list at all."""

import pytest

from producers.worker.parsing import Parsed, parse_answer
from tests.unit.parsed import candidates, read_in_pieces

OPENERS = [
    "I'd be happy to help!",
    "I’d be glad to help you with that.",
    "I'd be happy to help!\n\n**Paris attractions**",
    "**Paris attractions**\n\nI'd be happy to help!",
    "Happy to help!",
    "Great question!",
    "What a city!",
    "Okay.",
    "Certainly.",
    "Sure! Here are 60 attractions in Paris:",
    "Sure! Here are 60 attractions in Paris",
    "Sure!",
    "Sure, I can help you with that.",
    "Here are 100 more",
    "Here's a list of attractions",
    "Certainly",
    "Certainly! Here you go.",
    "Of course!",
    "Paris is full of wonders and here are some.",
    "Let me think about attractions in Paris.",
    "Voici 60 attractions à Paris",
    "Voici une liste :",
    "Bien sûr !  Voici :",
    "Aquí tienes una lista de atracciones",
    "Hier sind 60 Sehenswürdigkeiten in Paris",
    "Hier sind weitere:",
    "Ecco altri 40 luoghi",
    "以下是60个景点：",
    "Вот 60 мест:",
]
CLOSERS = [
    "That's all I could find.",
    "There are no more entries beginning with those letters.",
    "There are no more entries",
    "No more entries.",
    "Sorry, I couldn't find any more.",
    "You have a good day!",
    "I hope this helps!",
    "Let me know if you'd like more.",
    "Note: this list is not exhaustive.",
    "(Note: opening times may vary)",
    "Would you like more of these?",
    "Feel free to ask for more!",
    "These are the best known sights of the city.",
    "If you want, I can continue with 60 more.",
    "Enjoy!",
    "Total: 113 entries",
    "**Total entries: 60**",
    "(Total number of places: 1,024)",
    "(End of the list)",
    "J'espère que cela vous aide !",
    "Ich hoffe, das hilft dir weiter!",
    "Espero que esto te ayude.",
    "希望这些对你有帮助！",
]


@pytest.mark.parametrize("marker", ["- ", ""])
@pytest.mark.parametrize("opener", OPENERS)
def test_a_preamble_is_dropped(opener: str, marker: str) -> None:
    entries = ["Louvre", "Orsay", "Panthéon"]

    assert candidates("\n".join([opener, "", *(marker + entry for entry in entries)])) == entries


@pytest.mark.parametrize("marker", ["- ", ""])
@pytest.mark.parametrize("closer", CLOSERS)
@pytest.mark.parametrize("length", [3, 8])
def test_closing_words_are_dropped(closer: str, marker: str, length: int) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne", "Montmartre", "Marais"][:length]

    assert candidates("\n".join([*(marker + entry for entry in entries), "", closer])) == entries


@pytest.mark.parametrize("marker", ["- ", ""])
@pytest.mark.parametrize("aside", ["(continued)", "*(cont'd)*", "(Continued from above)", "(list continues)"])
@pytest.mark.parametrize("length", [4, 8])
def test_a_stage_direction_between_entries_is_dropped(aside: str, marker: str, length: int) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne", "Montmartre", "Marais"][:length]
    lines = [marker + entry for entry in entries]

    assert candidates("\n".join([*lines[:2], aside, *lines[2:]])) == entries


@pytest.mark.parametrize("name", ["Total", "Total Recall", "Total 90", "Continued", "(500) Days of Summer"])
def test_names_that_sound_like_a_count_or_a_direction_are_entries(name: str) -> None:
    entries = ["Louvre", name, "Panthéon", "Bastille", "Invalides", "Sorbonne", name]

    assert candidates("\n".join(entries)) == entries


def test_chatter_on_both_sides_is_counted_as_chatter_and_not_as_rejected() -> None:
    assert read_in_pieces(["Sure! Here you go:\n- A\n- B\nI hope this helps!"], complete=True) == (
        ["A", "B"],
        2,
        0,
        2,
    )


@pytest.mark.parametrize("blank", ["N/A", "n/a", "- N/A", "N/A."])
def test_a_blank_that_a_model_fills_in_is_no_entry(blank: str) -> None:
    assert candidates(f"- Louvre\n{blank}\n- Orsay\n- Invalides") == ["Louvre", "Orsay", "Invalides"]


def test_a_sentence_in_the_middle_of_a_plain_list_is_an_entry() -> None:
    entries = ["Louvre", "Orsay", "I hope you like this one.", "Panthéon", "Bastille", "Invalides", "Marais"]

    assert candidates("\n".join(entries)) == entries


def test_a_list_of_sentences_is_a_list() -> None:
    tips = [f"Drink {n} glasses of cold water every day." for n in ("two", "three", "four", "five", "six")]

    assert candidates("\n".join(tips)) == tips
    assert candidates("\n".join(["Here are 5 tips for you.", *tips, "I hope this helps!"])) == tips


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with that request.",
        "Sorry, I can't help with that.",
        "I cannot help with that",
        "I'm unable to help with that.",
        "I'm not able to provide that list.",
        "Unfortunately, I am unable to help.",
        "I apologize, but I cannot fulfill this request.",
        "I'm sorry, but I can't help with that.\n\nIs there anything else I can do?",
    ],
)
def test_a_refusal_gives_nothing(refusal: str) -> None:
    assert parse_answer(refusal) == Parsed((), 0)


@pytest.mark.parametrize(
    "nothing",
    ["None", "None.", "none", "N/A", "(none)", "**None**", "Okay.\n\nNone.", "No more entries.", "No entries found."],
)
def test_an_answer_that_is_only_none_has_no_entries(nothing: str) -> None:
    assert parse_answer(nothing) == Parsed((), 0)


def test_none_behind_a_marker_is_counted_and_among_others_an_entry() -> None:
    assert parse_answer("- None") == Parsed((), 1)
    assert candidates("None\nSome\nAll") == ["None", "Some", "All"]
    assert candidates("- True\n- None") == ["True", "None"]


def test_a_sentence_is_an_entry_where_nothing_sets_it_apart() -> None:
    assert candidates("Washington\n\nThere is no spoon.") == ["Washington", "There is no spoon."]
    assert candidates("Great Question!\nLouvre\nOrsay") == ["Great Question!", "Louvre", "Orsay"]
    for answer in ("Long live the king!\nLouvre\nOrsay", "What a city!\n\nLouvre\n\nOrsay\n\nLong live him!"):
        assert candidates(answer) == [line for line in answer.split("\n") if line]


def test_an_established_plain_list_stays_plain() -> None:
    answer = "A\nB\nC\nD\nE\n- F\n- G\nH\n"

    assert candidates(answer) == ["A", "B", "C", "D", "E", "F", "G", "H"]
