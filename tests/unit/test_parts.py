"""Parts of a topic: words for a model, and whether a name belongs to them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.alphabet import DIGITS, LATIN, REST, Initials, share_out
from orchestration.logic.parts import (
    LONGEST_NAME,
    SAMPLE,
    WHOLE,
    Part,
    as_data,
    category,
    cluster,
    from_data,
    gap,
    range_part,
)

texts = st.one_of(st.text(max_size=20), st.text(st.sampled_from("a1é漢\x00\x1b\n\r\u202e\ud800 .;:!"), max_size=400))
parts = st.one_of(
    st.just(WHOLE),
    st.builds(category, texts),
    st.builds(gap, st.lists(texts, max_size=24)),
    st.builds(cluster, st.lists(texts, max_size=5)),
    st.integers(1, 30).flatmap(lambda count: st.sampled_from(share_out(count)).map(range_part)),
    st.builds(
        range_part, st.builds(Initials, st.sampled_from([LATIN, DIGITS, "greek"]), st.just("a"), st.just("am"))
    ),
)
LETTERS = range_part(Initials(LATIN, "a", "f"))


@given(parts)
def test_a_part_survives_its_way_through_a_column(part):
    assert from_data(json.loads(json.dumps(as_data(part)))) == part


@given(parts)
def test_the_words_of_a_part_are_one_visible_line_that_fits_its_column(part):
    assert len(part.words) <= 200
    assert part.words.isprintable()
    part.words.encode()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (WHOLE, ""),
        (LETTERS, "names beginning with the letters A to F"),
        (category("Art museums"), "entries of the category Art museums"),
        (cluster(["Louvre", "Orsay"]), "entries similar to Louvre; Orsay"),
        (gap(["Art", "Science"]), "entries that belong to none of these: Art; Science"),
    ],
)
def test_a_part_is_put_in_plain_words(part, words):
    assert part.words == words


@pytest.mark.parametrize("name", ["", "...", "?!", " \n\t", "\x00\x1b", "—", "\u202e"])
def test_a_category_without_letters_or_digits_is_none(name):
    assert category(name).name == category(name).words == ""


def test_a_category_becomes_one_short_line():
    assert category("  Art\nmuseums:\x00 ").name == "Art museums"
    assert category("\x1b[31mRed\x1b[0m").name == "[31mRed [0m"
    assert len(category("long " * 2_000).name) <= LONGEST_NAME


def test_examples_and_categories_of_any_length_are_shortened():
    assert len(cluster(["x" * 10_000] * 10).words) <= 200
    assert len(gap(["x" * 10_000] * 10).words) <= 200


CATEGORIES = [
    "Art and painting", "Natural history", "Science and technology", "Military history", "Ships and the sea",
    "Open-air museums", "Houses of writers", "Ethnographic collections", "Archaeology", "Religious art", "Sports",
    "Transport and railways",
]  # fmt: skip


def test_what_is_left_of_twelve_categories_names_all_of_them():
    said = gap(CATEGORIES)
    names = said.name.split("; ")
    assert len(said.words) <= 200
    assert len(names) == len(CATEGORIES)
    assert all(name in full for name, full in zip(names, CATEGORIES, strict=True))
    assert all(full[len(name) :][:1] in ("", " ") for name, full in zip(names, CATEGORIES, strict=True))


def test_short_names_are_not_shortened():
    assert gap(["Art and war", "Sports"]).name == "Art and war; Sports"


@given(st.lists(st.text(max_size=100), max_size=40))
def test_names_of_what_is_left_are_cut_between_them(names):
    said = gap(names)
    assert len(said.words) <= 200
    assert not said.name.endswith(";")
    assert said.name.count(";") < max(1, len(names))


def test_more_names_than_fit_are_told_as_far_as_they_do():
    names = gap(f"Kind{number:04}" for number in range(40)).name.split("; ")
    assert len(names) > 10
    assert {len(name) for name in names} == {8}


def test_without_examples_there_is_nothing_to_ask_for():
    assert cluster([]).words == gap([]).words == ""


# What fits


def test_whether_a_name_fits_is_exact_for_ranges():
    assert LETTERS.fits("Étoile") is True
    assert LETTERS.fits("Orsay") is False
    assert range_part(Initials(REST, without=(LATIN,))).fits("7 Hills") is True


@pytest.mark.parametrize("part", [category("Art"), gap(["Art"]), cluster(["Louvre"])])
def test_only_its_meaning_tells_whether_a_name_fits_a_category(part):
    assert part.fits("Louvre") is None
    assert part.coherence(["Louvre"]) is None


def test_anything_fits_the_whole_topic():
    assert WHOLE.fits("Louvre") is True
    assert WHOLE.coherence(["Louvre"]) is None


def test_coherence_is_the_share_that_fits():
    assert LETTERS.coherence(["Anvers", "Bercy", "Étoile", "Louvre"]) == 0.75
    assert LETTERS.coherence([]) is None


@given(st.lists(st.text(max_size=3), min_size=1, max_size=3 * SAMPLE))
def test_coherence_looks_at_the_first_names_only(names):
    fitting = [bool(LETTERS.fits(name)) for name in names[:SAMPLE]]
    assert LETTERS.coherence(iter(names)) == pytest.approx(sum(fitting) / len(fitting))


def test_parts_are_told_apart_by_what_they_are():
    assert len({WHOLE, LETTERS, category("Art"), category("Art"), Part("cluster", "Art")}) == 4
