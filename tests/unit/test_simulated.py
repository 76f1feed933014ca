"""The simulated provider: what its models answer, and how the answer is told."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Finished, Provider, Question, TextDelta, Usage
from producers.providers.errors import BadAnswer, Misconfigured, ProviderError, RateLimited, ServerFault
from producers.providers.personalities import PERSONALITIES, PRICES, Personality, personality, rates
from producers.providers.registry import make_provider
from producers.providers.simulated import SimulatedOptions, SimulatedProvider, build
from producers.providers.simulation import Answer, compose_answer, knowledge
from producers.providers.wording import phrased, respelled
from producers.providers.worlds import SUFFIX, belongs, strays, world_for

TOPIC = "Paris attractions"
STRONG, CHEAP, FLAKY = (personality(name) for name in ("strong", "cheap", "flaky"))
EVERYONE = pytest.mark.parametrize("who", PERSONALITIES.values(), ids=lambda who: who.name)


def ask(count: int = 60, ordinal: int = 0, **parts: Any) -> Question:
    return Question(**({"topic": TOPIC, "prompt": "List attractions."} | parts), count=count, ordinal=ordinal)


def answers(who: Personality, number: int, errors: float = 0.0, **parts: Any) -> Iterator[Answer]:
    return (compose_answer(ask(ordinal=each, **parts), who, errors=errors) for each in range(number))


def spec(model: str = "strong", **options: Any) -> ProviderSpec:
    return ProviderSpec(name=f"simulated:{model}", kind="simulated", model=model, options=options)


async def told(provider: Provider, question: Question) -> list[Event]:
    return [event async for event in provider.stream(question)]


# --- the answer is repeatable ---------------------------------------------------------------------


@EVERYONE
def test_the_same_question_gets_the_same_answer(who: Personality) -> None:
    assert list(answers(who, 20, errors=1)) == list(answers(who, 20, errors=1))


def test_each_thing_it_may_depend_on_changes_the_answer() -> None:
    first = compose_answer(ask(), STRONG)
    assert first.text != compose_answer(ask(ordinal=1), STRONG).text
    assert first.text != compose_answer(ask(seed=1), STRONG).text
    assert first.text != compose_answer(ask(), STRONG, seed=1).text
    assert first.text != compose_answer(ask(), CHEAP).text
    assert first.text != compose_answer(ask(topic="Lyon attractions"), STRONG).text


def test_error_rates_leave_the_answers_that_succeed_as_they_were() -> None:
    pairs = zip(answers(FLAKY, 50, errors=0), answers(FLAKY, 50, errors=1), strict=True)
    assert all(calm == rough for calm, rough in pairs if rough.finished == Finished("stop", True) and rough.meant)


# --- what it knows --------------------------------------------------------------------------------


@EVERYONE
@pytest.mark.parametrize("topic", [TOPIC, "ISO 3166-2 regions"])
def test_a_model_knows_about_its_share_of_the_world_and_more_of_the_popular(who: Personality, topic: str) -> None:
    world, known = world_for(topic).entries, set(knowledge(who, topic, 0, None).entries)
    assert len(known) / len(world) == pytest.approx(who.knows, abs=0.04)
    half = len(world) // 2
    assert len(known.intersection(world[:half])) > len(known.intersection(world[half:]))


def test_two_models_know_different_things() -> None:
    cheap, flaky = (set(knowledge(who, TOPIC, 0, None).entries) for who in (CHEAP, FLAKY))
    assert cheap - flaky
    assert flaky - cheap


@EVERYONE
def test_many_answers_never_show_more_than_the_model_knows(who: Personality) -> None:
    seen: dict[str, None] = {}
    for each in range(40):
        answer = compose_answer(ask(ordinal=each, exclusions=tuple(seen)), who, errors=0)
        seen.update(dict.fromkeys(answer.meant))
    found = set(seen).difference(strays(TOPIC))
    known = set(knowledge(who, TOPIC, 0, None).entries)
    assert found <= known
    assert len(found) > 0.9 * len(known)


def test_a_model_asked_for_more_than_it_knows_repeats_itself() -> None:
    answer = compose_answer(ask(count=60), CHEAP, world_size=40, errors=0)
    assert len(answer.meant) == 60
    assert set(answer.meant) <= {*knowledge(CHEAP, TOPIC, 0, 40).entries, *strays(TOPIC)}


def test_a_model_that_knows_nothing_says_nothing_new() -> None:
    ignorant = replace(CHEAP, knows=0.0)
    assert compose_answer(ask(), ignorant).meant == ()


# --- which entries --------------------------------------------------------------------------------


@EVERYONE
def test_popular_entries_come_more_often_and_earlier(who: Personality) -> None:
    known = knowledge(who, TOPIC, 0, None).entries
    counts = Counter(name for answer in answers(who, 200) for name in answer.meant)
    head, middle, tail = (
        sum(counts[name] for name in part) / 50 for part in (known[:50], known[200:250], known[-50:])
    )
    assert head > 2 * middle > 2 * tail
    places = {name: at for at, name in enumerate(known)}
    first, last = (
        [places[answer.meant[at]] for answer in answers(who, 200) if answer.meant[at] in places] for at in (0, -1)
    )
    assert sum(first) / len(first) < sum(last) / len(last)


def test_the_cheap_model_repeats_itself_more_than_the_strong_one() -> None:
    def distinct(who: Personality) -> float:
        named = [name for answer in answers(who, 20) for name in answer.meant]
        return len(set(named)) / len(named)

    assert distinct(CHEAP) < distinct(STRONG)


@EVERYONE
def test_exclusions_are_obeyed_as_often_as_the_model_obeys(who: Personality) -> None:
    known = knowledge(who, TOPIC, 0, None).entries
    excluded = known[:100]
    free = [name for answer in answers(who, 100) for name in answer.meant if name in excluded]
    shouted = tuple(name.upper() for name in excluded)
    bound = [name for answer in answers(who, 100, exclusions=shouted) for name in answer.meant]
    slips = sum(name in excluded for name in bound)
    assert slips / 100 <= 1.5 * (1 - who.obeys_exclusions) * len(excluded)
    assert 0 < slips < 0.5 * len(free)


@EVERYONE
@pytest.mark.parametrize("partition", ["names beginning with the letters A to F", "museums"])
def test_most_of_an_answer_keeps_to_the_partition(who: Personality, partition: str) -> None:
    lost = set(strays(TOPIC))
    named = [name for each in answers(who, 50, partition=partition) for name in each.meant if name not in lost]
    share = sum(belongs(name, partition) for name in named) / len(named)
    assert share == pytest.approx(who.obeys_partition, abs=0.04)


@EVERYONE
def test_off_topic_entries_are_few(who: Personality) -> None:
    lost = set(strays(TOPIC))
    named = [name for answer in answers(who, 200) for name in answer.meant]
    assert sum(name in lost for name in named) / len(named) == pytest.approx(who.off_topic, abs=0.006)


# --- how it is written ----------------------------------------------------------------------------


def test_entries_are_written_otherwise_as_often_as_the_table_says() -> None:
    pairs = [pair for a in answers(CHEAP, 200) for pair in zip(a.meant, a.written, strict=True)]
    changed = [pair for pair in pairs if pair[0] != pair[1]]
    assert len(changed) / len(pairs) == pytest.approx(CHEAP.respells, abs=0.01)


def test_another_spelling_is_never_another_name_and_keeps_the_mark() -> None:
    def skeleton(name: str) -> str:
        return "".join(each for each in name.casefold() if each.isalnum())

    name = "D'Arven Saint-Orin Bridge" + SUFFIX
    spellings = {respelled(name, Random(seed)) for seed in range(200)}
    assert spellings == {
        "D'ARVEN SAINT-ORIN BRIDGE (simulated)",
        "d'arven saint-orin bridge (simulated)",
        "D\u2019Arven Saint-Orin Bridge (simulated)",
        "D'Arven Saint Orin Bridge (simulated)",
        "D'Arven-Saint-Orin Bridge (simulated)",
        "D'Arven  Saint-Orin Bridge (simulated)",
        "D'Arven Saint-Orin Bridge (simulated).",
    }
    assert {skeleton(each) for each in spellings} == {skeleton(name)}


def test_diacritics_are_dropped_from_latin_letters_only_and_case_never_changes_a_letter() -> None:
    spellings = {respelled("I\u011fd\u0131r Ёлка", Random(seed)) for seed in range(200)}
    assert "Igd\u0131r Ёлка" in spellings
    assert not any("IGDIR" in each.upper() and each.isupper() for each in spellings)


def test_formats_vary_and_hold_all_names() -> None:
    names = ["Alba", "Élan", "Foix"]
    texts = {phrased(names, 0.0, Random(seed)) for seed in range(300)}
    assert len(texts) > 20
    assert all(name in text or json.dumps(name) in text for text in texts for name in names)
    for start in ("1. ", "1) ", "- ", "* ", "• ", "1. **", "```json\n", "Here are 3 more"):
        assert any(text.startswith(start) for text in texts)


def test_a_fenced_answer_is_json() -> None:
    text = next(
        t for s in range(300) if (t := phrased(["Élan"], 0.0, Random(s))).startswith("```") and t.endswith("```")
    )
    assert json.loads(text.removeprefix("```json").removesuffix("```")) == ["Élan"]


def test_every_written_made_up_name_says_so() -> None:
    assert all(SUFFIX in name for each in answers(FLAKY, 50) for name in each.written)


def test_usage_is_about_a_quarter_of_the_characters() -> None:
    question = ask(exclusions=("Louvre",))
    answer = compose_answer(question, STRONG)
    assert answer.usage is not None
    assert answer.usage.tokens_in == pytest.approx(len(question.text) / 4, abs=1)
    assert answer.usage.tokens_out == pytest.approx(len(answer.text) / 4, abs=1)


# --- what goes wrong ------------------------------------------------------------------------------


def happening(answer: Answer) -> str:
    if answer.fault is not None:
        return {"bad_answer": "rubbish"}.get(answer.fault.kind, answer.fault.kind)
    if answer.finished is None or not answer.finished.complete:
        return "cut"
    return "fine" if answer.meant else "rubbish"


def test_the_flaky_model_fails_as_often_as_the_table_says() -> None:
    found = Counter(happening(answer) for answer in answers(FLAKY, 4_000, errors=1, count=3))
    for name in ("rate_limited", "server_fault", "cut", "rubbish"):
        assert found[name] / 4_000 == pytest.approx(getattr(FLAKY, name), abs=0.012), name


def test_error_rates_can_be_multiplied() -> None:
    found = Counter(happening(answer) for answer in answers(FLAKY, 2_000, errors=3, count=3))
    assert found["rate_limited"] / 2_000 == pytest.approx(3 * FLAKY.rate_limited, abs=0.03)


@EVERYONE
def test_without_errors_nothing_fails(who: Personality) -> None:
    assert {happening(answer) for answer in answers(who, 300, errors=0, count=3)} == {"fine"}


def test_a_cut_answer_is_a_head_of_the_whole_and_the_wire_says_nothing_more() -> None:
    whole = list(answers(FLAKY, 400, errors=0))
    torn = list(answers(FLAKY, 400, errors=1))
    cuts = [(full, part) for full, part in zip(whole, torn, strict=True) if happening(part) == "cut"]
    assert all(full.text.startswith(part.text) and len(part.text) < len(full.text) for full, part in cuts)
    assert {part.finished for _, part in cuts} == {None, Finished("length", complete=False)}
    assert all((part.usage is None) == (part.finished is None) for _, part in cuts)


# --- how it is told -------------------------------------------------------------------------------


async def test_a_stream_is_text_in_pieces_then_usage_then_the_end() -> None:
    *deltas, usage, end = await told(build(spec(latency=0), {}), ask())
    assert len(deltas) > 2
    text = "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))
    answer = compose_answer(ask(), STRONG)
    assert (text, usage, end) == (answer.text, answer.usage, Finished("stop", complete=True))
    assert isinstance(usage, Usage)


class Pauses:
    """A sleep that only remembers what it was asked for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def time_taken(who: Personality, latency: float) -> float:
    pauses = Pauses()
    await told(SimulatedProvider(who, SimulatedOptions(latency=latency, errors=0), pauses), ask())
    return sum(pauses.seconds)


