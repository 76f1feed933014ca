"""What each provider has left to name, from its own answers."""

from orchestration.logic.alphabet import LATIN, Initials
from orchestration.logic.parts import WHOLE, category, range_part
from orchestration.logic.pools import Pools

EARLY, LATE = range_part(Initials(LATIN, "a", "m")), range_part(Initials(LATIN, "n", "z"))
EARLIEST = range_part(Initials(LATIN, "a", "f"))


def entries(first: int, count: int, letter: str = "a") -> list[tuple[int, str]]:
    return [(at, f"{letter}{at}") for at in range(first, first + count)]


def dry(letter: str = "a") -> Pools:
    """A provider that has named 60 entries in a range, and then hardly any but these."""
    pools = Pools()
    pools.record("one", EARLY, entries(0, 60, letter), [])
    pools.record("one", EARLY, entries(60, 2, letter), entries(0, 58, letter))
    return pools


def test_who_repeats_itself_has_little_left() -> None:
    assert dry().left("one", EARLY) < 1


def test_who_never_repeats_itself_has_much_left() -> None:
    pools = Pools()
    pools.record("one", EARLY, entries(0, 60), [])
    assert pools.left("one", EARLY) > 60


def test_what_others_found_is_fresh_but_not_new() -> None:
    pools = Pools()
    pools.record("one", EARLY, entries(0, 60), [])
    pools.record("two", EARLY, [], entries(0, 60))
    assert pools.left("two", EARLY) > 30
    assert pools.share_new("two", EARLY) < 0.2
    assert pools.share_new("one", EARLY) > 0.8


def test_a_range_inherits_what_is_known_of_a_larger_one() -> None:
    pools = dry()
    pools.open([EARLIEST], EARLY.words)
    assert pools.left("one", EARLIEST) < 1
    assert pools.named("one", EARLIEST) == 62


def test_a_range_that_nobody_was_asked_for_is_as_large_as_others() -> None:
    pools = dry()
    pools.found_in(EARLY)
    assert pools.left("one", LATE) > 30


def test_a_part_that_others_found_small_is_small_for_all() -> None:
    pools = Pools()
    pools.record("one", LATE, entries(0, 8, "z"), entries(0, 8, "z"))
    assert pools.left("two", LATE) < 25


def test_strays_count_as_named_and_lower_the_fit() -> None:
    pools = Pools()
    before = pools.fit("one", EARLY)
    pools.record("one", EARLY, [*entries(0, 30), *entries(30, 30, "z")], [])
    assert pools.fit("one", EARLY) < before
    assert pools.named("one", LATE) == 30
    assert not pools.evidence("one", LATE).candidates


def test_a_longer_answer_brings_more_but_no_more_than_is_left() -> None:
    pools = Pools()
    pools.record("one", EARLY, entries(0, 50), entries(0, 10))
    short, long = pools.expected("one", EARLY, 20), pools.expected("one", EARLY, 500)
    assert 0 < short < long <= pools.left("one", EARLY)


def test_small_pools_repeat_themselves() -> None:
    pools = dry()
    assert pools.chance_of_repeat("one", EARLY, 60) > 0.9
    assert pools.chance_of_repeat("one", EARLY, 6) < 0.11


def test_categories_and_the_whole_have_evidence_of_their_own() -> None:
    pools, kind = Pools(), category("Bridges")
    pools.record("one", kind, entries(0, 5), entries(0, 5) * 11)
    assert pools.left("one", kind) < 1
    assert pools.left("one", WHOLE) > 20


def test_an_empty_answer_says_nothing() -> None:
    pools = Pools()
    pools.record("one", EARLY, [], [])
    assert EARLY.words not in pools.asked
