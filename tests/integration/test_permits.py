"""Money and limits where they meet: many producers at a time, kills and crashes, and never a cent past a cap."""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from orchestration import opening
from orchestration.arrivals import Arrival
from orchestration.logic.asking import Outcome, Plan
from orchestration.logic.lifecycle import Limits
from orchestration.logic.pricing import cost_of
from orchestration.models import ProviderHealth, Request, Run
from orchestration.present_limits import ProviderLimits
from orchestration.reservations import LostSpending, Reservation
from orchestration.runtime.database import Database
from orchestration.runtime.permits import Permits
from orchestration.runtime.shortening import TRIES
from orchestration.spending import Spending, spending_today
from orchestration.store import Store
from producers.link.messages import FRAME_BYTES, Ask, Permit, Refusal, prompt_hash
from producers.models import TopicProvider
from producers.providers.base import Question
from tests.factories import ProviderFactory, TopicFactory
from tests.integration.arriving import batch_of, new_engine, present_epoch
from topics.models import DesiredState

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

CENT = Decimal("0.01")
BROKEN: dict[str, Any] = {"outcome": "cut", "tokens_estimated": True, "bill_unknown": True}


class FakePort:
    """An end of the link that keeps what is posted."""

    def __init__(self) -> None:
        self.posted: asyncio.Queue[Permit | Refusal] = asyncio.Queue()

    def post(self, message) -> None:
        self.posted.put_nowait(message)


class Office:
    """Permits over a real store, and callers that use them as producers do."""

    def __init__(self, database: Database, store: Store, opened, daily_cap: Decimal | None = None) -> None:
        self.database, self.store, self.opened = database, store, opened
        self.permits = Permits(database, store, daily_cap)
        self.permits.open(opened)
        self.provider = next(iter(opened.providers.values()))

    def ask(self, port: FakePort, ask_id: str, *, slot: int = 0, bytes_in: int = 1_000) -> None:
        ask = Ask(ask_id=ask_id, provider=self.provider.row.name, request_size=60, bytes_in=bytes_in)
        self.permits.ask(self.opened, self.opened.producers[slot].pk, port, ask)  # type: ignore[arg-type]

    def plan(self, slot: int = 0) -> Plan:
        plan: Plan = self.opened.mind.plan(slot, self.provider.row.name)
        return plan

    def ask_by_plan(self, port: FakePort, ask_id: str, plan: Plan, *, slot: int = 0) -> None:
        question = Question(topic="", prompt=plan.prompt, count=plan.request_size, exclusions=plan.exclusions)
        self.ask(port, ask_id, slot=slot, bytes_in=len(question.text.encode()) + FRAME_BYTES)

    def learn(self, named: range, plan: Plan, *, slot: int = 0) -> None:
        """The mind hears of an answer that named these."""
        answer = [(each, f"an entry with a name, {each}") for each in named]
        self.opened.mind.record(
            Outcome(
                slot, self.provider.row.name, plan.part, plan.style, len(named), answer[::2], answer[1::2], 0.001, 1.0
            )
        )

    def arrival(self, permit: Permit, *, slot: int = 0, share: float = 1.0, **metadata) -> Arrival:
        producer, rates = self.opened.producers[slot], self.provider.rates
        told = {
            "provider": self.provider.row.name,
            "ask_id": permit.ask_id,
            "tokens_in": int(1_000 * share),
            "tokens_out": int((permit.max_tokens_out or 2_400) * share),
            **metadata,
        }
        batch = batch_of(permit.ask_id, batch_id=permit.ask_id, **told)
        self.permits.ended(producer.pk, self.opened.run_id, self.provider.row.pk, batch.metadata)
        return Arrival(
            run_id=self.opened.run_id,
            producer_id=producer.pk,
            provider_id=self.provider.row.pk,
            slot=slot,
            keys=self.opened.keys,
            batch=batch,
            prompt_hash=prompt_hash(producer.prompt),
            finished_at=datetime.now(UTC),
            cost_usd=cost_of(rates, batch.metadata.tokens_in, batch.metadata.tokens_out),
            rates=rates,
            reserved_usd=self.permits.reserved_usd(producer.pk, permit.ask_id),
        )

    async def commit(self, *arrivals: Arrival) -> None:
        for committed in await self.database.persist(self.store.commit, arrivals):
            self.permits.settle(committed)


