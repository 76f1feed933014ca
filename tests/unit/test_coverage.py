"""Coverage from blind probes: scripted samples, worlds of known truth, and what holds for any sample."""

from math import inf
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.logic import coverage, popularity
from orchestration.logic.complementarity import Contributions
from orchestration.logic.coverage import ProbeSample, estimate, listed_by_others
from orchestration.logic.intervals import Interval, Weighed, credible, lognormal
from orchestration.logic.recapture import LEAST_RECAPTURED, chapman, recaptures


def known(interval: Interval | None) -> Interval:
    assert interval is not None
    return interval


def sample_of(*probes):
    sample = ProbeSample()
    for probe in probes:
        sample.record(*probe)
    return sample


def probed(world, found, probes, size=60, seed=1, providers=("a", "b")):
    """Probes of a world without favourites, of which a list of `found` entries grew by other requests meanwhile.

    Ids are given out as entries are found, so the list is 1 to `found`.
    """
    rng = Random(seed)
    sample = ProbeSample()
    ids: dict[int, int] = {}
    others = list(range(world))
    rng.shuffle(others)
    for number in range(probes):
        while len(ids) < found * (number + 1) / probes - size and others:
            ids.setdefault(others.pop(), len(ids) + 1)
        before = len(ids)
        seen = [ids.setdefault(entry, len(ids) + 1) for entry in rng.sample(range(world), size)]
        sample.record(providers[number % len(providers)], seen, sum(each <= before for each in seen), before)
    return sample, len(ids)


# The sample


def test_an_entry_counts_once_in_an_answer_however_often_it_is_named():
    sample = sample_of(("a", [7, 3, 7, 3], 1, 5))
    assert list(sample.probes[0].entries) == [3, 7]


def test_an_answer_without_entries_says_nothing():
    assert sample_of(("a", [], 0, 5)).recorded == 0


def test_memory_is_bounded():
    sample = sample_of(*(("a", [number], 0, number) for number in range(1, 200)))
    assert (len(sample.probes), sample.recorded) == (coverage.MOST_PROBES, 199)


def test_the_lowest_ids_are_those_that_were_on_the_list():
    sample = sample_of(("a", [1, 2], 0, 0), ("b", [9, 2, 4], 2, 5))
    (hits,) = coverage.evidence(sample, 9).hits
    # 2 was named by the first probe; of the others 4 was known and 9 was not.
    assert (hits.lone_known, hits.lone_new, hits.earlier) == (1, 1, 1)


def test_entries_that_a_later_probe_names_too_are_counted_apart():
    sample = sample_of(("a", [1, 2, 3], 2, 2), ("b", [2, 3, 4], 3, 4))
    first, _ = coverage.evidence(sample, 4).hits
    assert (first.lone_known, first.lone_new, first.shared_known, first.shared_new) == (1, 0, 1, 1)


def test_many_probes_are_judged_in_few_groups():
    sample, found = probed(3_000, 2_800, 40)
    hits = coverage.evidence(sample, found).hits
    assert len(hits) <= coverage.MOST_GROUPS
    total = sum(row.lone_known + row.lone_new + row.shared_known + row.shared_new for row in hits)
    assert total == len({entry for probe in sample.probes for entry in probe.entries})


# Too little is None


@pytest.mark.parametrize(
    "sample",
    [
        sample_of(),
        sample_of(("a", [1, 2], 1, 2)),
        sample_of(("a", [1], 0, 0), ("b", [2], 0, 0), ("c", [3], 0, 0)),
    ],
    ids=["nothing", "one probe", "no probe met a list"],
)
def test_too_few_probes_give_no_shares(sample):
    result = estimate(sample, 10)
    assert (result.mass, result.items, result.total_low) == (None, None, {})


def test_an_empty_list_has_no_coverage():
    assert estimate(sample_of(*(("a", [each], 0, 0) for each in range(1, 5))), 0).items is None


def test_what_cannot_be_seen_is_said():
    assert "No blind probe" in estimate(sample_of(), 0).unseen
    assert "Only a was probed" in estimate(sample_of(("a", [1], 0, 0)), 1).unseen
    assert "2 probed providers" in estimate(sample_of(("a", [1], 0, 0), ("b", [1], 1, 1)), 1).unseen


# Worlds of known truth


@pytest.mark.parametrize(("found", "probes"), [(300, 6), (600, 8), (900, 10)])
def test_a_world_without_favourites_is_judged_right(found, probes):
    sample, found = probed(1_000, found, probes, seed=3)
    result = estimate(sample, found)
    share = found / 1_000
    # Such a world is at the edge of the family of laws, so the estimate lies a little low.
    assert known(result.items).low <= share <= known(result.items).high + 0.03
    assert known(result.mass).low <= share <= known(result.mass).high
    assert result.total_low["Chao2"].low <= 1_000


def test_a_list_that_holds_all_that_probes_name_may_be_whole():
    sample, found = probed(200, 200, 20)
    result = estimate(sample, found)
    assert known(result.mass).high > 0.99
    assert known(result.items).high > 0.98
    assert known(result.items).low > 0.7


def test_where_favourites_hide_the_rest_the_share_of_items_is_far_below_that_of_mass():
    # Each probe names 40 favourites and 20 of very many others; nearly all of the others are new to the list.
    favourites = list(range(1, 41))
    sample = ProbeSample()
    found = 40
    for number in range(6):
        rare = range(found + 1, found + 21)
        sample.record("ab"[number % 2], [*favourites, *rare], 40, found)
        found += 20
    result = estimate(sample, found)
    assert 0.5 < known(result.mass).estimate < 0.8
    assert known(result.items).estimate < 0.4


