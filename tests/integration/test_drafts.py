"""Commits that were decided before their turn: taken as they are if nothing came between, decided anew otherwise."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from orchestration.arrivals import Arrival, Committed, unpacked_ids
from orchestration.drafts import Draft
from orchestration.logic.reviews import Said, reviews_of
from orchestration.models import Request, Run
from orchestration.store import Store
from producers.link.keys import key_of
from tests.factories import AttributeFactory
from tests.integration.arriving import Sender
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def never_anew(monkeypatch):
    """From here on a draft is taken as it is, or the test fails."""

    def forbid():
        def decide(*args):
            raise AssertionError("the draft should have held")

        monkeypatch.setattr(Store, "_decide", decide)

    return forbid


def filled(draft: Draft, arrivals: Sequence[Arrival]) -> Draft:
    for arrival in arrivals:
        draft.add(arrival)
    return draft


def write(store: Store, draft: Draft) -> list[Committed]:
    return store.commit(draft.arrivals, draft)


def stored_texts() -> list[str]:
    return list(Attribute.objects.values_list("text", flat=True))


def seen_ids() -> list[tuple[int, ...]]:
    return [unpacked_ids(bytes(each.repeats)) for each in Request.objects.all()]


def test_a_draft_is_stored_as_it_was_decided(store, sender, never_anew):
    never_anew()
    draft = filled(store.draft(), [sender.sends("Louvre", "Orsay"), sender.sends("LOUVRE", "Rodin")])
    assert write(store, draft) == draft.committed
    assert stored_texts() == ["Louvre", "Orsay", "Rodin"]
    louvre = Attribute.objects.get(text="Louvre")
    assert seen_ids() == [(), (louvre.id,)]
    assert Run.objects.get().unique == 3


def test_the_next_draft_knows_what_the_one_before_is_about_to_add(store, sender, never_anew):
    never_anew()
    first = filled(store.draft(), [sender.sends("Louvre")])
    second = filled(first.next, [sender.sends("louvre", "Orsay")])
    third = filled(second.next, [sender.sends("ORSAY", "Rodin")])
    for draft in (first, second, third):
        write(store, draft)
    assert stored_texts() == ["Louvre", "Orsay", "Rodin"]
    ids = dict(Attribute.objects.values_list("text", "id"))
    assert seen_ids() == [(), (ids["Louvre"],), (ids["Orsay"],)]


def test_an_empty_draft_leads_to_where_it_began(store, sender, never_anew):
    never_anew()
    draft = filled(store.draft().next, [sender.sends("Louvre")])
    write(store, draft)
    assert stored_texts() == ["Louvre"]


def test_a_resend_makes_its_draft_and_the_one_after_be_decided_anew(store, sender):
    again = sender.sends("Louvre")
    store.commit([again])
    first = filled(store.draft(), [again, sender.sends("Orsay")])
    second = filled(first.next, [sender.sends("Rodin")])
    assert [each.resent for each in write(store, first)] == [True, False]
    write(store, second)
    assert stored_texts() == ["Louvre", "Orsay", "Rodin"]
    assert Run.objects.get().requests == Request.objects.count() == 3


def test_what_another_commit_brought_meanwhile_is_no_longer_new(store, sender):
    draft = filled(store.draft(), [sender.sends("Louvre", "Orsay")])
    store.commit([sender.sends("louvre")])
    [committed] = write(store, draft)
    assert [text for _, text, _ in committed.sifted.new] == ["Orsay"]
    assert stored_texts() == ["louvre", "Orsay"]


def test_a_key_that_only_the_database_knows_is_found_by_the_constraint(store, sender):
    AttributeFactory(topic=sender.run.topic, id=1_000_000, key=key_of("Louvre"), text="Louvre")
    first = filled(store.draft(), [sender.sends("Louvre", "Orsay")])
    second = filled(first.next, [sender.sends("louvre")])
    assert [text for _, text, _ in write(store, first)[0].sifted.new] == ["Orsay"]
    assert write(store, second)[0].sifted.repeats == (1_000_000,)


def test_what_people_rejected_meanwhile_is_not_stored(store, sender):
    draft = filled(store.draft(), [sender.sends("Louvre", "Gift shop")])
    sender.keys.review(reviews_of(1, [Said(7, key_of("Gift shop"), rejected=True, text="")]))
    write(store, draft)
    assert stored_texts() == ["Louvre"]


def test_a_list_that_was_replaced_meanwhile_knows_nothing(store, sender):
    store.commit([sender.sends("Louvre")])
    draft = filled(store.draft(), [sender.sends("Louvre")])
    store.begin_list(sender.run.pk, sender.keys)
    [committed] = write(store, draft)
    assert [text for _, text, _ in committed.sifted.new] == ["Louvre"]
    assert stored_texts() == ["Louvre"]


@pytest.mark.parametrize("seed", range(8))
def test_any_history_ends_as_if_each_commit_had_been_decided_in_its_turn(store, seed):
    draw = random.Random(seed)
    senders = [Sender(), Sender()]
    senders.append(senders[0].colleague())
    arrivals: list[Arrival] = []
    expected: dict[int, dict[bytes, str]] = {sender.run.topic_id: {} for sender in senders}
    draft = store.draft()
    for _ in range(30):
        for _ in range(draw.randrange(4)):
            sender = draw.choice(senders)
            if arrivals and draw.random() < 0.1:
                arrival = draw.choice(arrivals)
            else:
                arrival = sender.sends(*(f"entry {draw.randrange(60)}" for _ in range(draw.randrange(6))))
                arrivals.append(arrival)
                for each in arrival.batch.candidates:
                    expected[arrival.keys.topic_id].setdefault(key_of(each), each)
            draft.add(arrival)
        coming = draft.next
        if draw.random() < 0.1:
            draw.choice(senders).keys.settle()
        for _ in range(draw.randrange(2)):  # decided before its turn
            sender = draw.choice(senders)
            arrival = sender.sends(*(f"entry {draw.randrange(60)}" for _ in range(3)))
            arrivals.append(arrival)
            coming.add(arrival)
            for each in arrival.batch.candidates:
                expected[arrival.keys.topic_id].setdefault(key_of(each), each)
        write(store, draft)
        draft = coming
    write(store, draft)
    stored: dict[int, list[str]] = {topic_id: [] for topic_id in expected}
    for topic_id, text in Attribute.objects.values_list("topic_id", "text"):
        stored[topic_id].append(text)
    assert stored == {topic_id: list(texts.values()) for topic_id, texts in expected.items()}
    assert Request.objects.count() == len(arrivals)
    seen = sum(len(each) for each in seen_ids())
    assert seen + Attribute.objects.count() == sum(len(each.batch.candidates) for each in arrivals)
