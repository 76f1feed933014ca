"""What each provider has left to name, from its own answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.alphabet import LATIN, REST, Initials, beginning_of
from orchestration.logic.parts import WHOLE, category, range_part
from orchestration.logic.pools import KEEP, Evidence, Pools

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


# An answer is taken in at once; its candidates one by one would say the same


class OneByOne(Pools):
    """The same evidence, candidate by candidate."""

    def record(self, provider, part, new, repeats) -> None:
        for cache in (self._evidence, self._left, self._found_in, self._knowing):
            cache.clear()
        if not new and not repeats:
            return
        pool = self.pools[provider]
        self.asked.add(part.words)
        pool.learn(part, {})  # what came before counts less
        for entry, text, is_new in [(*each, True) for each in new] + [(*each, False) for each in repeats]:
            beginning, fresh = beginning_of(text), is_new or entry not in pool.named
            pool.named.add(entry)
            self.found[beginning] += is_new
            one = Evidence(1.0, float(fresh), float(is_new), int(fresh))
            pool.lately.add(one)
            if part.initials is None:
                pool.others[part.words].add(one)
            pool.ranges_asked += part.initials is not None
            if part.initials is not None and part.initials.admits(beginning):
                pool.fitting += 1
                pool.beginnings[beginning].add(one)
            else:
                pool.beginnings[beginning].named += one.named


PARTS = [WHOLE, EARLY, LATE, EARLIEST, category("Food"), range_part(Initials(REST, without=(LATIN,)))]
NAMES = ["Louvre", "orsay", "Élysée", "7 wonders", "??", "Жук", "Sacré", "smurf", "漢字", "apple", "Cat", ""]
ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.sampled_from(PARTS),
        st.lists(st.sampled_from(NAMES), max_size=6),  # what is new
        st.lists(st.tuples(st.integers(0, 40), st.sampled_from(NAMES)), max_size=6),  # which are repeated, and how
    ),
    max_size=8,
)


@given(ANSWERS)
def test_an_answer_says_what_its_candidates_say(answers) -> None:
    pools, one_by_one, count = Pools(), OneByOne(), 0
    for provider, part, texts, repeats in answers:
        new = list(enumerate(texts, count))
        count += len(texts)
        repeated = [(entry % count, text) for entry, text in repeats] if count else []
        for each in (pools, one_by_one):
            each.record(provider, part, new, repeated)
    assert pools.asked == one_by_one.asked
    for provider in ("one", "two"):
        for part in PARTS:
            for ask in ("left", "share_new", "fit", "named"):
                assert getattr(pools, ask)(provider, part) == pytest.approx(getattr(one_by_one, ask)(provider, part))
            assert pools.expected(provider, part, 60) == pytest.approx(one_by_one.expected(provider, part, 60))


def test_beyond_what_is_remembered_a_repeat_counts_as_its_own(monkeypatch) -> None:
    monkeypatch.setattr("orchestration.logic.pools.REMEMBERED", 60)
    pools = Pools()
    pools.record("one", WHOLE, entries(0, 60), [])
    pools.record("one", WHOLE, [], entries(100, 40))
    assert pools.named("one", WHOLE) == 60
    assert pools.evidence("one", WHOLE).fresh == pytest.approx(60 * KEEP)