def test_mass_is_the_mean_over_the_providers_however_often_each_was_probed():
    # a knows 200 entries, all of them on the list; b knows 600 others, of which only probes have named some.
    rng, sample = Random(5), ProbeSample()
    ids = {entry: entry for entry in range(1, 201)}
    for provider in "aaabaaabaaab":
        seen = rng.sample(range(1, 201) if provider == "a" else range(201, 801), 60)
        before = len(ids)
        known_before = sum(entry in ids for entry in seen)
        sample.record(provider, [ids.setdefault(entry, len(ids) + 1) for entry in seen], known_before, before)
    mass = known(estimate(sample, len(ids)).mass)
    assert mass.low < (1 + (len(ids) - 200) / 600) / 2 < mass.high


def test_more_probes_narrow_the_interval():
    few, many = (known(estimate(*probed(1_000, 800, probes)).mass) for probes in (4, 40))
    assert many.high - many.low < few.high - few.low


answers = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.lists(st.integers(1, 300), max_size=40), st.integers(0, 40), st.integers(0, 300)
    ),
    max_size=6,
)


@settings(max_examples=10, deadline=None)
@given(answers, st.integers(0, 500))
def test_no_evidence_however_odd_breaks_the_estimate(probes, found):
    with patch.object(popularity, "SKEWS", popularity.SKEWS[::5]):  # the fewer laws, the quicker
        result = estimate(sample_of(*probes), found)
    for share in filter(None, (result.mass, result.items)):
        assert 0 <= share.low <= share.estimate <= share.high <= 1
    if result.items and result.mass:
        assert known(result.items).high <= known(result.mass).high
    for total in (*result.total_low.values(), *(pair.total for pair in result.recapture)):
        assert found <= total.low <= total.estimate <= total.high


def test_the_lower_bounds_do_not_depend_on_the_order_of_probes():
    sample, found = probed(400, 300, 6)
    rows = [(each.provider, each.entries, each.known_before, each.found_before) for each in sample.probes]
    one, other = estimate(sample_of(*rows), found), estimate(sample_of(*reversed(rows)), found)
    assert one.total_low == other.total_low
    assert one.recapture == other.recapture


def test_laws_that_explain_nothing_weigh_nothing():
    laws = popularity.judged(coverage.evidence(*probed(1_000, 600, 8)))
    assert max(law.weight for law in laws) == 1.0
    assert all(law.weight > 0 and 0 <= law.low < law.high <= 1 for law in laws)


# Recapture


def test_chapman_by_hand():
    # Seber's form: 200 marked, 150 caught, 32 of them marked: 201 * 151 / 33 - 1.
    total = known(chapman(200, 150, 32))
    assert total.estimate == pytest.approx(201 * 151 / 33 - 1)
    variance = 201 * 151 * 168 * 118 / (33**2 * 34)
    assert total == lognormal(200 + 150 - 32, total.estimate, variance)


def test_few_recaptures_say_nothing():
    assert chapman(60, 60, LEAST_RECAPTURED - 1) is None
    assert recaptures({"a": {1, 2}, "b": {2, 3}}, 10) == ()


def test_each_provider_stands_against_each_and_against_all_others():
    entries = {name: set(range(start, start + 40)) for name, start in (("a", 0), ("b", 10), ("c", 20))}
    pairs = [(each.first, each.second) for each in recaptures(entries, 0)]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c"), *((name, "all others") for name in "abc")]
    assert recaptures(entries, 0)[0].both == 30


def test_probes_stand_against_what_the_others_have_listed():
    sample = sample_of(("a", range(1, 31), 0, 0), ("b", range(16, 46), 15, 30))
    contributions = Contributions()
    contributions.record("a", range(1, 31), [])
    contributions.record("b", range(31, 61), range(16, 31))
    pairs = {
        (each.first, each.second): each
        for each in estimate(sample, 60, listed_by_others(sample, contributions)).recapture
    }
    # b has named 45 entries, 15 of them among the 30 of a's probe; a has named 30, 15 of them among b's 30.
    assert pairs["a", "the list of all others"].total == known(chapman(45, 30, 15)).at_least(60)
    assert pairs["b", "the list of all others"].total == known(chapman(30, 30, 15)).at_least(60)


def test_no_total_is_below_the_list():
    entries = {"a": set(range(20)), "b": set(range(20))}
    (pair,) = recaptures(entries, 500)
    assert pair.total == Interval(500, 500, 500)


# Intervals


def test_an_interval_is_in_order():
    with pytest.raises(ValueError, match="order"):
        Interval(1.0, 2.0, 3.0)


def test_nothing_unseen_is_no_interval():
    assert lognormal(10, 10, 4) == Interval(10, 10, 10)


def test_the_median_and_the_tails_are_read_off_within_a_range():
    uniform = credible([Weighed(0.0, 1.0, 1.0)])
    assert (uniform.low, uniform.estimate, uniform.high) == pytest.approx((0.05, 0.5, 0.95))


def test_values_may_be_infinite():
    assert credible([Weighed(1.0, 1.0, 1.0), Weighed(inf, inf, 9.0)]) == Interval(inf, 1.0, inf)


points = st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 10)), min_size=1, max_size=30)


@given(points)
def test_a_credible_interval_is_in_order_and_among_the_values(pairs):
    interval = credible(Weighed(value, value, weight) for value, weight in pairs)
    assert min(pairs)[0] <= interval.low <= interval.high <= max(pairs)[0]
