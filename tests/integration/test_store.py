"""The one writer: every batch counts once, every entry is stored once, and the counts are the truth."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from orchestration import lease
from orchestration.arrivals import packed_ids, unpacked_ids
from orchestration.bulk import KeysTaken
from orchestration.logic.statistics import Totals
from orchestration.logic.uniqueness import TopicKeys
from orchestration.models import EngineLease, Prompt, Request, Run, RunFigures
from producers.link.keys import key_of
from producers.link.messages import prompt_hash
from producers.models import Producer
from tests.factories import AttributeFactory, ProducerFactory, RequestFactory, RunFactory, RunFiguresFactory
from tests.integration.arriving import NOON, Sender, new_engine
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def listed(topic):
    return list(topic.attributes.values_list("text", flat=True))


# Which entries are new


def test_entries_are_numbered_in_the_order_in_which_they_arrived(store, sender):
    committed = store.commit([sender.sends("Louvre", "Orsay"), sender.colleague().sends("Rodin")])
    stored = list(sender.run.topic.attributes.values_list("id", "text"))
    assert [text for _, text in stored] == ["Louvre", "Orsay", "Rodin"]
    ids = [number for number, _ in stored]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert [number for each in committed for _, _, number in each.sifted.new] == ids


def test_an_entry_remembers_the_request_that_first_yielded_it(store, sender):
    store.commit([sender.sends("Louvre", batch_id="first"), sender.sends("louvre", "Orsay", batch_id="second")])
    yielded = Attribute.objects.values_list("text", "request__batch_id")
    assert dict(yielded) == {"Louvre": "first", "Orsay": "second"}


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "in two commits"])
def test_another_spelling_is_a_repeat(store, sender, together):
    arrivals = [sender.sends("Musée d'Orsay"), sender.colleague().sends("MUSEE D’ORSAY!")]
    if together:
        _, second = store.commit(arrivals)
    else:
        store.commit(arrivals[:1])
        [second] = store.commit(arrivals[1:])
    assert listed(sender.run.topic) == ["Musée d'Orsay"]
    assert (second.totals.candidates, second.totals.unique) == (1, 0)
    assert second.sifted.repeats == (Attribute.objects.get().pk,)


def test_a_batch_that_repeats_itself_yields_the_entry_once(store, sender):
    [committed] = store.commit([sender.sends("Louvre", "louvre", "LOUVRE")])
    assert (committed.totals.candidates, committed.totals.unique) == (3, 1)
    assert listed(sender.run.topic) == ["Louvre"]


def test_two_topics_may_have_the_same_entry(store, sender):
    other = Sender()
    store.commit([sender.sends("Louvre"), other.sends("Louvre")])
    assert listed(sender.run.topic) == listed(other.run.topic) == ["Louvre"]


def test_what_cannot_be_an_entry_is_counted_as_rejected(store, sender):
    [committed] = store.commit([sender.sends("Louvre", " ", "x" * 201, rejected=2)])
    assert (committed.totals.candidates, committed.totals.rejected) == (1, 4)
    assert Request.objects.get().rejected == Run.objects.get().rejected == 4


@pytest.mark.parametrize("hostile", ["a\x00b", "a\nb", "a\u2028b", "a\u202eb", "a\ud800b"])
def test_hostile_text_is_stored_as_one_plain_line(store, sender, hostile):
    store.commit([sender.sends(hostile)])
    assert listed(sender.run.topic)[0] in ("ab", "a b")


# Resends


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "in two commits"])
def test_a_batch_that_is_sent_again_counts_once(store, sender, together):
    first = sender.sends("Louvre", "Orsay", batch_id="same")
    if together:
        once, again = store.commit([first, first])
    else:
        [once], [again] = store.commit([first]), store.commit([first])
    assert (once.resent, again.resent) == (False, True)
    assert (again.totals, again.sifted.new, again.sifted.repeats) == (Totals(), (), ())
    run = Run.objects.get()
    assert (run.requests, run.candidates, run.unique, Request.objects.count()) == (1, 2, 2, 1)
    assert not sender.keys.seen


def test_a_resend_to_the_next_engine_counts_once(store, sender):
    arrival = sender.sends("Louvre")
    store.commit([arrival])
    sender.keys.clear()
    [again] = new_engine().commit([arrival])
    assert again.resent
    assert Run.objects.get().requests == 1


def test_two_producers_may_use_the_same_batch_id(store, sender):
    committed = store.commit([sender.sends("Louvre", batch_id="0"), sender.colleague().sends("Orsay", batch_id="0")])
    assert [each.resent for each in committed] == [False, False]
    assert Request.objects.count() == 2


# The constraint has the last word


def test_a_key_that_memory_does_not_know_is_found_by_the_constraint(store, sender):
    behind = AttributeFactory(request__producer=sender.producer, text="Louvre", key=key_of("Louvre"))
    [committed] = store.commit([sender.sends("louvre", "Orsay")])
    assert committed.sifted.repeats == (behind.pk,)
    assert sorted(listed(sender.run.topic)) == ["Louvre", "Orsay"]
    assert sender.keys.known[key_of("LOUVRE")] == behind.pk
    store.write_times_seen(sender.keys)
    assert Attribute.objects.get(pk=behind.pk).times_seen == 2


def test_keys_that_the_database_refuses_for_ever_are_given_up(store, sender, monkeypatch):
    def refuse(rows):
        raise KeysTaken

    monkeypatch.setattr("orchestration.store.bulk.insert_attributes", refuse)
    with pytest.raises(KeysTaken):
        store.commit([sender.sends("Louvre")])
    assert not Request.objects.exists()
    assert not sender.keys.known


def test_an_id_that_is_taken_is_no_repeat(store, sender):
    AttributeFactory(id=store.last_attribute + 1)
    with pytest.raises(IntegrityError):
        store.commit([sender.sends("Louvre")])
    assert not sender.keys.known


def test_a_commit_that_fails_leaves_memory_as_it_was(store, sender):
    stranger = Sender()
    lost = stranger.sends("Orsay")
    Producer.objects.filter(pk=stranger.producer.pk).delete()
    with pytest.raises(IntegrityError):
        store.commit([sender.sends("Louvre"), lost])
    assert not Request.objects.exists()
    assert not sender.keys.known
    [committed] = store.commit([sender.sends("Louvre")])
    assert committed.totals.unique == 1


# What is recorded of a request


def test_a_request_is_stored_with_all_that_is_known_of_it(store, sender):
    arrival = sender.sends(
        "Louvre", "Orsay", "Louvre",
        batch_id="b", cost="0.00123", outcome="cut", asked_for=60, tokens_in=120, tokens_out=30,
        tokens_estimated=True, finish_reason="length", error_kind="unreachable", error="it broke off",
        partition="A to F", partition_coherence=0.5, response_time_ms=1_500,
    )  # fmt: skip
    store.commit([arrival])
    request = Request.objects.get()
    assert (request.run, request.producer, request.provider) == (sender.run, sender.producer, sender.provider)
    assert (request.prompt, request.batch_id, request.outcome) == (sender.prompt, "b", "cut")
    assert (request.started_at, request.finished_at) == (NOON - timedelta(seconds=2), NOON)
    assert (request.asked_for, request.candidates, request.unique, request.rejected) == (60, 3, 2, 0)
    assert (request.tokens_in, request.tokens_out, request.tokens_used) == (120, 30, 150)
    assert (request.tokens_estimated, request.response_time_ms) == (True, 1_500)
    assert request.cost_usd == Decimal("0.00123")
    assert (request.finish_reason, request.error_kind, request.error) == ("length", "unreachable", "it broke off")
    assert (request.partition, request.partition_coherence) == ("A to F", 0.5)
    assert unpacked_ids(bytes(request.repeats)) == (Attribute.objects.get(text="Louvre").pk,)


def test_a_request_of_unknown_price_is_no_free_one(store, sender):
    store.commit([sender.sends("Louvre", cost=None), sender.sends("Orsay", cost="0")])
    assert list(Request.objects.values_list("cost_usd", flat=True)) == [None, Decimal(0)]
    assert Run.objects.get().unpriced_requests == 1


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1e30, 1e30])
def test_a_producer_whose_clock_is_mad_does_no_harm(store, sender, moment):
    store.commit([sender.sends("Louvre", started_at=moment)])
    assert Request.objects.get().started_at == NOON


def test_the_counts_of_a_run_are_the_sums_of_its_requests(store, sender):
    other = Sender()
    store.commit([sender.sends("a", "b", tokens_in=5), other.sends("a"), sender.sends(outcome="failed", cost=None)])
    store.commit([sender.colleague().sends("a", "c", "", tokens_out=7, cost="0.25")])
    names = ("candidates", "unique", "rejected", "tokens_in", "tokens_out", "cost_usd")
    for run in Run.objects.all():
        sums = run.request_set.aggregate(**{f"sum_{name}": Sum(name) for name in names})
        assert {name: getattr(run, name) for name in names} == {name: sums[f"sum_{name}"] for name in names}
        assert run.requests == run.request_set.count()
        assert run.failed_requests == run.request_set.filter(outcome="failed").count()
        assert run.unpriced_requests == run.request_set.filter(cost_usd=None).count()


@pytest.mark.parametrize("ids", [(), (1,), (3, 1, 3, 2**62)])
def test_repeats_are_unpacked_as_they_were_packed(ids):
    assert unpacked_ids(packed_ids(ids)) == ids


def test_a_prompt_is_kept_once_under_its_hash(store):
    store.save_prompts(["Name museums.", "Name small museums."])
    new_engine().save_prompts(["Name museums."])
    kept = dict(Prompt.objects.values_list("hash", "text"))
    assert kept == {prompt_hash(text): text for text in ("Name museums.", "Name small museums.")}


# Lists that are replaced, and ids


def test_a_new_list_replaces_the_old_one_and_only_that(store, sender):
    other = Sender()
    store.commit([sender.sends("Louvre"), other.sends("Rodin")])
    run = RunFactory(topic=sender.run.topic, number=sender.run.number + 1, list_number=0, state=Run.State.CHECKING)
    store.begin_list(run.pk, sender.keys)
    run.refresh_from_db()
    assert (listed(run.topic), listed(other.run.topic)) == ([], ["Rodin"])
    assert (run.list_number, run.state, run.seen_through) == (run.number, "running", store.last_request)
    assert not sender.keys.known
    [committed] = store.commit([Sender(ProducerFactory(run=run), sender.keys).sends("Louvre")])
    assert committed.totals.unique == 1


def test_ids_are_never_given_twice_even_by_the_next_engine(store, sender):
    [committed] = store.commit([sender.sends("a", "b", "c")])
    highest = committed.sifted.new[-1][2]
    store.begin_list(sender.run.pk, sender.keys)
    [after] = new_engine().commit([Sender(sender.producer, TopicKeys(sender.run.topic_id)).sends("d")])
    assert after.sifted.new[0][2] == highest + 1


def test_ids_are_never_given_twice_even_after_the_newest_topic_was_deleted(store, sender):
    store.commit([sender.sends("a")])
    other = Sender()
    [committed] = store.commit([other.sends("b", "c")])
    store.write_times_seen(other.keys)
    Attribute.objects.filter(topic=other.run.topic).delete()
    other.run.topic.delete()
    [after] = new_engine().commit([sender.sends("d")])
    assert after.sifted.new[0][2] > committed.sifted.new[-1][2]


# Figures


def test_figures_take_the_place_of_the_earlier_ones(store):
    row = RunFiguresFactory(updated_at=NOON)
    store.record_figures(row.run_id, {"run": {"novelty": 0.5, "partitions": {"Русский": None}}})
    row.refresh_from_db()
    assert row.data == {"run": {"novelty": 0.5, "partitions": {"Русский": None}}}
    assert row.updated_at > NOON


def test_figures_of_a_run_that_was_deleted_are_let_go(store):
    row = RunFiguresFactory()
    row.run.topic.delete()
    store.record_figures(row.run_id, {"run": {}})
    assert not RunFigures.objects.exists()


def test_how_a_request_was_asked_is_kept(store, sender):
    store.commit([sender.sends("Louvre", style="anchored", probe=True)])
    assert Request.objects.values_list("style", "probe").get() == ("anchored", True)


# The lease


@pytest.mark.parametrize(
    "write",
    [
        lambda store, sender: store.commit([sender.sends("Louvre")]),
        lambda store, sender: store.begin_list(sender.run.pk, sender.keys),
        lambda store, sender: store.write_times_seen(sender.keys),
        lambda store, sender: store.record_progress(sender.run.pk, 9.0, "running"),
        lambda store, sender: store.end_run(sender.run.pk, 9.0, "target", "", failed=False),
        lambda store, sender: store.record_producers([sender.producer]),
        lambda store, sender: store.record_figures(sender.run.pk, {}),
    ],
    ids=[
        "commit",
        "begin_list",
        "write_times_seen",
        "record_progress",
        "end_run",
        "record_producers",
        "record_figures",
    ],
)
def test_an_engine_that_lost_its_lease_writes_nothing(store, sender, write):
    AttributeFactory(request=RequestFactory(producer=sender.producer))
    sender.producer.detail = "changed"
    new_engine()
    before = list(Run.objects.values()), list(Producer.objects.values()), list(Attribute.objects.values())
    lease_before = EngineLease.objects.values().get()
    with pytest.raises(lease.LeaseLost):
        write(store, sender)
    assert (list(Run.objects.values()), list(Producer.objects.values()), list(Attribute.objects.values())) == before
    assert EngineLease.objects.values().get() == lease_before
    assert Request.objects.count() == 1
