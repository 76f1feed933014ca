"""Batches that wait for texts."""

from orchestration.runtime.asking_back import AskedBack
from tests.integration.arriving import batch_of


def test_a_batch_waits_until_it_comes_again():
    asked_back = AskedBack()
    asked_back.wait(batch_of("a", batch_id="1"))
    assert "1" in asked_back
    assert asked_back.hopeless() == []
    asked_back.arrived("1")
    assert "1" not in asked_back


def test_what_waits_for_a_producer_that_is_gone_is_hopeless():
    asked_back = AskedBack()
    batch = batch_of("a", batch_id="1")
    asked_back.wait(batch)
    asked_back.wait(batch_of("b", batch_id="2"))
    asked_back.life_ended({"1"})
    assert asked_back.hopeless() == [batch]
    assert asked_back.is_last("1")
    assert not asked_back.is_last("2")


def test_what_is_committed_is_forgotten():
    asked_back = AskedBack()
    asked_back.life_ended({"1"})
    asked_back.committed("1")
    assert not asked_back.is_last("1")
