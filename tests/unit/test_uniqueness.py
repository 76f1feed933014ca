"""What makes two candidates the same, and what can be an entry at all."""

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.uniqueness import TopicKeys, keyed, sift
from producers.link.keys import MAX_LENGTH, _careful_form, all_clean, clean, joined, key_of, normal_form

SAME = [
    ("Louvre", "LOUVRE"),
    ("Louvre", " Louvre "),
    ("Best Sci-Fi", "best sci fi"),
    ("Musée d'Orsay", "Musee d’Orsay"),
    ("Musée d'Orsay", "Muse\u0301e dʼOrsay"),
    ("Łódź", "Lodz"),
    ("Ærø", "Aero"),
    ("Straße", "STRASSE"),
    ("Diyarbakır", "DIYARBAKIR"),
    ("İstanbul", "istanbul"),
    ("ǿ", "o"),
    ("Ǽgir", "aegir"),
    ("Ἀθῆναι", "Αθηναι"),
    ("Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
    ("U.S.A.", "USA"),
    ("U.S.A", "usa"),
    ("E.T.", "ET"),
    ("Simon & Garfunkel", "Simon and Garfunkel"),
    ("Simon＆Garfunkel", "Simon and Garfunkel"),
    ("“Amélie”", "Amelie"),
    ("Ｎｉｎｔｅｎｄｏ", "Nintendo"),
    ("C♯", "C#"),
    ("c++", "C++"),
    ("H₂O", "H2O"),
    ("ﬁnch", "finch"),
    ("off\u00adset", "offset"),
    ("a\u200bb", "ab"),
    ("snake_case", "snake case"),
    ("Paris – Roubaix", "Paris-Roubaix"),
    ("か\u3099", "が"),
    ("И\u0306", "й"),
    ("한국", unicodedata.normalize("NFD", "한국")),
    ("❤️", "❤"),
    ("! ! !", "!!!"),
]
DIFFERENT = [
    ("C", "C++"),
    ("C", "C#"),
    ("C++", "C#"),
    ("F", "F#"),
    ("R", "S"),
    ("Boeing 747", "Boeing 737"),
    ("Boeing 747", "Boeing"),
    ("Apollo 1", "Apollo 11"),
    ("Henry V", "Henry VI"),
    ("й", "и"),
    ("ё", "е"),
    ("が", "か"),
    ("パ", "ハ"),
    ("한국", "한극"),
    ("हिन्दी", "हन्द"),
    ("दिन", "दीन"),
    ("ไก่", "ไก"),
    ("שָׁלוֹם", "שלום עליכם"),
    ("😀", "😃"),
    ("🇫🇷", "🇩🇪"),
    ("!", "?"),
    ("...", "!!!"),
    ("+", "#"),
    ("$", "€"),
    ("½", "2"),
    ("1.5", "15"),
    ("A", "А"),  # the second is Cyrillic
    ("日本", "日木"),
]
# Folding aims at what people write; the rest of Unicode must only do no harm.
WRITING = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " '’.-+#&/(),!éüñøåçšžłαβγδάЖйиがか한हिन्दी한국🇫😀"),
    max_size=30,
)
ANY_TEXT = st.text(max_size=30)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_spelling_is_the_same_entry(one, other):
    assert normal_form(one) == normal_form(other)
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_entry_is_not_the_same(one, other):
    assert normal_form(one) != normal_form(other)
    assert key_of(one) != key_of(other)


def test_indic_words_keep_their_vowels():
    assert normal_form("हिन्दी") == "हिन्दी"


def test_a_key_has_sixteen_bytes():
    assert len(key_of("Louvre")) == 16


@given(ANY_TEXT | WRITING)
def test_the_normal_form_is_its_own_normal_form(text):
    assert normal_form(normal_form(text)) == normal_form(text)


@given(st.text(min_size=1, max_size=30))
def test_nothing_that_is_visible_folds_to_nothing(text):
    assert normal_form(text) or not clean(text)


@given(st.text(string.ascii_letters + string.digits + " éüñøåçšžłœæαβγδάςЖйи", max_size=30))
def test_case_makes_no_difference(text):
    assert normal_form(text.upper()) == normal_form(text.lower()) == normal_form(text)


