"""What the simulated models answer to other ways of asking, and to the question for a division."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.logic.prompts import STYLES, category_names
from producers.providers.base import Finished, Question
from producers.providers.manners import FEWEST_CATEGORIES, MOST_CATEGORIES, categories, styled
from producers.providers.personalities import PERSONALITIES, Personality, personality
from producers.providers.simulation import compose_answer, knowledge
from producers.providers.worlds import SUFFIX
from producers.worker.parsing import AnswerParser

TOPIC = "Paris attractions"
QUESTION: dict[str, Any] = {"topic": TOPIC, "prompt": "List attractions.", "count": 60}
EVERYONE = pytest.mark.parametrize("who", PERSONALITIES.values(), ids=lambda who: who.name)
STRONG, CHEAP = personality("strong"), personality("cheap")


def ask(ordinal: int = 0, **parts: Any) -> Question:
    return Question(**(QUESTION | parts), ordinal=ordinal)


def named(who: Personality, style: str, number: int = 60) -> list[str]:
    answers = (compose_answer(ask(each, style=style), who, errors=0) for each in range(number))
    return [name for answer in answers for name in answer.meant]


def mean_place(who: Personality, style: str) -> float:
    """How little known what it names is, on average."""
    places = {name: at for at, name in enumerate(knowledge(who, TOPIC, 0, None).entries)}
    found = [places[name] for name in named(who, style) if name in places]
    return sum(found) / len(found)


# --- styles ---------------------------------------------------------------------------------------


@EVERYONE
def test_each_style_but_the_plain_one_changes_the_answer(who: Personality) -> None:
    plain = compose_answer(ask(), who, errors=0)
    assert compose_answer(ask(style="plain"), who, errors=0) == plain
    assert compose_answer(ask(style="never heard of"), who, errors=0) == plain
    for style in STYLES.keys() - {"plain"}:
        assert compose_answer(ask(style=style), who, errors=0).meant != plain.meant


@EVERYONE
def test_asked_for_the_lesser_known_it_names_them_more_often_and_verbalized_a_little(who: Personality) -> None:
    plain, verbalized, lesser_known = (mean_place(who, style) for style in ("plain", "verbalized", "lesser_known"))
    assert plain < verbalized < lesser_known < 1.4 * plain


def test_the_cheap_model_goes_along_less() -> None:
    gains = {who.name: mean_place(who, "lesser_known") / mean_place(who, "plain") for who in (STRONG, CHEAP)}
    assert STRONG.heeds_styles > CHEAP.heeds_styles
    assert all(gain > 1 for gain in gains.values())
    rarity = (1.0, 10.0)
    strong, cheap = (
        styled(rarity, ("a", "b"), style="lesser_known", heeds=who.heeds_styles, seed=0) for who in (STRONG, CHEAP)
    )
    assert strong[1] < cheap[1] < rarity[1]


@EVERYONE
@pytest.mark.parametrize("style", ["anchors", "languages"])
def test_other_directions_bring_other_entries_that_are_no_less_known(who: Personality, style: str) -> None:
    assert mean_place(who, style) == pytest.approx(mean_place(who, "plain"), rel=0.15)
    rarity = tuple(range(1, 400))
    entries = [str(each) for each in rarity]
    changed = styled(rarity, entries, style=style, heeds=1.0, seed=0)
    factors = [after / before for after, before in zip(changed, rarity, strict=True)]
    assert 0.5 <= min(factors) < 0.6
    assert 1.7 < max(factors) <= 2.0


def test_a_temperature_is_ignored() -> None:
    assert compose_answer(ask(temperature=2.0), STRONG) == compose_answer(ask(), STRONG)


# --- a division -----------------------------------------------------------------------------------


def divided(who: Personality, ordinal: int = 0, topic: str = TOPIC, seed: int = 0):
    return compose_answer(ask(ordinal, topic=topic, purpose="division"), who, seed=seed, errors=0)


@EVERYONE
@pytest.mark.parametrize("topic", [TOPIC, "ISO 3166-2 regions"])
def test_a_division_is_about_ten_categories_each_marked_as_simulated(who: Personality, topic: str) -> None:
    answer = divided(who, topic=topic)
    assert FEWEST_CATEGORIES <= len(set(answer.meant)) <= MOST_CATEGORIES
    assert all(name.endswith(SUFFIX) for name in answer.meant)
    assert answer.finished == Finished("stop", complete=True)
    assert set(answer.meant).isdisjoint(knowledge(who, topic, 0, None).entries)


@EVERYONE
def test_it_is_the_same_for_a_topic_and_a_seed_however_often_it_is_asked(who: Personality) -> None:
    assert {divided(who, ordinal).meant for ordinal in range(10)} == {categories(TOPIC, 0)}
    assert divided(who, topic="Lyon attractions").meant != categories(TOPIC, 0)
    assert divided(who, seed=1).meant != categories(TOPIC, 0)


@EVERYONE
def test_the_engine_understands_it_however_it_is_written(who: Personality) -> None:
    for ordinal in range(40):
        parser = AnswerParser()
        found = [*parser.feed(divided(who, ordinal).text), *parser.finish(complete=True)]
        assert category_names(found) == categories(TOPIC, 0)


def test_it_fails_as_often_as_any_answer() -> None:
    flaky = personality("flaky")
    answers = [compose_answer(ask(each, purpose="division"), flaky) for each in range(200)]
    assert any(answer.fault for answer in answers)
    assert any(answer.finished is None and answer.fault is None for answer in answers)
