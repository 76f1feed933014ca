"""The beginnings of names, shared out: every name of every script belongs to one part, and to one only."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestration.logic.alphabet import (
    DIGITS,
    EVERYTHING,
    LATIN,
    REST,
    Beginning,
    Initials,
    balanced,
    beginning_of,
    share_out,
    split,
)

SCRIPTS = "abcxyzÀÉßøŁı0٣९①½αΩσςЖёїאبषञกあカ漢字한ɐəŋʻ𐍈𝔄ﬁǆªŉⅧ \t\"'«(-.!\x00"
# Words of many scripts; whatever text there is; and much of one beginning.
names = st.one_of(
    st.text(st.sampled_from(SCRIPTS), max_size=4),
    st.text(max_size=3),
    st.text(st.sampled_from("sSaAtTхХуУ"), max_size=4),
)
seen_names = st.lists(names, max_size=12)
counts = st.integers(1, 40)


def parts_of(name, parts):
    return [part for part in parts if part.admits(beginning_of(name))]


def divided(parts, seen, times):
    """The parts after each of them has been split so often."""
    for _ in range(times):
        parts = [child for part in parts for child in split(part, seen)]
    return parts


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("Louvre", Beginning(LATIN, "lo")),
        ("« Élysée »", Beginning(LATIN, "el")),
        ("Øresund", Beginning(LATIN, "or")),
        ("Łódź", Beginning(LATIN, "lo")),
        ("Ｓｅｏｕｌ", Beginning(LATIN, "se")),
        ("A 1", Beginning(LATIN, "a")),
        ("X-ray", Beginning(LATIN, "x")),
        ("7 Wonders", Beginning(DIGITS)),
        ("٣ شهور", Beginning(DIGITS)),
        ("Жук", Beginning("cyrillic", "жу")),
        ("漢字", Beginning("cjk", "漢字")),
        ("???", Beginning(REST)),
        ("", Beginning(REST)),
    ],
)
def test_a_name_begins_with_its_first_letters_whatever_stands_on_or_before_them(name, beginning):
    assert beginning_of(name) == beginning


@given(names)
def test_any_name_has_a_beginning_and_is_of_everything(name):
    assert EVERYTHING.admits(beginning_of(name))


@given(st.text(st.characters(codec="ascii"), max_size=6))
def test_case_does_not_change_to_which_letters_a_latin_name_belongs(name):
    assert beginning_of(name) == beginning_of(name.upper()) == beginning_of(name.lower())


# Sharing out


@given(counts, seen_names, names)
@example(3, [], "Əli")
@example(3, [], "ŋ")
@example(3, [], "𝔄")
def test_every_name_belongs_to_exactly_one_of_the_first_parts(count, seen, name):
    assert len(parts_of(name, share_out(count, seen))) == 1


@given(counts, seen_names)
def test_about_as_many_parts_come_as_were_asked_for(count, seen):
    parts = share_out(count, seen)
    scripts = sum(part.script not in (LATIN, REST) for part in parts)
    assert len(parts) == min(max(count, 2 + scripts), 26 + 1 + scripts)


def test_a_script_that_is_much_used_gets_a_part_of_its_own():
    parts = share_out(6, ["Louvre", "Orsay", "Эрмитаж", "Русский музей", "7 Hills"])
    assert {"cyrillic", DIGITS} <= {part.script for part in parts}
    assert [part for part in parts if part.script == REST] == [Initials(REST, without=(LATIN, "cyrillic", DIGITS))]


def test_letters_of_which_much_was_seen_are_shared_among_more_parts():
    seen = ["Saint " + name for name in "abcdefghij"] * 10
    [of_s] = parts_of("Saint", share_out(6, seen))
    assert (of_s.low, of_s.high) == ("s", "s")


# Splitting


@given(counts, seen_names, st.integers(1, 3), names)
def test_splitting_loses_no_name_and_gives_none_to_two(count, seen, times, name):
    assert len(parts_of(name, divided(share_out(count, seen), seen, times))) == 1


@given(seen_names, st.integers(1, 4), names)
def test_everything_can_be_split_without_loss(seen, times, name):
    assert len(parts_of(name, divided([EVERYTHING], seen, times))) == 1


@given(counts, seen_names, st.integers(0, 2), names)
def test_what_a_part_admits_exactly_one_of_its_children_admits(count, seen, times, name):
    for part in divided(share_out(count, seen), seen, times):
        admitting = parts_of(name, split(part, seen))
        assert len(admitting) == part.admits(beginning_of(name))


@given(st.sampled_from(["s", "x", "z"]), seen_names, st.integers(2, 5), st.text(max_size=4))
def test_a_letter_is_split_by_the_second_one_and_keeps_names_that_have_none(letter, seen, count, rest):
    part = Initials(LATIN, letter, letter)
    children = split(part, seen, count)
    assert len(children) == count
    assert len(parts_of(letter + rest, children)) == part.admits(beginning_of(letter + rest))


def test_halves_are_balanced_by_what_was_seen():
    seen = [name for letter in "abc" for name in [letter + "x"] * 10] + ["zx"] * 30
    halves = split(Initials(LATIN, "a", "z"), seen)
    assert [sum(half.admits(beginning_of(name)) for name in seen) for half in halves] == [30, 30]


def test_a_script_is_split_between_letters_that_were_seen_and_stays_open_at_its_ends():
    first, second = split(Initials("cyrillic"), ["Анна", "Борис", "Яна", "Юлия"])
    assert parts_of("Абакан", (first, second)) == [first]
    assert parts_of("Ялта", (first, second)) == [second]
    assert parts_of("Курск", (first, second)) in ([first], [second])


@pytest.mark.parametrize("part", [Initials(DIGITS), Initials("hangul"), Initials(REST, without=(LATIN,))])
def test_where_nothing_was_seen_that_tells_how_a_part_stays_whole(part):
    assert split(part, []) == (part,)


# Words


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Initials(LATIN, "a", "f"), "names beginning with the letters A to F"),
        (Initials(LATIN, "q", "q"), "names beginning with the letter Q"),
        (Initials(LATIN, "s", "sm"), "names beginning with the letters Sa to Sm"),
        (Initials(LATIN, "sn", "s"), "names beginning with the letters Sn to Sz"),
        (Initials(DIGITS), "names beginning with a digit"),
        (Initials("greek"), "names beginning with a Greek letter"),
        (Initials("greek", "", "κ"), "names beginning with the Greek letters up to Κ"),
        (Initials("greek", "λ", ""), "names beginning with the Greek letters from Λ on"),
        (Initials("greek", "λ", "λ"), "names beginning with the Greek letter Λ"),
        (
            Initials(REST, without=(LATIN, DIGITS, "greek")),
            "names beginning with a symbol or a letter of another alphabet than the Latin one (but not Greek)",
        ),
        (EVERYTHING, "names beginning with any letter, digit or symbol"),
    ],
)
def test_a_part_is_put_in_plain_words(part, words):
    assert part.words == words


@given(counts, seen_names, st.integers(0, 3))
def test_parts_are_told_apart_by_words_that_fit_a_column(count, seen, times):
    words = [part.words for part in divided(share_out(count, seen), seen, times)]
    assert len(set(words)) == len(words)
    assert max(map(len, words)) <= 200
    assert all(each.isprintable() for each in words)


MUCH_USED = "𐭀𐡀ᐁⰀऄആჀሀꦄ𒀀"  # scripts with long names


@pytest.mark.parametrize("times", [1, 2, 4])
def test_the_words_fit_also_where_ten_scripts_are_much_used(times):
    for parts in (divided([EVERYTHING], MUCH_USED, times), divided(share_out(20, MUCH_USED), MUCH_USED, times)):
        assert all(len(part.words) <= 200 for part in parts)
        assert all(len(parts_of(name, parts)) == 1 for name in MUCH_USED)


def test_a_gap_in_an_alphabet_is_no_letter_to_put_in_words():
    first, _ = split(Initials("lao"), "ກຄ")
    assert first.words == "names beginning with the Lao letters up to ຂ"


def test_two_forms_of_a_letter_are_one():
    assert beginning_of("ςα") == beginning_of("Σα") == beginning_of("σα")


# Cutting


@given(st.lists(st.floats(0.1, 1000), min_size=1, max_size=40), counts)
def test_a_row_is_cut_into_runs_none_of_which_is_empty(weights, count):
    runs = list(balanced(weights, count))
    assert len(runs) == min(count, len(weights))
    assert [at for begin, end in runs for at in range(begin, end)] == list(range(len(weights)))
    assert all(begin < end for begin, end in runs)