@EVERYONE
async def test_waiting_follows_the_table_and_the_multiplier(who: Personality) -> None:
    once, twice = await time_taken(who, 1.0), await time_taken(who, 2.0)
    assert 0.7 <= (once - 60 * who.per_entry) / who.first_token <= 1.4
    assert twice == pytest.approx(2 * once)


async def test_the_cheap_model_is_faster_than_the_strong_one() -> None:
    assert await time_taken(CHEAP, 1.0) < await time_taken(STRONG, 1.0)


async def test_without_latency_nothing_sleeps_but_other_tasks_still_run() -> None:
    pauses, ticks = Pauses(), []

    async def other() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    running = asyncio.create_task(other())
    await told(SimulatedProvider(STRONG, SimulatedOptions(latency=0), pauses), ask())
    running.cancel()
    assert pauses.seconds == []
    assert len(ticks) > 2


async def failures(provider: Provider, number: int) -> list[ProviderError]:
    caught = []
    for each in range(number):
        try:
            await told(provider, ask(count=3, ordinal=each))
        except ProviderError as error:
            caught.append(error)
    return caught


async def test_errors_are_those_of_the_tree_and_scale_their_waits() -> None:
    caught = await failures(SimulatedProvider(FLAKY, SimulatedOptions(latency=2), Pauses()), 300)
    assert {type(error) for error in caught} == {RateLimited, ServerFault, BadAnswer}
    waits = [error.retry_after for error in caught if isinstance(error, RateLimited)]
    assert all(wait is not None and 1.0 <= wait <= 4.0 for wait in waits)
    assert not any(error.terminal for error in caught)


