"""The parts of a topic as they are now: nothing is left uncovered, and each part is there once."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.alphabet import share_out
from orchestration.logic.parts import WHOLE, category, range_part
from orchestration.logic.tree import PartState, PartTree

ART, SCIENCE = category("Art"), category("Science")


def tree_of(*parts):
    tree = PartTree()
    tree.add(parts)
    return tree


def test_at_first_the_whole_topic_is_asked_for():
    assert PartTree().open_parts() == [WHOLE.words]


def test_parts_are_opened_once_beside_what_there_is():
    tree = tree_of(ART)
    assert tree.add([ART, SCIENCE, SCIENCE], since=7) == [SCIENCE.words]
    assert tree.open_parts() == [WHOLE.words, ART.words, SCIENCE.words]
    assert tree.get(SCIENCE.words).since == 7


def test_a_part_without_words_is_not_opened():
    tree = tree_of(WHOLE, category("..."))
    assert [node.part for node in tree] == [WHOLE]


def test_a_part_knows_what_it_was_split_from():
    tree = tree_of(ART)
    tree.add([SCIENCE], parent=ART.words, by_person=True)
    node = tree.get(SCIENCE.words)
    assert (node.parent, node.by_person) == (ART.words, True)


def test_only_open_parts_are_asked_for():
    tree = tree_of(ART, SCIENCE)
    tree.set_state(WHOLE.words, PartState.SPLIT, 0)
    tree.set_state(ART.words, PartState.RETIRED, 3)
    assert tree.open_parts() == [SCIENCE.words]
    assert (tree.get(ART.words).state, tree.get(ART.words).since) == (PartState.RETIRED, 3)


def test_an_answer_to_an_unknown_part_counts_for_the_whole():
    tree = tree_of(ART)
    tree.record("of an earlier division", candidates=5, new=2)
    tree.record(ART.words, candidates=4, new=1)
    whole, art = tree.get(WHOLE.words), tree.get(ART.words)
    assert (whole.requests, whole.candidates, whole.new) == (1, 5, 2)
    assert (art.requests, art.candidates, art.new) == (1, 4, 1)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(PartState)), max_size=30))
def test_whatever_becomes_of_the_parts_something_is_asked_for(changes):
    tree = tree_of(*map(range_part, share_out(9)))
    words = list(tree.nodes)
    for at, state in changes:
        tree.set_state(words[at], state, 0)
    assert tree.open_parts()
    assert list(tree.nodes) == words
