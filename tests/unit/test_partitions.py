"""How a topic is divided: together the parts are the whole of it, at any time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic import partitions
from orchestration.logic.alphabet import LATIN, REST, Initials
from orchestration.logic.partitions import Change, first_parts, hope, keeps_whole, structural_change, wants_division
from orchestration.logic.parts import WHOLE, category, gap, range_part
from orchestration.logic.tree import PartState, PartTree
from orchestration.logic.yields import Yields

A_TO_M, N_TO_Z = (range_part(Initials(LATIN, *ends)) for ends in ("am", "nz"))
OTHERS = range_part(Initials(REST, without=(LATIN,)))
ALPHABET = (A_TO_M, N_TO_Z, OTHERS)
names = st.text(max_size=4)


class Exploration:
    """A tree with what its parts have brought."""

    def __init__(self, *parts, whole=PartState.SPLIT):
        self.tree, self.yields, self.seen = PartTree(), Yields(), []
        self.tree.add(parts)
        for part in parts:
            self.yields.expect(part.words, hope(part, 0.5))
        self.tree.set_state(WHOLE.words, whole, 0)

    def ask(self, part, new, candidates=60, times=1):
        """So many answers for the part, each with so many new entries."""
        for _ in range(times):
            self.yields.record("a", part.words, asked=60, candidates=candidates, new=new, effort=1.0)
            self.tree.record(part.words, candidates, new)
        return self

    def found(self, words):
        return self.tree.get(words).new

    def worth(self, words):
        return self.yields.part_novelty(words)

    def change(self):
        """The change that is due; it is carried out."""
        change = structural_change(self.tree, self.yields, self.worth, self.seen, self.found)
        if change is not None:
            self.tree.set_state(change.words, change.state, self.yields.ordinal)
            self.tree.add(change.children, parent=change.words, since=self.yields.ordinal)
        return change


# What a run begins with


@given(st.sampled_from(["alphabet", "auto"]), st.integers(1, 40), st.lists(names, max_size=10), names)
def test_the_first_ranges_have_every_name_exactly_once(kind, count, seen, name):
    assert [part.fits(name) for part in first_parts(kind, count, seen)].count(True) == 1


@given(st.integers(1, 26))
def test_there_are_ranges_enough_for_all_producers(count):
    assert len(first_parts("alphabet", count)) >= count
    assert len(first_parts("auto", count)) + 1 >= count


@pytest.mark.parametrize("kind", ["none", "category", "semantic"])
def test_other_divisions_begin_with_the_whole(kind):
    assert first_parts(kind, 5) == ()


def test_only_some_divisions_ask_for_the_whole_beside_the_parts():
    assert [kind for kind in ("none", "auto", "alphabet", "category", "semantic") if keeps_whole(kind)] == [
        "none",
        "auto",
        "semantic",
    ]


def test_more_is_hoped_of_a_category_than_of_a_range_and_little_of_the_rest():
    assert hope(category("Art"), 0.5) > hope(A_TO_M, 0.5) > hope(OTHERS, 0.5) > 0
    assert hope(gap(["Art"]), 0.5) > hope(OTHERS, 0.5)


# Categories


def test_categories_are_asked_for_at_once_where_people_chose_them():
    assert wants_division("category", Yields(), 0, PartTree())


def test_auto_asks_for_categories_once_what_it_finds_comes_again():
    fresh = Exploration().ask(WHOLE, new=50, times=20)
    dry = Exploration().ask(WHOLE, new=1, times=20)
    assert not wants_division("auto", fresh.yields, 1_000, fresh.tree)
    assert wants_division("auto", dry.yields, 1_000, dry.tree)
    assert not wants_division("auto", dry.yields, 0, dry.tree)


@pytest.mark.parametrize("kind", ["none", "alphabet", "semantic"])
def test_other_divisions_need_no_categories(kind):
    dry = Exploration().ask(WHOLE, new=1, times=20)
    assert not wants_division(kind, dry.yields, 1_000, dry.tree)


@pytest.mark.parametrize("kind", ["category", "auto"])
def test_categories_that_there_are_are_not_asked_for_again(kind):
    dry = Exploration(category("Art")).ask(WHOLE, new=1, times=20)
    assert not wants_division(kind, dry.yields, 1_000, dry.tree)


# What becomes of the parts


def test_at_first_nothing_changes():
    assert Exploration(*ALPHABET).change() is None


def test_a_dry_part_is_retired_while_others_bring_more():
    exploration = Exploration(*ALPHABET).ask(A_TO_M, new=55, times=3).ask(OTHERS, new=0, times=15)
    change = exploration.change()
    assert (change.words, change.state, change.children) == (OTHERS.words, PartState.RETIRED, ())
    assert "times as much" in change.reason
    assert exploration.tree.open_parts() == [A_TO_M.words, N_TO_Z.words]


def test_one_dry_answer_retires_nothing():
    assert Exploration(*ALPHABET).ask(A_TO_M, new=55).ask(OTHERS, new=0).change() is None


def test_where_all_are_dry_alike_none_is_retired():
    exploration = Exploration(A_TO_M, N_TO_Z)
    for _ in range(10):
        exploration.ask(A_TO_M, new=0).ask(N_TO_Z, new=0)
    assert exploration.change() is None


def test_the_last_part_is_never_retired():
    assert Exploration(A_TO_M).ask(A_TO_M, new=0, times=20).change() is None


def test_what_a_person_added_is_not_retired():
    exploration = Exploration(*ALPHABET).ask(A_TO_M, new=55, times=3).ask(OTHERS, new=0, times=15)
    exploration.tree.get(OTHERS.words).by_person = True
    assert exploration.change() is None


def rich(part):
    """A part that has brought much and now begins to repeat itself."""
    exploration = Exploration(*ALPHABET).ask(part, new=50, times=4).ask(part, new=18, times=6)
    exploration.seen = ["Arc", "Bastille", "Louvre", "Monnaie", "Жуков", "Ярославль", "漢字"] * 5
    return exploration


def test_a_rich_part_is_split_when_its_best_known_come_again():
    exploration = rich(A_TO_M)
    change = exploration.change()
    assert (change.words, change.state) == (A_TO_M.words, PartState.SPLIT)
    assert len(change.children) == 2
    assert "entries" in change.reason
    assert exploration.tree.get(change.children[0].words).parent == A_TO_M.words
    assert exploration.change() is None


@given(st.sampled_from([A_TO_M, OTHERS]), names)
def test_a_split_loses_no_name(part, name):
    exploration = rich(part)
    assert exploration.change().children
    admitting = [words for words in exploration.tree.open_parts() if exploration.tree.get(words).part.fits(name)]
    assert len(admitting) == 1


def test_a_part_of_which_little_is_found_is_left_alone():
    assert Exploration(*ALPHABET).ask(A_TO_M, new=partitions.SPLIT_FOUND // 10 - 1, times=10).change() is None


def test_categories_are_not_split():
    art = category("Art")
    assert Exploration(art, N_TO_Z).ask(art, new=50, times=4).ask(art, new=18, times=6).change() is None


def test_there_are_never_too_many_parts():
    exploration = rich(A_TO_M)
    exploration.tree.add(category(f"category {number}") for number in range(partitions.MOST_OPEN))
    assert exploration.change() is None


def retired_long_ago(requests):
    exploration = Exploration(*ALPHABET)
    exploration.tree.set_state(OTHERS.words, PartState.RETIRED, exploration.yields.ordinal)
    for _ in range(requests // 2 + 1):
        exploration.ask(A_TO_M, new=1).ask(N_TO_Z, new=1)
    return exploration


def test_what_was_retired_long_ago_is_looked_at_again_when_little_is_new_anywhere():
    change = retired_long_ago(partitions.REOPEN_AFTER + 2).change()
    assert change == Change(OTHERS.words, PartState.OPEN, change.reason)
    assert "nobody has looked" in change.reason


def test_what_was_retired_of_late_is_not():
    assert retired_long_ago(partitions.REOPEN_AFTER // 2).change() is None


def test_while_much_is_new_elsewhere_nothing_is_looked_at_again():
    exploration = retired_long_ago(partitions.REOPEN_AFTER + 2).ask(A_TO_M, new=60, times=30)
    while exploration.change():
        pass
    assert exploration.tree.get(OTHERS.words).state == PartState.RETIRED


def test_what_a_person_retired_stays_so():
    exploration = retired_long_ago(partitions.REOPEN_AFTER + 2)
    exploration.tree.get(OTHERS.words).by_person = True
    assert exploration.change() is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60), names)
def test_whatever_the_parts_bring_every_name_is_in_a_part_that_is_open_or_was_retired(history, name):
    exploration = Exploration(*ALPHABET)
    for at, new in history:
        parts = [exploration.tree.get(words).part for words in exploration.tree.open_parts()]
        exploration.ask(parts[at % len(parts)], new=new)
        exploration.change()
    nodes = [node for node in exploration.tree if node.state != PartState.SPLIT]
    assert [node.part.fits(name) for node in nodes].count(True) == 1
