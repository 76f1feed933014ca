"""The producer and the filter: answers that are cut, keys that travel without their texts, and texts asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

import msgspec
import pytest

from producers.link.filters import KeyFilter
from producers.link.keys import joined, key_of, parted
from producers.link.messages import (
    FilterIncrement,
    FilterPart,
    FilterUse,
    FilterWanted,
    ProviderSpec,
    TextsWanted,
    UpdateConfiguration,
)
from producers.providers import registry
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.worker.asking import ask, metadata_of
from producers.worker.repeats import Listening
from tests.unit.working import Bench, FakeProvider, start, working

ENTRIES = [f"entry {number}" for number in range(40)]


class Speaker(FakeProvider):
    """Says its entries one by one, each a token, and notes how many it came to say."""

    said = 0

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        self.questions.append(question)
        for entry in ENTRIES:
            yield TextDelta(f"- {entry}\n")
            self.said += 1
        if len(self.questions) == 1:
            yield Usage(10, len(ENTRIES))
            yield Finished("stop", complete=True)
            return
        await asyncio.get_running_loop().create_future()


@pytest.fixture
def providers(monkeypatch):
    built: dict[str, FakeProvider] = {}

    def make(spec: ProviderSpec, environ: Mapping[str, str]) -> FakeProvider:
        built[spec.name] = Speaker(spec.name)
        return built[spec.name]

    class Module:
        build = staticmethod(make)

    monkeypatch.setattr(registry, "import_module", lambda name: Module)
    return built


def filter_of(*entries: str, version: int = 0) -> FilterPart:
    made = KeyFilter(1_000)
    made.add(key_of(entry) for entry in entries)
    return FilterPart(generation=1, version=version, part=0, parts=1, data=made.to_bytes())


def patient(limit: int | None, size: int = 40):
    return msgspec.structs.replace(start(request_size=size), patience={} if limit is None else {"a": limit})


async def first_batch(bench: Bench):
    await bench.until(lambda: bench.link.batches)
    return bench.link.batches[0]


async def test_an_answer_with_only_repeats_at_its_tail_is_cut(providers):
    async with working(providers) as bench:
        bench.tell(patient(11))
        bench.tell(filter_of(*ENTRIES[3:]))
        batch = await first_batch(bench)
        assert providers["a"].said < 16
        assert (batch.metadata.outcome, batch.metadata.finish_reason) == ("cut", "repeats")
        assert (batch.metadata.error, batch.metadata.error_kind, batch.metadata.terminal) == ("", "", False)
        assert batch.candidates == tuple(ENTRIES[:3])
        assert batch.filter.aborted
        assert batch.filter.checked == 14
        assert batch.metadata.tokens_estimated
        # What 14 entries took, for the 26 that were not heard.
        assert batch.filter.tokens_saved == 26 * batch.metadata.tokens_out // 14


async def test_without_patience_an_answer_is_heard_to_its_end(providers):
    async with working(providers) as bench:
        bench.tell(patient(None))
        bench.tell(filter_of(*ENTRIES))
        batch = await first_batch(bench)
        assert batch.metadata.outcome == "complete"
        assert batch.candidates == ()
        assert batch.filter == FilterUse(checked=40, probable=40)
        assert [key_of(entry) for entry in ENTRIES] == parted(batch.keys)


async def test_patience_can_change_while_it_works(providers):
    async with working(providers) as bench:
        bench.tell(patient(None))
        bench.tell(UpdateConfiguration(patience={"a": 5}))
        bench.tell(filter_of(*ENTRIES))
        assert (await first_batch(bench)).filter.checked == 14  # the first third is heard anyway


async def test_a_blind_probe_is_heard_to_its_end():
    question = Question("museums", "Name museums.", 40, probe=True)
    known = {key_of(entry) for entry in ENTRIES}
    answer = await ask(Speaker("a"), "a", question, Listening(known, question.count, None))
    assert (answer.outcome, metadata_of(answer).probe) == ("complete", True)


async def test_texts_that_are_asked_for_come_in_the_same_batch(providers):
    async with working(providers) as bench:
        bench.tell(patient(None))
        bench.tell(filter_of(*ENTRIES[:5]))
        sent = await first_batch(bench)
        wanted = joined([key_of(ENTRIES[1]), key_of(ENTRIES[4])])
        bench.tell(TextsWanted(batch_id=sent.batch_id, keys=wanted))
        bench.tell(TextsWanted(batch_id="of an earlier life", keys=wanted))
        again = bench.link.batches[-1]
        assert again.batch_id == sent.batch_id
        assert again.candidates == (*sent.candidates, ENTRIES[1], ENTRIES[4])
        assert parted(again.keys) == [key_of(ENTRIES[place]) for place in (*range(5, 40), 1, 4, 0, 2, 3)]
        assert again.filter == FilterUse(checked=40, probable=5, asked_back=2)
        assert bench.link.outbox.pending[0] == again
        bench.tell(TextsWanted(batch_id=sent.batch_id, keys=wanted))
        assert bench.link.batches[-1] == again


async def test_what_was_missed_of_the_filter_is_asked_for(providers):
    async with working(providers) as bench:
        bench.tell(patient(None))
        bench.tell(filter_of(version=3))
        bench.tell(FilterIncrement(generation=1, since=3, keys=key_of("a")))
        assert FilterWanted() not in bench.link.sent
        bench.tell(FilterIncrement(generation=1, since=9, keys=key_of("b")))
        assert bench.link.sent.count(FilterWanted()) == 1


async def test_with_another_topic_nothing_is_known_any_more(providers):
    async with working(providers) as bench:
        bench.tell(patient(None))
        bench.tell(filter_of(*ENTRIES))
        bench.tell(patient(None))
        assert len((await first_batch(bench)).candidates) == 40
