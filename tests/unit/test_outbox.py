"""What a producer keeps until it is committed."""

from producers.link.messages import AttributeBatch, GenerationMetadata
from producers.link.outbox import Outbox

METADATA = GenerationMetadata(provider="a", prompt_hash="", outcome="complete", started_at=0.0, response_time_ms=1)


def batch(name, *candidates):
    return AttributeBatch(batch_id=name, candidates=candidates, keys=bytes(16 * len(candidates)), metadata=METADATA)


def filled(*names, capacity=16):
    outbox = Outbox(capacity)
    for name in names:
        outbox.add(batch(name))
    return outbox


def names(outbox):
    return [each.batch_id for each in outbox.pending]


def test_batches_wait_in_the_order_in_which_they_were_made():
    assert names(filled("c", "a", "b")) == ["c", "a", "b"]


def test_what_is_acknowledged_is_forgotten():
    outbox = filled("a", "b", "c")
    outbox.acknowledge(["c", "a"])
    assert (names(outbox), len(outbox)) == (["b"], 1)


def test_an_acknowledgement_may_come_twice_or_for_a_stranger():
    outbox = filled("a", "b")
    outbox.acknowledge(["a", "a", "stranger"])
    outbox.acknowledge(["a"])
    assert names(outbox) == ["b"]


def test_it_is_full_at_its_capacity_and_no_longer_after_an_acknowledgement():
    outbox = filled("a", capacity=2)
    assert not outbox.full
    outbox.add(batch("b"))
    assert outbox.full
    outbox.acknowledge(["a"])
    assert not outbox.full


def test_requests_that_were_under_way_when_it_filled_up_lose_nothing():
    assert names(filled("a", "b", "c", capacity=2)) == ["a", "b", "c"]


def test_the_same_batch_waits_once():
    outbox = filled("a")
    outbox.add(batch("a"))
    assert len(outbox) == 1


def test_an_empty_one_has_nothing_to_send():
    assert (Outbox().pending, len(Outbox()), Outbox().full) == ((), 0, False)
