"""What the bench of the yield engine simulates: worlds, models, and the expectations that the oracle trusts."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from statistics import mean

import pytest

from bench.yields.advisor import Advisor, Arm
from bench.yields.asks import Ask, Category, Letters
from bench.yields.expectations import Counts, expected_new
from bench.yields.minds import Drift, Traits
from bench.yields.models import Model, drawn
from bench.yields.run import Stage, make_stage
from bench.yields.worlds import make_world

PERFECT = Traits(
    "perfect", knows=1.0, obeys_exclusions=1.0, obeys_partition=1.0, repeats=0.0, off_topic=0.0, failing=0.0, cut=0.0
)
WORLD = make_world("Garden follies", 300, 0.9, 8, seed=1)


def stage(*models: Traits, size: int = 300) -> Stage:
    return make_stage(make_world("Garden follies", size, 0.9, 8, seed=1), models, seed=1)


def model(traits: Traits) -> Model:
    made = stage(traits)
    return Model(made.world, made.minds[traits.name], 1)


# --- worlds ---


def test_a_world_is_the_same_for_the_same_arguments_and_another_for_another_seed():
    again, other = (
        make_world("Garden follies", 300, 0.9, 8, seed=1),
        make_world("Garden follies", 300, 0.9, 8, seed=2),
    )
    assert again.texts == WORLD.texts
    assert set(other.texts) == set(WORLD.texts)
    assert other.texts != WORLD.texts


def test_categories_are_uneven_share_no_entry_and_leave_some_out():
    sizes = [len(WORLD.members(Category(name))) for name in WORLD.categories]
    assert len(sizes) == 8
    assert max(sizes) > 2 * min(sizes)
    assert 0 < 300 - sum(sizes) < 60


def test_parts_of_the_alphabet_take_in_each_entry_once():
    parts = (Letters((("a", "m"),)), Letters((("n", "z"),)), Letters(digits=True), Letters(other=True))
    assert sorted(at for part in parts for at in WORLD.members(part)) == list(range(300))


def test_strays_are_not_of_the_world():
    assert set(WORLD.strays).isdisjoint(WORLD.texts)


# --- models ---


def test_a_perfect_model_heeds_the_part_and_the_exclusions():
    who = model(PERFECT)
    part = Letters((("a", "m"),))
    inside = sorted(WORLD.members(part))
    said = who.answer(Ask("perfect", 20, part, tuple(WORLD.texts[at] for at in inside[:-20])))
    assert sorted(said.entries) == inside[-20:]


def test_a_model_with_nothing_left_names_known_ones_again():
    said = model(PERFECT).answer(Ask("perfect", 30, exclusions=WORLD.texts))
    assert len(said.entries) == 30


def test_a_deaf_model_does_as_if_nothing_had_been_excluded():
    deaf = replace(PERFECT, obeys_exclusions=0.0, obeys_partition=0.0)
    said = model(deaf).answer(Ask("perfect", 60, Letters((("q", "q"),)), WORLD.texts))
    assert len(set(said.entries)) == 60
    assert not WORLD.members(Letters((("q", "q"),))).issuperset(said.entries)


def test_exclusions_cost_tokens():
    who = model(PERFECT)
    short, long = who.answer(Ask("perfect", 10)), who.answer(Ask("perfect", 10, exclusions=WORLD.texts))
    assert short.tokens_in == 120
    assert long.tokens_in > 120 + 300 * 3
    assert long.cost > short.cost


def test_failures_bring_and_cost_nothing_and_cuts_half():
    failing = model(replace(PERFECT, failing=1.0)).answer(Ask("perfect", 60))
    cut = model(replace(PERFECT, cut=1.0)).answer(Ask("perfect", 60))
    assert failing.failed
    assert (failing.entries, failing.cost) == ((), 0.0)
    assert cut.failed
    assert len(cut.entries) == 30


def test_a_long_answer_ends_early():
    assert len(model(replace(PERFECT, largest=50)).answer(Ask("perfect", 200)).entries) < 80


def test_models_of_full_overlap_know_the_same_and_others_do_not():
    twins = stage(*(replace(PERFECT, name=name, knows=0.5, overlap=1.0) for name in "ab"))
    strangers = stage(*(replace(PERFECT, name=name, knows=0.5, overlap=0.0) for name in "ab"))
    assert twins.minds["a"][0].known == twins.minds["b"][0].known
    common = set(strangers.minds["a"][0].known) & set(strangers.minds["b"][0].known)
    assert len(common) < 120


def test_a_drifting_model_forgets_after_so_many_requests():
    who = model(replace(PERFECT, drift=Drift(2, knows=0.05, obeys_exclusions=1.0, obeys_partition=1.0)))
    before, _, after = (len(set(who.answer(Ask("perfect", 60)).entries)) for _ in range(3))
    assert before == 60
    assert after < 40


def test_a_lesser_known_style_names_what_is_less_popular():
    who = model(replace(PERFECT, lesser=0.9))
    usual, lesser = (mean(mean(who.answer(Ask("perfect", 30, style=style)).entries) for _ in range(40))
                     for style in ("plain", "lesser-known"))  # fmt: skip
    assert lesser > usual + 10


def test_a_division_names_about_ten_and_mostly_true_categories():
    names, cost = model(PERFECT).divide()
    assert len(names) == len(set(names))
    assert len(set(names) & set(WORLD.categories)) >= len(names) / 2
    assert cost > 0


# --- expectations ---


@pytest.mark.parametrize("excluded", [0, 40, 120])
def test_the_expectation_is_what_draws_bring_in_the_mean(excluded):
    made = stage(replace(PERFECT, obeys_exclusions=0.7))
    mind = made.minds["perfect"][0]
    found = set(mind.pool("plain", 0, None, None).ids[:150:1])
    advisor = Advisor(made)
    for at in found:
        advisor.find(at)
    arm = Arm("perfect", "plain", None)
    barred = tuple(made.world.texts[at] for at in advisor.excluded(arm, excluded))
    who = Model(made.world, made.minds["perfect"], 3)
    new = mean(len(set(who.answer(Ask("perfect", 60, exclusions=barred)).entries) - found) for _ in range(300))
    assert advisor.forecast(arm)(60, excluded) == pytest.approx(new, rel=0.05)


def test_an_answer_longer_than_all_there_is_brings_all():
    assert expected_new([2.0, 1.0], Counts([3.0, 4.0], [0.0, 0.0], [0.0, 0.0]), 50, 0, 1.0) == pytest.approx(
        7.0, abs=1e-6
    )


def test_drawing_by_weight_bars_what_is_barred():
    pool = stage(PERFECT).minds["perfect"][0].pool("plain", 0, None, None)
    chosen = drawn(pool, 60, set(pool.ids[:230]), Random(1))
    assert len(set(chosen)) == 60
    assert set(chosen) <= set(pool.ids[230:])
