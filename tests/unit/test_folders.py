"""Folder names of topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.folders import MAX_BYTES, UnusableName, folder_name, free_folder_name


@pytest.mark.parametrize(
    ("topic", "folder"),
    [
        ("Paris attractions", "paris_attractions"),
        ("Programming Languages!", "programming_languages"),
        ("Best Sci-Fi Movies (2020s)", "best_sci_fi_movies_2020s"),
        ("  much   space  ", "much_space"),
        ("rock'n'roll", "rocknroll"),
        ("U.S.A.", "usa"),
        ("and/or", "and_or"),
        ("back\\slash", "back_slash"),
        ("snake_case", "snake_case"),
        ("en–dash and em—dash", "en_dash_and_em_dash"),
        ("---x---", "x"),
        ("C++", "c"),
        ("2020", "2020"),
        ("Cafés", "cafés"),
        ("Cafe\u0301s", "cafés"),
        ("ÄÖÜ ß", "äöü_ß"),
        ("Достопримечательности Парижа", "достопримечательности_парижа"),
        ("Αξιοθέατα", "αξιοθέατα"),
        ("東京の観光", "東京の観光"),
        ("서울 명소", "서울_명소"),
        ("हिन्दी फ़िल्में", "ह\u093fन\u094dद\u0940_फ\u093c\u093fल\u094dम\u0947\u0902"),
        ("معالم باريس", "معالم_باريس"),
        ("ไทย", "ไทย"),
        ("../../etc/passwd", "etc_passwd"),
        (".hidden", "hidden"),
        ("a\x00b\nc", "ab_c"),
        ("con: aux?", "con_aux"),
        ("🗼 Paris", "paris"),
    ],
)
def test_letters_and_digits_of_every_script_are_kept_and_words_are_joined(topic, folder):
    assert folder_name(topic) == folder


@pytest.mark.parametrize("topic", ["", " ", "!!!", "...", "..", "/", "___", "-", "🗼", "\x00", "\u0301", "\ud800"])
def test_a_name_that_folds_to_nothing_is_refused_with_what_it_needs(topic):
    with pytest.raises(UnusableName, match="at least one letter or digit"):
        folder_name(topic)


@pytest.mark.parametrize("letter", ["a", "é", "ж", "語", "𝒳", "ह"])
def test_a_long_name_is_cut_between_characters(letter):
    name = folder_name(letter * 200)
    assert len(name.encode()) <= MAX_BYTES
    assert len(name.encode()) > MAX_BYTES - 4
    assert set(name) == {letter}


def test_a_cut_leaves_no_loose_end():
    assert folder_name("a" * (MAX_BYTES - 1) + " b") == "a" * (MAX_BYTES - 1)


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_whatever_the_topic_its_folder_is_one_safe_name(topic):
    try:
        name = folder_name(topic)
    except UnusableName:
        return
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert not set(name) & set('/\\.\0:*?"<>| \n')
    assert any(character.isalnum() for character in name)
    assert not name.endswith("_")


@given(st.text(max_size=60))
def test_a_folder_name_is_its_own(topic):
    try:
        name = folder_name(topic)
    except UnusableName:
        return
    assert folder_name(name) == name


def test_topics_that_fold_alike_are_numbered():
    taken: set[str] = set()
    for topic in ("Sci-Fi", "sci fi", "SCI/FI!"):
        taken.add(free_folder_name(topic, taken))
    assert taken == {"sci_fi", "sci_fi_2", "sci_fi_3"}


def test_a_number_that_is_taken_is_passed_over():
    assert free_folder_name("Sci-Fi", {"sci_fi", "sci_fi_2", "sci_fi_4"}) == "sci_fi_3"


def test_a_free_name_is_left_plain():
    assert free_folder_name("Sci-Fi", {"sci"}) == "sci_fi"
