"""The words a producer asks with, and the entries it is told not to name again."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic import exclusions
from orchestration.logic.exclusions import RepeatMemory
from orchestration.logic.prompts import NAMING_RULES, producer_prompt


def test_a_prompt_has_the_topic_the_users_words_the_rules_and_the_part():
    text = producer_prompt("Museums", "Only in Paris.\n", "names beginning with A")
    assert text.split("\n\n") == [
        "Topic: Museums",
        "Only in Paris.",
        NAMING_RULES,
        "List only this part of the topic: names beginning with A.",
    ]


def test_without_a_part_or_words_of_the_user_nothing_stands_in_their_place():
    assert producer_prompt("Museums", " \n ", "") == f"Topic: Museums\n\n{NAMING_RULES}"


def test_what_does_not_change_comes_first_for_the_sake_of_prompt_caches():
    one, other = (producer_prompt("Museums", "Only in Paris.", part) for part in ("A", "B"))
    assert one[:-3] == other[:-3]


def remembering(*batches):
    memory = RepeatMemory()
    for new, repeats in batches:
        memory.record(new, repeats)
    return memory


def test_at_first_nothing_is_excluded():
    assert RepeatMemory().choose() == ()


def test_what_came_again_most_often_is_excluded_first_then_the_newest():
    memory = remembering((["a", "b", "c"], []), (["d"], [(2, "b"), (1, "A"), (2, "B")]))
    assert memory.choose() == ("b", "A", "d", "c", "a")


def test_an_entry_is_excluded_in_one_spelling():
    assert remembering(([], [(1, "Louvre"), (1, "LOUVRE")])).choose() == ("Louvre",)


def test_an_entry_that_is_new_and_repeated_is_excluded_once():
    assert remembering((["Louvre"], [(1, "Louvre")])).choose() == ("Louvre",)


def test_only_the_newest_are_remembered():
    memory = remembering(([str(number) for number in range(500)], []))
    assert memory.choose() == tuple(str(number) for number in range(499, 499 - exclusions.NEWEST, -1))


def test_what_was_repeated_longest_ago_is_forgotten_first():
    memory = remembering(([], [(0, "old"), *((number, f"{number}") for number in range(1, 1_001))]))
    assert "old" not in memory.choose(10**6)
    assert len(memory.choose(10**6)) == exclusions.REMEMBERED
    kept = remembering(
        ([], [(0, "old"), *((number, f"{number}") for number in range(1, 1_000)), (0, "old"), (5_000, "x")])
    )
    assert kept.choose(10**6)[0] == "old"


@given(st.lists(st.tuples(st.integers(0, 50), st.text(max_size=30)), max_size=80), st.integers(0, 500))
def test_the_exclusions_keep_to_their_budget(repeats, characters):
    chosen = remembering((["newest"], repeats)).choose(characters)
    assert sum(len(text) + 1 for text in chosen) <= characters
    assert len(set(chosen)) == len(chosen)


def test_what_came_as_a_key_alone_is_excluded_once_its_name_is_known():
    memory = remembering(([], [(1, ""), (2, "b"), (1, ""), (3, "")]))
    assert memory.choose() == ("b",)
    assert memory.nameless() == [1, 3]
    memory.name({1: "a", 9: "never repeated"})
    assert memory.choose() == ("a", "b")
    assert memory.nameless() == [3]


def test_a_name_that_comes_later_is_kept():
    memory = remembering(([], [(1, "")]), ([], [(1, "a")]), ([], [(1, "")]))
    assert (memory.choose(), memory.nameless()) == (("a",), [])


def test_of_the_nameless_the_most_repeated_are_asked_for_first():
    repeats = [(number, "") for number in range(exclusions.NAMED + 50)]
    memory = remembering(([], [*repeats, (7, ""), (240, ""), (240, "")]))
    assert memory.nameless()[:2] == [240, 7]
    assert len(memory.nameless()) == exclusions.NAMED