@pytest.fixture
async def database(transactional_db):
    writer = Database()
    yield writer
    await writer.close()


def opened_run(producers: int = 1, budget: Decimal | None = None, **provider):
    """A run whose provider costs 1 USD per million tokens of questions, 4 of answers."""
    topic = TopicFactory(partition="none", desired_state=DesiredState.RUNNING, starts=1)
    row = ProviderFactory(**{"vendor": True, "input_rate": 1, "output_rate": 4, "concurrency": 200} | provider)
    TopicProvider.objects.create(topic=topic, provider=row)
    opened = opening.open_run(present_epoch(), topic.pk, 1, producers, Limits(budget_usd=budget))
    assert opened is not None
    return opened


async def office(database, producers: int = 1, budget: Decimal | None = None, daily_cap=None, **provider) -> Office:
    def prepared():
        store = new_engine()
        opened = opened_run(producers, budget, **provider)
        for producer in opened.producers:
            store.save_prompts([producer.prompt])
        return store, opened

    store, opened = await database.once(prepared)
    return Office(database, store, opened, daily_cap)


async def answer(port: FakePort) -> Permit | Refusal:
    async with asyncio.timeout(10):
        return await port.posted.get()


def paid(run_id: int) -> Decimal:
    """What the database says was spent and lost, as exact as its decimals."""
    settled = Request.objects.filter(run=run_id).aggregate(sum=Sum("cost_usd"))["sum"] or 0
    return round(Decimal(settled) + Run.objects.get(pk=run_id).lost_usd, 6)


async def test_a_paused_run_is_refused_and_others_are_not(database):
    paused, other = await office(database), await office(database)
    other.permits = paused.permits
    paused.permits.open(other.opened)
    paused.permits.pause(paused.opened.run_id)
    port = FakePort()
    paused.ask(port, "a")
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert (refusal.busy, refusal.seconds is not None) == (True, True)
    assert "the topic is paused" in refusal.reason
    other.ask(port, "b")
    assert isinstance(port.posted.get_nowait(), Permit)
    paused.permits.go_on(paused.opened.run_id)
    paused.ask(port, "c")
    assert isinstance(port.posted.get_nowait(), Permit)


async def test_without_a_cap_a_permit_comes_at_once_and_nothing_is_written(database):
    desk = await office(database)
    port = FakePort()
    desk.ask(port, "a")
    permit = port.posted.get_nowait()
    assert permit == Permit(ask_id="a", request_size=60, max_tokens_out=None)
    assert not await database.once(Reservation.objects.exists)


async def test_a_reservation_is_in_the_database_before_its_permit_goes_out_and_leaves_with_the_commit(database):
    desk = await office(database, budget=CENT * 2)
    port = FakePort()
    desk.ask(port, "a")
    assert port.posted.empty()
    running = asyncio.create_task(desk.permits.run())
    permit = await answer(port)
    running.cancel()
    assert isinstance(permit, Permit)
    [reservation] = await database.once(lambda: list(Reservation.objects.all()))
    assert reservation.worst_usd == (1_000 + 4 * Decimal(permit.max_tokens_out or 0)) / 1_000_000
    await desk.commit(desk.arrival(permit))
    assert not await database.once(Reservation.objects.exists)
    [request] = await database.once(lambda: list(Request.objects.all()))
    assert (request.input_rate, request.output_rate, round(request.cost_usd, 8)) == (1, 4, reservation.worst_usd)


