"""The bench of the yield engine must measure what it says: the game, the policies, and the figures."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from bench import yields
from bench.yields.asks import Answered, Ask, Briefing, Coverage, Interval
from bench.yields.figures import contained, spread
from bench.yields.measures import Claim, _claims, measure
from bench.yields.minds import Traits
from bench.yields.oracle import Oracle
from bench.yields.policies import FullList, Lifetime, Uniform, UniformByAlphabet
from bench.yields.report import page
from bench.yields.run import Belief, Point, Record, Stage, Terms, make_stage, play
from bench.yields.scenarios import HELD_OUT, TRAINING, Scenario
from bench.yields.worlds import make_world

PERFECT = Traits(
    "perfect", knows=1.0, obeys_exclusions=1.0, obeys_partition=1.0, repeats=0.0, off_topic=0.0, failing=0.0, cut=0.0
)
WORLD = make_world("Garden follies", 300, 0.9, 8, seed=1)


def stage(*models: Traits, size: int = 300) -> Stage:
    return make_stage(make_world("Garden follies", size, 0.9, 8, seed=1), models, seed=1)


# --- the game ---


class Scripted:
    """Asks the same for ever, and keeps what it learns."""

    name = "scripted"

    def __init__(self, briefing: Briefing) -> None:
        self.briefing = briefing
        self.events: list[str] = []
        self.answers: list[Answered] = []

    def next(self, now: float) -> Ask | None:
        self.events.append("ask")
        return Ask("perfect", 20)

    def learn(self, answered: Answered) -> None:
        self.events.append("learn")
        self.answers.append(answered)

    def coverage(self) -> Coverage | None:
        return Coverage(mass=Interval(0.5, 0.4, 0.6))


def played(traits: Traits = PERFECT, **terms) -> tuple[Scripted, Record]:
    made: list[Scripted] = []

    def make(briefing: Briefing) -> Scripted:
        made.append(Scripted(briefing))
        return made[-1]

    record = play(stage(traits), make, Terms(**terms))
    return made[0], record


def test_an_answer_is_learnt_only_after_five_more_were_asked():
    policy, _ = played(target=100)
    assert policy.events[:8] == ["ask"] * 6 + ["learn", "ask"]


def test_money_ends_a_run_and_all_that_was_paid_is_counted():
    policy, record = played(budget=0.02)
    assert record.spent == pytest.approx(sum(answered.cost for answered in policy.answers))
    assert 0.02 <= record.spent < 0.02 + 2 * policy.answers[0].cost


def test_what_is_off_topic_is_accepted_but_does_not_count():
    policy, record = played(replace(PERFECT, off_topic=0.5), budget=0.05)
    last = record.points[-1]
    accepted = {text for answered in policy.answers for text in answered.new}
    assert last.accepted == len(accepted)
    assert last.true == len(accepted.intersection(WORLD.texts)) < last.accepted


def test_a_text_is_new_once():
    policy, _ = played(budget=0.05)
    news = [text for answered in policy.answers for text in answered.new]
    assert len(news) == len(set(news))
    assert any(answered.repeats for answered in policy.answers)


def test_coverage_is_asked_for_once_at_each_look():
    policy, record = played(budget=0.03, looks=(0.0001, 0.0002, 0.02))
    assert [belief.look for belief in record.beliefs] == [0.0001, 0.0002, 0.02]
    first = policy.answers[0]
    assert record.beliefs[1].found == {WORLD.place[text] for text in first.new}


def test_a_barren_run_ends():
    _, record = played(replace(PERFECT, failing=1.0), patience=10)
    assert record.requests < 20


def test_a_division_is_paid_for():
    paid: list[float] = []

    class Dividing(Scripted):
        def next(self, now: float) -> Ask | None:
            if paid:
                return None
            paid.append(self.briefing.categories("perfect").cost)
            return super().next(now)

        def learn(self, answered: Answered) -> None:
            paid.append(answered.cost)

    record = play(stage(PERFECT), Dividing, Terms())
    assert record.stopped
    assert record.spent == pytest.approx(sum(paid))


def test_requests_count_in_the_order_of_asking_not_of_answering():
    class Alternating(Scripted):
        def next(self, now: float) -> Ask | None:
            self.events.append("ask")
            return Ask("slow" if len(self.events) == 1 else "perfect", 20) if len(self.events) < 4 else None

    slow = replace(PERFECT, name="slow", per_entry=9.0, price_out=100.0)
    record = play(stage(PERFECT, slow), Alternating, Terms())
    assert [point.spent > 0.005 for point in record.points] == [True] * 3


def test_between_two_requests_credit_grows_in_a_straight_line():
    record = Record("r", [Point(1.0, 12, 10), Point(3.0, 35, 30)])
    assert [record.true_at(spent) for spent in (0.5, 1.0, 2.0, 3.0, 9.0)] == [5.0, 10, 20.0, 30, 30]


def test_no_policy_but_the_oracle_can_read_the_truth():
    """Not even by making the world anew from its topic and seed, or by looking behind what it is handed."""
    folder = Path(yields.__file__).parent
    knowing = {"__init__", "__main__", "advisor", "figures", "measures", "minds", "models", "oracle", "plot",
               "report", "run", "scenarios", "trace", "worlds", "expectations"}  # fmt: skip
    blind = [path for path in folder.glob("*.py") if path.stem not in knowing]
    assert {path.stem for path in blind} >= {"asks", "policies", "contestant"}
    for path in blind:
        tree = ast.parse(path.read_text())
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert modules.isdisjoint({f"bench.yields.{name}" for name in knowing}), path.name
        assert not any(module.startswith("producers.providers") for module in modules), path.name
        assert not any(isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr != "__init__"
                       for node in ast.walk(tree)), path.name  # fmt: skip


# --- policies, measures, page ---


@pytest.mark.parametrize("make", [FullList, Uniform, UniformByAlphabet, Lifetime])
def test_every_rival_runs_and_repeats_itself_from_its_seed(make):
    made = stage(PERFECT, replace(PERFECT, name="other", price_out=1.0))
    first, second = (play(made, make, Terms(budget=0.01)) for _ in range(2))
    assert first.points == second.points
    assert first.points[-1].true > 60


def test_the_full_list_asks_the_dearest_and_excludes_all_that_was_found():
    made = stage(PERFECT, replace(PERFECT, name="dear", price_out=40.0))
    asked: list[Ask] = []

    class Watched(FullList):
        def learn(self, answered: Answered) -> None:
            super().learn(answered)
            asked.append(answered.ask)

    play(made, Watched, Terms(target=200))
    assert {ask.provider for ask in asked} == {"dear"}
    assert len(asked[-1].exclusions) > 60


def test_the_oracle_finds_more_for_the_money_than_any_rival():
    made = stage(replace(PERFECT, knows=0.6, overlap=0.2), replace(PERFECT, name="dear", price_out=40.0))
    best, *others = (
        play(made, make, Terms(budget=0.012)).true_at(0.012)
        for make in (lambda _: Oracle(made), FullList, Uniform, UniformByAlphabet, Lifetime)
    )
    assert best > max(others)


def test_training_and_held_out_scenarios_share_neither_topic_nor_model():
    topics, models = (
        [{value(scenario) for scenario in scenarios} for scenarios in (TRAINING, HELD_OUT)]
        for value in (lambda each: each.topic, lambda each: tuple(traits.name for traits in each.models))
    )
    assert topics[0].isdisjoint(topics[1])
    assert models[0].isdisjoint(models[1])


SMALL = Scenario(
    "small", "for a test", "Garden follies", 150, 0.8, 8, (PERFECT, replace(PERFECT, name="b", knows=0.5))
)


def test_a_measure_has_all_policies_and_the_page_says_that_it_is_simulated():
    outcome = measure(SMALL, 1)
    assert outcome.found["oracle"][1] == pytest.approx(0.925 * outcome.reachable)
    assert measure(SMALL, 1) == outcome
    written = page([outcome], [SMALL])
    assert "Every figure here is simulated" in written
    assert "| small | for a test |" in written


def test_intervals_are_counted_where_they_were_stated():
    claims = [
        Claim("mass", False, Interval(0.5, 0.4, 0.6), 0.55, 0.55),
        Claim("mass", False, Interval(0.5, 0.4, 0.6), 0.7, 0.7),
        Claim("mass", True, None, 0.5, 0.5),
    ]
    assert contained(claims) == 0.5
    assert contained(claims[2:]) is None


def test_what_a_policy_says_is_held_against_the_providers_that_it_speaks_of():
    stage = SMALL.stage(1)
    minds = {name: each[0] for name, each in stage.minds.items()}
    found = frozenset(minds["b"].known)
    record = Record("one", beliefs=[Belief(1.0, Coverage(providers=("b",)), found, minds)])
    mass, items = _claims(record, stage, 1.0)
    assert mass.truth == pytest.approx(1.0)
    assert items.truth == 1.0
    assert items.of_all == len(found) / len(stage.reachable()) < 1
    assert mass.of_all < 1


def test_a_spread_is_the_median_and_the_middle_nine_tenths():
    assert str(spread(range(101))) == "50.00 (5.00 to 95.00)"
