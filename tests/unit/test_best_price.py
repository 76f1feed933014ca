"""What the steering hopes that the next entries will cost."""

from random import Random

import pytest

from orchestration.logic.asking import Outcome, Settings
from orchestration.logic.effort import Rated
from orchestration.logic.steering import Steering

CHEAP, DEAR = Rated("cheap", token_out=1e-6), Rated("dear", token_out=1e-5)


def steering(*providers, optimise="cost"):
    settings = Settings("Lisbon sights", optimise=optimise)
    begun = Steering(settings, {each.name: each for each in providers}, range(2), Random(1))
    begun.begin()
    return begun


def record(run, provider, new, *, requests=6, cost=0.001):
    """Answers of 60 everywhere, of which so many are new."""
    for part in [*run.tree.open_parts()] * requests:
        named = [(number, f"entry {number}") for number in range(60)]
        run.record(Outcome(0, provider, part, "plain", 60, named[:new], named[new:], cost, 1.0))


def test_it_is_that_of_the_cheapest_provider():
    assert steering(CHEAP, DEAR).best_price() == steering(CHEAP).best_price() < steering(DEAR).best_price()


def test_a_provider_that_cannot_be_asked_does_not_count():
    run = steering(CHEAP, DEAR)
    assert run.best_price({"cheap"}) == steering(DEAR).best_price()
    assert run.best_price({"cheap", "dear"}) is None


@pytest.mark.parametrize("optimise", ["cost", "speed", "balanced"])
def test_it_is_in_dollars_whatever_the_run_saves(optimise):
    prices = []
    for cost in (0.001, 0.002):
        run = steering(CHEAP, optimise=optimise)
        record(run, "cheap", 30, cost=cost)
        prices.append(run.best_price())
    assert prices[1] == pytest.approx(2 * prices[0], rel=0.15)


def test_where_one_has_run_dry_the_other_is_the_hope():
    run = steering(CHEAP, DEAR)
    before = run.best_price()
    record(run, "cheap", 0)
    assert before < run.best_price() <= steering(DEAR).best_price() * 2
