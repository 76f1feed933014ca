"""Names in groups by the vectors of their meanings, and the groups as parts of a topic."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.asking import KnownPart, Outcome, Settings
from orchestration.logic.clustering import FEWEST, MOST, clustered, clusters_for
from orchestration.logic.clusters import FIRST_ENTRIES
from orchestration.logic.decisions import DecisionKind
from orchestration.logic.effort import Rated
from orchestration.logic.parts import category, cluster
from orchestration.logic.steering import Steering
from orchestration.logic.tree import PartState

vectors = st.lists(st.tuples(*[st.floats(-5, 5)] * 3), max_size=30)
GROUPS = [["Louvre", "Orsay", "Rodin"], ["Seine", "Marne", "Oise"], ["Opéra", "Bastille", "Nation"]]
LATER = [["Seine", "Marne", "Oise"], ["Montmartre", "Belleville", "Passy"]]


def steering(partition: str = "semantic", producers: int = 3) -> Steering:
    settings, providers = Settings("Paris", partition=partition), {"a": Rated("a", 1e-6, 4e-6)}
    return Steering(settings, providers, range(producers), Random(1))


def find(mind: Steering, count: int, part: str = "") -> None:
    new = [(mind.entries + each, f"entry {mind.entries + each}") for each in range(count)]
    mind.record(Outcome(0, "a", part, "plain", count, new, (), cost=0.01, seconds=1.0))


def open_parts(mind: Steering) -> set[str]:
    return set(mind.tree.open_parts())


def words_of(groups: list[list[str]]) -> set[str]:
    return {cluster(group).words for group in groups}


# --- groups ---------------------------------------------------------------------------------------


def around(direction: int, count: int, rng: Random) -> list[list[float]]:
    """Vectors of any length that point much the same way."""

    def one() -> list[float]:
        length = rng.uniform(1, 5)
        return [length * ((each == direction) + rng.uniform(-0.1, 0.1)) for each in range(4)]

    return [one() for _ in range(count)]


@pytest.mark.parametrize("seed", range(10))
def test_vectors_of_one_direction_are_one_group_the_largest_first(seed):
    rng = Random(seed)
    made = [*around(0, 10, rng), *around(1, 30, rng), *around(2, 20, rng)]
    groups = clustered(made, 3, seed)
    assert [set(group) for group in groups] == [{*range(10, 40)}, {*range(40, 60)}, {*range(10)}]


def test_those_in_the_middle_of_a_group_come_first():
    (group,) = clustered([[1, 0.9], [1, 0.0], [0.9, 1], [1, 0.8], [0.0, 1]], 1, seed=0)
    assert set(group[:3]) == {0, 2, 3}


@given(vectors, st.integers(1, 12), st.integers(0, 5))
def test_every_vector_is_in_one_group_and_none_is_empty(made, k, seed):
    groups = clustered(made, k, seed)
    assert sorted(index for group in groups for index in group) == [*range(len(made))]
    assert all(groups)
    assert len(groups) <= k
    assert groups == clustered(made, k, seed)


def test_what_does_not_differ_is_one_group():
    assert clustered([[1.0, 2.0]] * 5 + [[2.0, 4.0]] * 5, 4, seed=0) == [[*range(10)]]


def test_words_without_a_vector_are_no_trouble():
    assert sorted(map(sorted, clustered([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 3, seed=0)))[-1] == [2]


def test_longer_lists_have_more_clusters_within_bounds():
    assert [clusters_for(count) for count in (1, 150, 400, 440, 5_000)] == [FEWEST, FEWEST, 10, 11, MOST]


# --- parts ----------------------------------------------------------------------------------------


def test_until_there_is_enough_everyone_explores_the_whole():
    mind = steering()
    mind.begin()
    assert not mind.clusters_due()
    find(mind, FIRST_ENTRIES - 1)
    assert not mind.clusters_due()
    mind.step(1.0)
    assert set(mind.assigned.values()) == {""}
    find(mind, 1)
    assert mind.clusters_due()
    assert len(mind.names) == FIRST_ENTRIES


@pytest.mark.parametrize("partition", ["auto", "none", "alphabet", "category"])
def test_other_settings_want_no_clusters(partition):
    mind = steering(partition)
    mind.begin()
    find(mind, 1_000)
    assert not mind.clusters_wanted
    assert not mind.clusters_due()


def test_each_cluster_is_a_part_beside_the_whole_and_producers_go_there():
    mind = steering()
    mind.begin()
    find(mind, FIRST_ENTRIES)
    (decision,) = mind.cluster(GROUPS)
    assert decision.kind == DecisionKind.DIVISION
    assert decision.after == "; ".join(cluster(group).words for group in GROUPS)
    assert open_parts(mind) == {"", *words_of(GROUPS)}
    mind.step(1.0)
    assert words_of(GROUPS) & set(mind.assigned.values())


def test_when_the_list_has_doubled_others_take_their_place():
    mind = steering()
    mind.begin()
    find(mind, FIRST_ENTRIES)
    mind.cluster(GROUPS)
    find(mind, FIRST_ENTRIES - 1)
    assert not mind.clusters_due()
    find(mind, 1)
    assert mind.clusters_due()
    *retired, division = mind.cluster(LATER)
    assert {each.subject for each in retired} == words_of(GROUPS) - words_of(LATER)
    assert {each.kind for each in retired} == {DecisionKind.RETIRED}
    assert division.kind == DecisionKind.DIVISION
    assert open_parts(mind) == {"", *words_of(LATER)}
    mind.cluster(GROUPS)
    assert open_parts(mind) == {"", *words_of(GROUPS)}


def test_what_people_left_out_stays_out():
    mind = steering()
    mind.begin()
    mind.cluster(GROUPS)
    left_out = cluster(GROUPS[0])
    mind.adopt([KnownPart(left_out, left_out=True)])
    mind.cluster(GROUPS)
    assert left_out.words not in open_parts(mind)


def test_too_few_clusters_change_nothing_and_are_not_looked_for_again_at_once():
    mind = steering()
    mind.begin()
    find(mind, FIRST_ENTRIES)
    assert mind.cluster(GROUPS[:1]) == []
    assert open_parts(mind) == {""}
    assert not mind.clusters_due()


def test_after_a_restart_the_clusters_are_still_there():
    mind = steering()
    mind.restore([KnownPart(cluster(group)) for group in GROUPS])
    find(mind, FIRST_ENTRIES)
    mind.begin()
    assert open_parts(mind) == {"", *words_of(GROUPS)}
    assert not mind.clusters_due()
    assert mind.without_clusters("nothing is installed").after == "the clusters that there are"


def test_where_there_can_be_none_the_whole_is_explored_and_a_decision_says_why():
    mind = steering()
    mind.begin()
    decision = mind.without_clusters("nothing is installed")
    assert (decision.after, decision.reason) == ("the whole topic", "nothing is installed")
    find(mind, FIRST_ENTRIES)
    assert not mind.clusters_due()
    assert open_parts(mind) == {""}


# --- nobody is without a part ---------------------------------------------------------------------


@pytest.mark.parametrize("partition", ["auto", "none", "alphabet", "category", "semantic"])
def test_there_is_a_part_for_everyone_whatever_people_leave_out(partition):
    mind = steering(partition)
    mind.begin()
    mind.divide(["Museums", "Rivers"], "a")
    mind.cluster(GROUPS)
    mind.adopt([KnownPart(node.part, left_out=True) for node in mind.tree if node.part.words])
    find(mind, 10)
    mind.step(1.0)
    assert set(mind.assigned.values()) == {""}
    assert mind.plan(0, "a").part == ""


def test_a_category_that_people_added_is_no_division_of_the_rest():
    mind = steering("category")
    mind.restore([KnownPart(category("Museums"), by_person=True)])
    mind.begin()
    assert mind.division_wanted
    assert open_parts(mind) == {"", category("Museums").words}
    mind.divide(["Rivers", "Museums"], "a")
    assert mind.tree.get(category("Museums").words).state == PartState.OPEN
    assert "" not in open_parts(mind)
    assert not mind.division_wanted
