"""What each provider alone contributes, against exact recomputation."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.complementarity import Contribution, Contributions


def recorded(*requests):
    contributions = Contributions()
    for request in requests:
        contributions.record(*request)
    return contributions


def test_an_entry_is_a_providers_own_until_another_names_it():
    contributions = recorded(("a", [1, 2], [], 3.0), ("b", [3], [2], 1.0))
    assert contributions.of("a") == Contribution("a", named=2, alone=1, first=2, cost=3.0)
    assert contributions.of("b") == Contribution("b", named=2, alone=1, first=1, cost=1.0)
    assert contributions.of("a").cost_per_own_entry == 3.0


def test_to_repeat_oneself_changes_nothing_but_the_cost():
    contributions = recorded(("a", [1], [], 1.0), ("a", [], [1, 1], 1.0))
    assert contributions.of("a") == Contribution("a", named=1, alone=1, first=1, cost=2.0)


def test_a_provider_that_adds_nothing_has_no_price_of_its_own():
    contributions = recorded(("a", [1], [], 1.0), ("b", [], [1], 9.0))
    assert contributions.of("b").alone == contributions.of("a").alone == 0
    assert contributions.of("b").cost_per_own_entry is None


def test_entries_of_an_earlier_run_are_nobodys_first():
    assert recorded(("a", [], [1], 0.0)).of("a") == Contribution("a", named=1, alone=1, first=0, cost=0.0)


def test_one_that_was_never_asked_contributed_nothing():
    assert recorded().of("a") == Contribution("a", 0, 0, 0, 0.0)
    assert recorded().all() == {}


named = st.lists(st.tuples(st.sampled_from("abcd"), st.sets(st.integers(1, 40), max_size=12)), max_size=40)


@given(named)
def test_it_is_what_recomputation_from_scratch_says(requests):
    contributions = Contributions()
    by_provider: dict[str, set[int]] = {}
    first: dict[int, str] = {}
    for provider, entries in requests:
        new = {entry for entry in entries if entry not in first}
        first.update(dict.fromkeys(new, provider))
        contributions.record(provider, new, entries - new, 0.5)
        by_provider.setdefault(provider, set()).update(entries)
    for provider, entries in by_provider.items():
        others = set().union(*(each for name, each in by_provider.items() if name != provider))
        assert contributions.all()[provider] == Contribution(
            provider,
            named=len(entries),
            alone=len(entries - others),
            first=sum(name == provider for name in first.values()),
            cost=0.5 * sum(name == provider for name, _ in requests),
        )
