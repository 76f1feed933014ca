"""What people say of entries: what they reject never comes back, what they correct is one entry by any spelling."""

from orchestration.logic.reviews import Reviews, Said, reviews_of
from orchestration.logic.uniqueness import TopicKeys, keyed, sift
from producers.link.keys import joined, key_of


def rejected(number, text):
    return Said(number, key_of(text), True, "")


def corrected(number, text, into, *, also_rejected=False):
    return Said(number, key_of(text), also_rejected, into)


def keys_of(*texts, said=()):
    keys = TopicKeys(1, {key_of(text): number for number, text in enumerate(texts, 1)})
    keys.review(reviews_of(1, said))
    return keys


def sifted(keys, *candidates, textless=(), next_id=100):
    batch = keyed(candidates, joined(key_of(each) for each in (*candidates, *textless)))
    return sift(batch, keys.known, {}, next_id, beside=keys.beside, same=keys.reviews.same)


def test_nothing_said_changes_nothing():
    assert not Reviews()
    keys = keys_of("Louvre")
    assert (keys.entries, keys.beside) == (1, {})
    assert Reviews().written(key_of("Louvre"), "Louvre") == "Louvre"


def test_a_rejected_entry_of_the_list_does_not_count_and_is_repeated_as_before():
    keys = keys_of("Louvre", "Spam", said=[rejected(7, "Spam")])
    assert keys.entries == 1
    assert sifted(keys, "SPAM").repeats == (2,)
    assert keys.reviews.written(key_of("spam"), "Spam") is None


def test_what_was_rejected_before_this_list_is_a_repeat_of_nothing_and_never_new():
    keys = keys_of("Louvre", said=[rejected(7, "Spam")])
    assert keys.entries == 1
    found = sifted(keys, "Spam", "Orsay", textless=["spam"])
    assert (found.repeats, found.unknown) == ((-7, -7), ())
    assert [text for _, text, _ in found.new] == ["Orsay"]


def test_a_verdict_that_is_taken_back_makes_it_count_again():
    keys = keys_of("Louvre", "Spam", said=[rejected(7, "Spam"), rejected(8, "Egg")])
    keys.review(reviews_of(2, []))
    assert (keys.entries, keys.beside) == (2, {})
    assert [text for _, text, _ in sifted(keys, "Egg").new] == ["Egg"]


def test_the_correction_of_an_entry_is_no_other_entry():
    keys = keys_of("Eifel Tower", said=[corrected(7, "Eifel Tower", "Eiffel Tower")])
    assert sifted(keys, "Eiffel tower").repeats == (1,)
    assert keys.reviews.written(key_of("Eifel Tower"), "Eifel Tower") == "Eiffel Tower"
    assert keys.entries == 1


def test_after_a_start_over_either_spelling_is_found_and_then_the_other_repeats_it():
    keys = keys_of(said=[corrected(7, "Eifel Tower", "Eiffel Tower")])
    found = sifted(keys, "Eiffel Tower", "Eifel Tower")
    assert (len(found.new), found.repeats) == (1, (100,))
    keys.add(found.new)
    assert sifted(keys, "Eifel tower").repeats == (100,)
    assert keys.entries == 1


def test_two_entries_that_are_corrected_to_one_are_found_once():
    said = [corrected(7, "Eifel Tower", "Eiffel Tower"), corrected(8, "Tour Eiffel", "Eiffel Tower")]
    keys = keys_of(said=said)
    keys.add(sifted(keys, "Tour Eiffel").new)
    assert sifted(keys, "Eifel Tower", "Eiffel Tower").repeats == (100, 100)


def test_a_corrected_entry_that_is_rejected_stays_away_by_both_spellings():
    keys = keys_of(said=[corrected(7, "Eifel Tower", "Eiffel Tower", also_rejected=True)])
    assert sifted(keys, "Eifel Tower", "Eiffel Tower").repeats == (-7, -7)
    assert keys.reviews.written(key_of("Eifel Tower"), "Eifel Tower") is None


def test_a_correction_with_the_same_key_only_changes_how_it_is_written():
    keys = keys_of("LOUVRE", said=[corrected(7, "LOUVRE", "Louvre")])
    assert (keys.reviews.same, keys.beside) == ({}, {})
    assert keys.reviews.written(key_of("louvre"), "LOUVRE") == "Louvre"


def test_a_list_that_is_replaced_leaves_what_was_rejected_known():
    keys = keys_of("Louvre", "Spam", said=[rejected(7, "Spam")])
    keys.clear()
    assert (keys.entries, keys.beside) == (0, {key_of("spam"): -7})