async def test_without_latency_a_rate_limit_asks_for_no_wait() -> None:
    caught = await failures(build(spec("flaky", latency=0), {}), 100)
    assert {error.retry_after for error in caught if isinstance(error, RateLimited)} == {0.0}


async def test_two_streams_of_one_provider_do_not_disturb_each_other() -> None:
    provider = build(spec(latency=0), {})
    together = await asyncio.gather(*(told(provider, ask(ordinal=each)) for each in range(3)))
    assert together == [await told(provider, ask(ordinal=each)) for each in range(3)]
    await provider.close()


# --- settings -------------------------------------------------------------------------------------


def test_the_registry_makes_it() -> None:
    assert isinstance(make_provider(spec(), {}), SimulatedProvider)


def test_an_unknown_model_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(Misconfigured, match="'gpt-9'; models: strong, cheap, flaky"):
        build(spec("gpt-9"), {})
    with pytest.raises(Misconfigured):
        rates("gpt-9")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"speed": 2}, "unknown field `speed`"),
        ({"seed": "one"}, r"\$\.seed"),
        ({"latency": -1}, r"\$\.latency"),
        ({"errors": -0.1}, r"\$\.errors"),
        ({"world_size": 0}, r"\$\.world_size"),
        ({"latency": float("nan")}, r"\$\.latency"),
    ],
)
def test_bad_options_are_refused_by_name(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Misconfigured, match=complaint) as refusal:
        build(spec(**options), {})
    assert "simulated:strong" in str(refusal.value)


async def test_options_reach_the_answer() -> None:
    provider = build(spec("flaky", seed=5, world_size=50, errors=0, latency=0), {})
    events = await told(provider, ask())
    expected = compose_answer(ask(), FLAKY, seed=5, world_size=50, errors=0)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == expected.text


def test_prices_are_those_of_the_table_and_the_better_model_is_dearer() -> None:
    assert set(PRICES) == set(PERSONALITIES)
    assert rates("strong") == PRICES["strong"] == (STRONG.price_in, STRONG.price_out)
    assert rates("strong") > rates("flaky") > rates("cheap")
