"""The words a producer asks with: what never changes stands first."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.prompts import (
    NAMING_RULES,
    PLAIN,
    STYLES,
    category_names,
    division_prompt,
    producer_prompt,
    styles_for,
)
from producers.providers.base import Question

HOSTILE = st.text(st.sampled_from("a1 \n\x00\x1b\u202e\ud800*-•.:()"), max_size=200)


def test_a_prompt_has_the_topic_the_users_words_the_rules_the_style_and_the_part():
    text = producer_prompt("Museums", "Only in Paris.\n", "names beginning with the letter A", "Small ones.")
    assert text.split("\n\n") == [
        "Topic: Museums",
        "Only in Paris.",
        NAMING_RULES,
        "Small ones.",
        "List only this part of the topic: names beginning with the letter A.",
    ]


def test_without_a_part_a_style_or_words_of_the_user_nothing_stands_in_their_place():
    assert producer_prompt("Museums", " \n ", "") == f"Topic: Museums\n\n{NAMING_RULES}"


def test_what_never_changes_comes_first_for_the_sake_of_prompt_caches():
    """Of two questions of a producer all is alike up to what differs between them: part, exclusions, number."""
    one, other = (producer_prompt("Museums", "In Paris.", part, "Small ones.") for part in ("A", "B"))
    assert one[:-2] == other[:-2]
    longer = Question("Museums", one, 60, ("Louvre", "Orsay")).text
    shorter = Question("Museums", one, 40, ("Louvre",)).text
    assert longer.startswith(one)
    assert shorter.startswith(longer[: longer.index("Louvre") + len("Louvre")])


# Styles


def test_the_plain_style_adds_nothing_and_every_other_says_something():
    styles = styles_for(Random(1))
    assert list(styles) == list(STYLES)
    assert [name for name, words in styles.items() if not words] == [PLAIN]


def test_a_run_has_anchor_words_of_its_own_and_keeps_them():
    anchors = [styles_for(Random(seed))["anchors"] for seed in (1, 1, 2)]
    assert anchors[0] == anchors[1] != anchors[2]
    assert not any("{" in words for words in styles_for(Random(1)).values())


# Divisions


def test_a_division_is_asked_for_with_the_topic_and_the_users_words():
    text = division_prompt("Museums", "Only in Paris.", 7)
    assert text.startswith("Topic: Museums\n\nOnly in Paris.\n\n")
    assert "7 categories" in text
    assert division_prompt("Museums", "").count("\n\n") == 1


def test_a_prompt_may_hold_braces():
    assert "{count}" in division_prompt("{topic}", "as {count}")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Art museums", "Art museums"),
        ("1. Art museums", "Art museums"),
        ("12) Art museums:", "Art museums"),
        ("- **Art museums**", "Art museums"),
        ("• Art\x00museums\n", "Art museums"),
        ("19th century", "19th century"),
        ("3. 3D films", "3D films"),
        ("1.5 litre engines", "1.5 litre engines"),
        ("Музеи.", "Музеи"),
    ],
)
def test_a_category_is_named_without_the_marks_of_its_list(line, name):
    assert category_names([line]) == (name,)


def test_categories_are_named_once_and_not_too_many():
    assert category_names(["Art", "ART ", "1. art"]) == ("art",)
    assert len(category_names([f"category {number}" for number in range(100)], most=24)) == 24


@pytest.mark.parametrize("line", ["", " ", "...", "3.", "—", "?!", "\x00\n", "a", "long " * 2_000])
def test_what_is_no_name_of_a_category_is_dropped(line):
    assert category_names([line, "Art"]) == ("Art",)


@given(st.lists(HOSTILE, max_size=20))
def test_whatever_is_answered_the_names_are_short_visible_lines(answer):
    for name in category_names(answer):
        assert 1 < len(name) <= 80
        assert name.isprintable()
        assert any(map(str.isalnum, name))