async def test_asked_again_it_says_the_same_again_and_reserves_once(database):
    desk = await office(database, budget=CENT)
    port = FakePort()
    running = asyncio.create_task(desk.permits.run())
    desk.ask(port, "a")
    desk.ask(port, "a")
    first = await answer(port)
    desk.ask(port, "a")
    assert await answer(port) == first
    running.cancel()
    assert await database.once(Reservation.objects.count) == 1


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(2))
async def test_two_hundred_callers_and_kills_never_pass_the_budget(database, seed):
    draw = random.Random(seed)
    budget = Decimal("0.30")
    billed = Decimal(0)  # what the vendor itself would say
    desk = await office(database, producers=20, budget=budget, daily_cap=Decimal("0.50"))
    running = asyncio.create_task(desk.permits.run())

    async def call(number: int) -> None:
        nonlocal billed
        port, slot = FakePort(), number % 20
        for turn in range(100):
            ask_id = f"{number}-{turn}"
            desk.ask(port, ask_id, slot=slot)
            said = await answer(port)
            if isinstance(said, Refusal):
                assert said.seconds is not None
                if desk.permits.broke(desk.opened):
                    return
                await asyncio.sleep(0)
                continue
            await asyncio.sleep(0)
            fate = draw.random()
            share = draw.random()
            # Of the thousand bytes that were asked with, five hundred are the question's own.
            tokens_in, tokens_out = draw.randint(150, 200), int((said.max_tokens_out or 0) * share)
            billed += cost_of(desk.provider.rates, tokens_in, tokens_out) or 0
            if fate < 0.03:
                desk.permits.write_off(desk.opened.producers[slot].pk, ())  # the whole producer is killed
                return
            if fate < 0.2:  # the provider breaks off: a tenth of what it generated arrives
                arrived: dict[str, Any] = {"tokens_in": tokens_in, "tokens_out": tokens_out // 10, **BROKEN}
            else:
                arrived = {"tokens_in": tokens_in, "tokens_out": tokens_out}
            await desk.commit(desk.arrival(said, slot=slot, **arrived))

    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(call(number))
    await desk.permits.close(desk.opened)
    running.cancel()
    spent = await database.once(paid, desk.opened.run_id)
    assert billed <= spent <= budget
    assert not await database.once(Reservation.objects.exists)
    assert round(desk.permits.lost(desk.opened.run_id), 6) == round(
        (await database.once(lambda: Run.objects.get(pk=desk.opened.run_id))).lost_usd, 6
    )


async def permitted(desk) -> Permit:
    """A request that may be made, and whose reservation is written."""
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    desk.ask(port, "a")
    permit = await answer(port)
    running.cancel()
    assert isinstance(permit, Permit)
    return permit


async def test_what_was_under_way_when_the_engine_died_counts_as_spent(database):
    desk = await office(database, budget=CENT * 2)
    permit = await permitted(desk)

    spending = await database.once(lambda: new_engine().lose_all())
    worst = (1_000 + 4 * Decimal(permit.max_tokens_out or 0)) / 1_000_000
    assert spending.by_provider == {desk.provider.row.pk: worst}
    assert await database.once(paid, desk.opened.run_id) == worst
    assert not await database.once(Reservation.objects.exists)
    assert await database.once(lambda: LostSpending.objects.get().worst_usd) == worst
    again = await database.once(lambda: new_engine().lose_all())
    assert again == spending


async def test_what_its_provider_broke_off_counts_at_its_worst_of_which_an_estimate_is_called_its_cost(database):
    desk = await office(database, budget=CENT * 2)
    permit = await permitted(desk)
    worst = (1_000 + 4 * Decimal(permit.max_tokens_out or 0)) / 1_000_000
    arrival = desk.arrival(permit, tokens_in=250, tokens_out=25, **BROKEN)
    await desk.commit(arrival)
    await desk.commit(arrival)  # sent again, it counts for nothing again
    run = await database.once(lambda: Run.objects.get(pk=desk.opened.run_id))
    assert (run.cost_usd, run.cost_usd + run.lost_usd) == (Decimal("0.00035"), worst)
    assert desk.permits.lost(run.pk) == run.lost_usd
    spending = await database.once(spending_today)
    assert spending.by_provider == {desk.provider.row.pk: worst}
    assert not await database.once(Reservation.objects.exists)


async def test_without_a_cap_an_unknown_bill_is_only_estimated(database):
    desk = await office(database)
    port = FakePort()
    desk.ask(port, "a")
    permit = port.posted.get_nowait()
    assert isinstance(permit, Permit)
    await desk.commit(desk.arrival(permit, **BROKEN))
    assert (await database.once(lambda: Run.objects.get(pk=desk.opened.run_id))).lost_usd == 0


async def test_a_daily_cap_holds_for_all_runs_and_over_restarts(database):
    desk = await office(database, daily_cap=CENT)
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    desk.ask(port, "a")
    permit = await answer(port)
    assert isinstance(permit, Permit)
    await desk.commit(desk.arrival(permit, share=0.5))
    running.cancel()

    other = await office(database, daily_cap=CENT)
    other.permits.load(await database.once(spending_today))
    running = asyncio.create_task(other.permits.run())
    other.ask(port, "b")
    smaller = await answer(port)
    running.cancel()
    assert isinstance(smaller, Permit)
    assert (smaller.max_tokens_out or 0) < (permit.max_tokens_out or 0)


async def test_simulated_money_does_not_count_against_the_installations_cap(database):
    simulated: dict[str, Any] = {"vendor": False, "model": "strong"}
    desk = await office(database, daily_cap=Decimal("0.0001"), **simulated)
    port = FakePort()
    desk.ask(port, "a")
    permit = port.posted.get_nowait()
    assert isinstance(permit, Permit)
    await desk.commit(desk.arrival(permit))
    spending = await database.once(spending_today)
    assert spending.by_provider[desk.provider.row.pk] > 0
    assert spending.real == 0
    assert desk.permits.warning(desk.opened) == ""
    desk.permits.load(Spending(spending.day, {}, real=Decimal(1)))
    assert desk.permits.warning(desk.opened) == "", "nor does it hear of a cap that it does not come under"


async def test_a_providers_daily_cap_leaves_the_others_alone(database):
    desk = await office(database, daily_cap_usd=Decimal("0.0001"))
    port = FakePort()
    desk.ask(port, "a")
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert refusal.seconds is not None
    assert (
        "of a provider's cap of 0.0001 USD a day 0.0001 USD are left"
        in desk.permits.broke(desk.opened)[desk.provider.row.name]
    )
    other = await office(database)
    other.ask(port, "b")
    assert isinstance(port.posted.get_nowait(), Permit)


async def test_an_unknown_price_is_refused_under_a_cap_and_only_there(database):
    unpriced: dict[str, Any] = {"model": "nobody-knows", "input_rate": None, "output_rate": None}
    port = FakePort()
    for cap in (None, CENT):
        desk = await office(database, daily_cap=cap, **unpriced)
        desk.ask(port, "a")
    assert isinstance(port.posted.get_nowait(), Permit)
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert refusal.seconds is None
    assert "price is unknown" in refusal.reason


async def test_a_permit_that_was_not_used_costs_nothing(database):
    desk = await office(database, budget=CENT)
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    desk.ask(port, "a")
    await answer(port)
    desk.permits.unused(desk.opened.producers[0].pk, "a")
    await desk.permits.close(desk.opened)
    running.cancel()
    assert not await database.once(Reservation.objects.exists)
    assert await database.once(paid, desk.opened.run_id) == 0


async def test_a_run_is_broke_only_when_nothing_under_way_can_change_it(database):
    desk = await office(database, budget=CENT)
    running = asyncio.create_task(desk.permits.run())
    port, other = FakePort(), FakePort()
    desk.ask(port, "a")
    permit = await answer(port)
    assert isinstance(permit, Permit)
    desk.ask(other, "b")
    assert isinstance(await answer(other), Refusal)
    assert not desk.permits.broke(desk.opened)
    await desk.commit(desk.arrival(permit))
    desk.ask(other, "c")
    assert isinstance(await answer(other), Refusal)
    assert desk.permits.broke(desk.opened) == {
        desk.provider.row.name: "of the budget of 0.01 USD 0.0000 USD are left"
    }
    assert "four fifths" in desk.permits.warning(desk.opened)
    running.cancel()


async def test_a_vendor_that_says_too_many_pauses_all_producers(database):
    desk = await office(database, producers=3)
    ports = [FakePort() for _ in range(3)]
    desk.ask(ports[0], "a")
    permit = ports[0].posted.get_nowait()
    assert isinstance(permit, Permit)
    desk.arrival(permit, outcome="failed", error_kind="rate_limited", error="slow down", retry_after=30.0)
    for slot in (1, 2):
        desk.ask(ports[slot], f"b{slot}", slot=slot)
        refusal = ports[slot].posted.get_nowait()
        assert isinstance(refusal, Refusal)
        assert 29 < (refusal.seconds or 0) <= 30
        assert "slow down" in refusal.reason
    [health] = desk.permits.healths()
    assert (health.state, health.detail, health.in_flight) == ("paused", "slow down", 0)


async def test_a_refusal_for_good_puts_the_provider_out_for_all_producers_of_the_run(database):
    desk = await office(database, producers=2)
    port = FakePort()
    desk.ask(port, "a")
    permit = port.posted.get_nowait()
    assert isinstance(permit, Permit)
    desk.arrival(permit, outcome="failed", error_kind="key_rejected", error="no such key", terminal=True)
    desk.ask(port, "b", slot=1)
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert (refusal.seconds, "no such key" in refusal.reason) == (None, True)


async def test_what_a_topics_question_is_refused_for_is_out_for_its_run_alone(database):
    desk = await office(database)
    port = FakePort()
    desk.ask(port, "a")
    permit = port.posted.get_nowait()
    assert isinstance(permit, Permit)
    desk.arrival(permit, outcome="failed", error_kind="request_refused", error="prompt too long", terminal=True)
    desk.ask(port, "b")
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert refusal.seconds is None
    assert desk.permits.out(desk.opened) == {desk.provider.row.name: "prompt too long"}
    [health] = desk.permits.healths()
    assert health.state == "ready"


async def test_a_provider_that_nobody_can_begin_to_ask_is_out_until_a_run_begins_anew(database):
    desk = await office(database)
    desk.permits.unusable(desk.opened, desk.provider.row.name, "no key: OPENAI_API_KEY is not set")
    assert desk.permits.out(desk.opened) == {desk.provider.row.name: "no key: OPENAI_API_KEY is not set"}
    await desk.permits.close(desk.opened)
    [health] = desk.permits.healths()
    assert (health.state, health.detail) == ("out", "no key: OPENAI_API_KEY is not set")
    desk.permits.open(desk.opened)
    [health] = desk.permits.healths()
    assert health.state == "ready"


async def test_a_provider_that_is_enabled_again_is_asked_again(database):
    desk = await office(database)
    port = FakePort()
    desk.permits.disabled = frozenset({desk.provider.row.pk})
    desk.ask(port, "a")
    refusal = port.posted.get_nowait()
    assert isinstance(refusal, Refusal)
    assert refusal.seconds is not None
    assert desk.permits.out(desk.opened) == {desk.provider.row.name: "disabled in the portal"}
    desk.permits.open(desk.opened)
    desk.ask(port, "a")
    assert isinstance(port.posted.get_nowait(), Permit)


async def test_a_permit_that_has_not_gone_out_costs_nothing_when_its_producer_dies(database):
    desk = await office(database, budget=CENT)
    port = FakePort()
    desk.ask(port, "a")
    desk.permits.write_off(desk.opened.producers[0].pk, ())
    await desk.permits.close(desk.opened)
    assert port.posted.empty()
    assert await database.once(paid, desk.opened.run_id) == 0
    assert not await database.once(Reservation.objects.exists)


async def test_a_provider_that_was_deleted_meanwhile_harms_nobody(database):
    desk = await office(database, budget=CENT)
    port = FakePort()
    desk.ask(port, "a")
    await database.once(desk.provider.row.delete)
    running = asyncio.create_task(desk.permits.run())
    await answer(port)
    running.cancel()
    rows = [ProviderHealth(**asdict(each), updated_at=datetime.now(UTC)) for each in desk.permits.healths()]
    await database.once(desk.store.record_health, rows)
    assert not await database.once(ProviderHealth.objects.exists)


async def test_limits_that_people_change_hold_from_the_next_request_on(database):
    desk = await office(database)
    provider_id, port = desk.provider.row.pk, FakePort()

    def asked(ask_id: str) -> Permit | Refusal:
        desk.ask(port, ask_id)
        return port.posted.get_nowait()

    permit = asked("free")
    assert isinstance(permit, Permit)
    for ask_id, changed, reason in (
        ("dear", ProviderLimits(Decimal("0.0001"), None, None, 16), "does not pay for another request"),
        ("often", ProviderLimits(None, 1, None, 16), "1 requests a minute"),
        ("many", ProviderLimits(None, None, 1_000, 16), "1000 tokens a minute"),
        ("together", ProviderLimits(None, None, None, 1), "1 requests are under way"),
    ):
        desk.permits.limit({provider_id: changed, 0: changed})
        refusal = asked(ask_id)
        assert isinstance(refusal, Refusal)
        assert reason in refusal.reason
    desk.permits.limit({provider_id: ProviderLimits(None, None, None, 16)})
    await desk.commit(desk.arrival(permit))  # the window has to grow again, as ever
    assert isinstance(asked("free again"), Permit)


async def test_a_run_can_be_given_another_budget(database):
    desk = await office(database, budget=CENT / 100)
    port = FakePort()
    desk.ask(port, "a")
    assert isinstance(port.posted.get_nowait(), Refusal)
    assert desk.permits.broke(desk.opened)
    desk.permits.limit_run(desk.opened.run_id, None)
    assert not desk.permits.broke(desk.opened)
    desk.ask(port, "b")
    assert isinstance(port.posted.get_nowait(), Permit)


async def test_a_small_budget_is_used_up_since_the_tokens_of_a_question_are_learnt(database):
    budget = Decimal("0.05")
    desk = await office(database, budget=budget, input_rate=Decimal("2.5"), output_rate=10)
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    for turn in range(200):
        desk.ask(port, f"{turn}", bytes_in=3_500)
        said = await answer(port)
        if isinstance(said, Refusal):
            break
        # A token for every four bytes, and seven for every entry.
        await desk.commit(desk.arrival(said, tokens_in=750, tokens_out=7 * said.request_size))
    running.cancel()
    spent = await database.once(paid, desk.opened.run_id)
    assert desk.permits.broke(desk.opened)
    assert budget - Decimal("0.006") < spent <= budget


async def test_a_model_that_thinks_is_given_tokens_for_it(database):
    desk = await office(database, budget=Decimal(1), thinking_tokens=3_000)
    permit = await permitted(desk)
    assert (permit.request_size, permit.max_tokens_out) == (60, 2_400 + 3_000)


async def test_small_answers_are_for_the_end_and_not_for_money_that_is_only_set_aside(database):
    desk = await office(database, budget=Decimal("0.025"))
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    for ask_id in "abc":
        desk.ask(port, ask_id)
    said = [await answer(port) for _ in range(3)]
    running.cancel()
    assert sorted(type(each).__name__ for each in said) == ["Permit", "Permit", "Refusal"]
    assert all(each.request_size == 60 for each in said if isinstance(each, Permit))
    assert not desk.permits.broke(desk.opened)


async def knowing(database, **limits) -> Office:
    """Permits of a run in which so much has been named that its plans exclude much."""
    desk = await office(database, **limits)
    for _ in range(6):
        desk.learn(range(60), desk.plan())
    assert len(desk.plan().exclusions) > 20
    return desk


async def test_where_little_is_left_a_question_is_asked_with_fewer_exclusions_and_more_entries(database):
    desk = await knowing(database, budget=Decimal("0.0035"))
    running = asyncio.create_task(desk.permits.run())
    port, whole = FakePort(), desk.plan()
    desk.ask_by_plan(port, "a", whole)
    refusal = await answer(port)
    assert isinstance(refusal, Refusal)
    assert "a shorter question" in refusal.reason
    assert refusal.seconds is not None
    desk.ask_by_plan(port, "b", whole)  # it has not heard of it yet
    assert isinstance(await answer(port), Refusal)
    assert not desk.permits.broke(desk.opened)
    shorter = desk.plan()
    assert len(shorter.exclusions) < len(whole.exclusions)
    desk.ask_by_plan(port, "c", shorter)
    permit = await answer(port)
    running.cancel()
    assert isinstance(permit, Permit)
    assert permit.request_size >= 10


async def test_who_asks_for_something_else_than_its_plan_is_not_told_to_wait_for_ever(database):
    desk = await knowing(database, budget=Decimal("0.0035"))
    running = asyncio.create_task(desk.permits.run())
    port = FakePort()
    said = []
    for turn in range(TRIES + 1):
        desk.ask(port, f"{turn}", bytes_in=2_400)
        said.append(await answer(port))
    running.cancel()
    assert [isinstance(each, Permit) for each in said] == [False] * TRIES + [True]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(3))
