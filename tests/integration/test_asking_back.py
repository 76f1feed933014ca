"""Keys without texts at the database: the known are counted, the others leave no trace until their texts come."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration import bulk, spending
from orchestration.logic.effects import FilterEffects
from orchestration.models import Request, Run
from orchestration.recounting import Moment, recounted
from orchestration.reservations import Reservation
from producers.link.keys import key_of
from producers.link.messages import FilterUse
from tests.integration.arriving import NOON
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def stored():
    return list(Attribute.objects.order_by("id").values_list("text", flat=True)), Request.objects.count()


def test_a_known_key_counts_as_a_repeat(store, sender):
    store.commit([sender.sends("Louvre", "Orsay")])
    [committed] = store.commit([sender.sends("Rodin", known=["LOUVRE", "louvre"])])
    assert committed.stored
    assert (committed.totals.candidates, committed.totals.unique) == (3, 1)
    store.write_times_seen(sender.keys)
    assert Attribute.objects.get(text="Louvre").times_seen == 3


def test_an_unknown_key_leaves_no_trace(store, sender):
    store.commit([sender.sends("Louvre")])
    [committed, other] = store.commit(
        [sender.sends("Orsay", known=["Louvre", "Rodin"], batch_id="1"), sender.sends("Orangerie")]
    )
    assert not committed.stored
    assert committed.unknown == (key_of("Rodin"),)
    assert other.stored
    assert stored() == (["Louvre", "Orangerie"], 2)
    run = Run.objects.get(pk=sender.run.pk)
    assert (run.requests, run.candidates) == (2, 2)
    assert sender.keys.seen.total() == 0


def test_with_its_text_it_is_stored_once(store, sender):
    first = sender.sends("Orsay", known=["Rodin"], batch_id="1")
    again = sender.sends("Orsay", "Rodin", batch_id="1", use=FilterUse(checked=2, probable=1, asked_back=1))
    store.commit([first])
    store.commit([first])
    [committed] = store.commit([again])
    [resent] = store.commit([again])
    assert (committed.stored, resent.resent) == (True, True)
    assert stored() == (["Orsay", "Rodin"], 1)


def test_both_versions_of_a_batch_in_one_commit_count_once(store, sender):
    first = sender.sends("Orsay", known=["Rodin"], batch_id="1")
    again = sender.sends("Orsay", "Rodin", batch_id="1")
    assert [each.stored for each in store.commit([first, again])] == [False, True]
    assert stored() == (["Orsay", "Rodin"], 1)


def test_a_key_that_another_batch_of_the_commit_brings_is_known(store, sender):
    committed = store.commit([sender.sends("Rodin"), sender.sends("Orsay", known=["Rodin"])])
    assert all(each.stored for each in committed)


def test_when_no_text_can_come_any_more_the_rest_is_stored(store, sender):
    store.commit([sender.sends("Louvre")])
    [committed] = store.commit([sender.sends("Orsay", known=["Louvre", "Rodin"], last=True)])
    assert committed.stored
    assert (committed.totals.candidates, committed.totals.unique, committed.totals.rejected) == (2, 1, 1)


def test_the_money_stays_reserved_until_the_batch_is_stored(store, sender):
    store.reserve([spending.Reserved("1", sender.run.pk, sender.producer.pk, sender.provider.pk, Decimal(1), NOON)])
    store.commit([sender.sends(known=["Rodin"], batch_id="1", ask_id="1", reserved_usd=Decimal("0.1"))])
    assert Reservation.objects.count() == 1
    store.commit([sender.sends("Rodin", batch_id="1", ask_id="1", reserved_usd=Decimal("0.1"))])
    assert Reservation.objects.count() == 0


def test_what_the_filter_did_is_summed_again_after_a_restart(store, sender):
    use = FilterUse(checked=3, probable=2, asked_back=1)
    store.commit([sender.sends("Orsay", "Rodin", use=use), sender.sends("Louvre", probe=True)])
    store.commit(
        [sender.sends(known=["Louvre"], use=FilterUse(checked=1, probable=1, aborted=True, tokens_saved=70))]
    )
    assert recounted(sender.run, Moment(0.0, NOON)).effects == FilterEffects(4, 3, 1, 1, 70)
    assert list(Request.objects.order_by("id").values_list("probe", flat=True)) == [False, True, False]


def test_texts_are_found_by_their_ids(store, sender):
    store.commit([sender.sends("Louvre", "Orsay")])
    ids = dict(Attribute.objects.values_list("text", "id"))
    assert bulk.texts_of({ids["Orsay"], 10**9}) == {ids["Orsay"]: "Orsay"}