@given(WRITING, st.sampled_from([" ", "\t", "\u00a0", "\u3000", "\u2003"]))
def test_the_kind_and_number_of_spaces_make_no_difference(text, space):
    assert normal_form(f" {text.replace(' ', space * 2)}{space}") == normal_form(text)


@given(
    WRITING, st.sampled_from(['"', "“", "«", "(", "[", "- ", "• "]), st.sampled_from(['"', "”", "»", ")", ",", "!"])
)
def test_punctuation_around_an_entry_makes_no_difference(text, before, after):
    if any(character.isalnum() for character in text):
        assert normal_form(f"{before}{text}{after}") == normal_form(text)


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_the_short_cut_for_ascii_leads_to_the_same_form(text):
    assert normal_form(text) == _careful_form(text)


# What can be an entry


@pytest.mark.parametrize(
    ("candidate", "entry"),
    [
        ("  Louvre \t", "Louvre"),
        ("Musée  d'Orsay", "Musée d'Orsay"),
        ("one\ntwo", "one two"),
        ("one\r\ntwo", "one two"),
        ("one\u2028two\u2029three", "one two three"),
        ("one\x0btwo\x0cthree\x85four", "one two three four"),
        ("a\x00b", "ab"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066a\u2069b", "ab"),
        ("\x1b[31mred", "[31mred"),
        ("a\ud800b", "ab"),
        ("\ufeffLouvre", "Louvre"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🏴\U000e0067\U000e0062\U000e007f Wales", "🏴\U000e0067\U000e0062\U000e007f Wales"),
        ("Louvre\U000e0069\U000e0067", "Louvre"),
        ("!!!", "!!!"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 200, "x" * 200),
    ],
)
def test_an_entry_is_one_line_of_printable_text(candidate, entry):
    assert clean(candidate) == entry


@pytest.mark.parametrize(
    "candidate", ["", " ", "\n", "\x00", "\u200d", "\u200c \u200d", "\U000e0020", "\ud800", "x" * 201]
)
def test_what_shows_nothing_or_is_too_long_is_no_entry(candidate):
    assert clean(candidate) is None


# Behind the flag that they belong to.
TAGS = re.compile("(?<=\U0001f3f4)[\U000e0020-\U000e007f]+")


@given(st.text(st.characters(exclude_categories=()), max_size=220))
def test_an_entry_can_be_stored_and_shown_whatever_the_candidate_was(text):
    entry = clean(text)
    if entry is not None:
        assert 0 < len(entry) <= MAX_LENGTH
        assert entry.splitlines() == [entry]
        assert entry == " ".join(entry.split())
        assert clean(entry) == entry
        assert all(character.isprintable() or character in "\u200c\u200d" for character in TAGS.sub("", entry))
        assert entry.encode()


@given(st.lists(st.text(max_size=4) | st.text(" |ab", max_size=4), max_size=5))
def test_what_is_clean_together_is_clean_one_by_one(candidates):
    if all_clean(candidates):
        assert [clean(each) for each in candidates] == candidates


@given(st.lists(st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=MAX_LENGTH)))
def test_words_are_clean_together(candidates):
    assert all_clean(candidates)


@pytest.mark.parametrize(
    "odd", ["", " ", " a", "a ", "a  b", "a\nb", "a\tb", "a\u00a0b", "\u200d", "\u202ea", "a" * (MAX_LENGTH + 1)]
)
def test_one_that_is_not_clean_is_noticed_among_others(odd):
    assert not all_clean(["Louvre", odd, "Orsay"])


# Which of a batch are new


def arrived(candidates, textless=(), **how):
    """Candidates as a producer sends them."""
    return keyed(candidates, joined([*(key_of(clean(each) or "") for each in candidates), *textless]), **how)


def test_new_entries_are_numbered_without_a_gap_in_their_order():
    sifted = sift(arrived(["b", "", "a", "c"]), {}, {}, 7)
    assert [(text, number) for _, text, number in sifted.new] == [("b", 7), ("a", 8), ("c", 9)]
    assert [key for key, _, _ in sifted.new] == [key_of("b"), key_of("a"), key_of("c")]
    assert sifted.rejected == 1


def test_known_entries_are_repeats_in_their_order():
    sifted = sift(arrived(["B", "a", "b"]), {key_of("b"): 2, key_of("a"): 1}, {}, 7)
    assert (sifted.new, sifted.repeats, sifted.repeated) == ((), (2, 1, 2), ("B", "a", "b"))


def test_an_entry_of_an_earlier_batch_of_the_same_commit_is_a_repeat():
    pending: dict[bytes, int] = {}
    sift(arrived(["a"]), {}, pending, 1)
    sifted = sift(arrived(["A", "b"]), {}, pending, 2)
    assert sifted.repeats == (1,)
    assert [number for _, _, number in sifted.new] == [2]
    assert pending == {key_of("a"): 1, key_of("b"): 2}


def test_the_known_keys_are_not_touched_before_the_commit():
    known: dict[bytes, int] = {}
    sift(arrived(["a"]), known, {}, 1)
    assert known == {}


@given(st.lists(st.text(max_size=5)), st.sets(st.text(max_size=5)))
def test_every_candidate_is_new_or_a_repeat_or_rejected(candidates, before):
    known = {key_of(text): number for number, text in enumerate(before, 1)}
    sifted = sift(arrived(candidates), known, {}, 1_000)
    assert len(sifted.new) + len(sifted.repeats) + sifted.rejected == len(candidates)
    assert len(sifted.repeats) == len(sifted.repeated)
    assert len({key for key, _, _ in sifted.new}) == len(sifted.new)
    assert not {key for key, _, _ in sifted.new} & known.keys()


def test_a_key_is_taken_as_its_producer_worked_it_out():
    assert keyed(["a"], b"k" * 16).entries == ((b"k" * 16, "a"),)


def test_a_key_of_other_unicode_tables_or_of_a_text_that_is_not_clean_is_worked_out_again():
    assert keyed(["a"], b"k" * 16, same_keys=False).entries == ((key_of("a"), "a"),)
    assert keyed([" a\n"], b"k" * 16).entries == ((key_of("a"), "a"),)


def test_a_key_without_its_text_repeats_what_is_known():
    sifted = sift(arrived(["b"], [key_of("a"), key_of("A")]), {key_of("a"): 1}, {}, 7)
    assert (sifted.repeats, sifted.repeated, sifted.unknown) == ((1, 1), ("", ""), ())
    assert [text for _, text, _ in sifted.new] == ["b"]


def test_a_key_that_is_not_known_leaves_the_whole_batch_as_if_it_had_not_arrived():
    pending: dict[bytes, int] = {}
    sifted = sift(arrived(["b", ""], [key_of("a"), key_of("c")]), {key_of("a"): 1}, pending, 7)
    assert sifted.unknown == (key_of("c"),)
    assert (sifted.new, sifted.repeats, sifted.rejected, pending) == ((), (), 0, {})


def test_a_key_is_known_from_an_earlier_batch_of_the_same_commit():
    assert sift(arrived([], [key_of("a")]), {}, {key_of("a"): 3}, 7).repeats == (3,)


def test_what_nobody_can_spell_out_any_more_is_given_up_and_counted():
    sifted = sift(arrived(["b"], [key_of("a"), key_of("c")], last=True), {key_of("a"): 1}, {}, 7)
    assert (sifted.repeats, sifted.rejected, sifted.unknown) == ((1,), 1, ())
    assert [text for _, text, _ in sifted.new] == ["b"]


def test_keys_are_forgotten_with_their_list():
    keys = TopicKeys(1, {b"k": 1})
    keys.seen[1] += 1
    keys.clear()
    assert not keys.known
    assert not keys.seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\U0001f44d\U0001f3fb", "\U0001f44d\U0001f3ff"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
    ],
    ids=["skin tones", "flags of England and Scotland"],
)
def test_emoji_that_differ_in_a_modifier_are_different_entries(one, other):
    assert clean(one) == one
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("F*", "F"), ("C--", "C"), ("A* search", "A search"), ("O-", "O"), ("-5", "5"), ("50%", "50"), (".NET", "NET")],
)
def test_signs_that_names_hang_on_tell_entries_apart(one, other):
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("T-shirt", "T shirt"), ("1990-2000", "1990 2000"), ("50 %", "50%"), ("...And Justice", "And Justice"),
     ("M*A*S*H", "M A S H"), ("Sacré\u2010Cœur", "sacre coeur"), ("Louvre*", "Louvre"), ("\u22125", "-5")],
)  # fmt: skip
def test_anywhere_else_they_are_punctuation(one, other):
    assert normal_form(one) == normal_form(other)