async def test_a_budget_is_used_up_to_the_end_with_ever_shorter_questions_and_never_passed(database, seed):
    draw, budget = random.Random(seed), Decimal("0.02")
    desk = await knowing(database, producers=3, budget=budget)
    running = asyncio.create_task(desk.permits.run())
    billed, shortened, vain = Decimal(0), 0, 0

    async def produce(slot: int) -> None:
        nonlocal billed, shortened, vain
        port = FakePort()
        for turn in itertools.count():
            plan = desk.plan(slot)
            desk.ask_by_plan(port, f"{slot}-{turn}", plan, slot=slot)
            said = await answer(port)
            if isinstance(said, Refusal):
                shortened += "a shorter question" in said.reason
                if not desk.permits.under_way(desk.opened.run_id):
                    if desk.permits.broke(desk.opened):
                        return
                    vain += 1
                    assert vain < 20, "nobody may ask, and it does not end"
                await asyncio.sleep(0)
                continue
            vain = 0
            await asyncio.sleep(0)
            # Four bytes a token and six tokens an entry, or whatever is allowed.
            length = sum(len(each.encode()) + 1 for each in (plan.prompt, *plan.exclusions)) + 150
            usual, most = 6 * said.request_size, said.max_tokens_out or 0
            told = {"tokens_in": length // 4, "tokens_out": min(usual, most) if draw.random() < 0.8 else most}
            billed += cost_of(desk.provider.rates, **told) or 0
            await desk.commit(desk.arrival(said, slot=slot, rejected=said.request_size, **told))
            desk.learn(range(draw.randrange(200), 240), plan, slot=slot)

    async with asyncio.TaskGroup() as group:
        for slot in range(3):
            group.create_task(produce(slot))
    await desk.permits.close(desk.opened)
    running.cancel()
    spent = await database.once(paid, desk.opened.run_id)
    assert billed <= spent <= budget
    assert spent >= budget * Decimal("0.93")
    assert shortened
