"""Turns: one after the other for one key, side by side for others, and nothing is kept of them."""

import threading

import pytest

from igentai_site.team.turns import Turns

PATIENCE = 10.0


def test_a_second_one_waits_until_the_first_is_over():
    turns, order = Turns(), []

    def second():
        with turns.of("a", "kim"):
            order.append("second")

    with turns.of("a", "kim"):
        waiting = threading.Thread(target=second)
        waiting.start()
        with turns.of("b", "sam"):  # somebody else does not wait
            order.append("else")
        order.append("first")
    waiting.join(PATIENCE)
    assert order == ["else", "first", "second"]
    assert not any(key in turns for key in ("a", "b", "kim", "sam"))


def test_many_at_once_are_never_two_at_a_time():
    turns, inside, most = Turns(), [], []

    def attempt():
        with turns.of("a"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert most == [1] * 20


def test_an_error_ends_the_turn():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.of("a", "kim"):
        raise ZeroDivisionError
    with turns.of("a", "kim"):
        assert "kim" in turns
