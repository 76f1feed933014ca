"""What a producer remembers of the engine's refusals."""

from producers.link.messages import Refusal
from producers.worker.health import Health, refused


def test_a_provider_that_nobody_has_spoken_of_may_be_asked():
    assert Health().usable(0.0)


def test_it_may_be_asked_when_its_pause_is_over():
    health = refused(Refusal(ask_id="1", provider="a", seconds=5.0, reason="too many"), 100.0)
    assert (health.usable(104.9), health.usable(105.0), health.reason) == (False, True, "too many")


def test_one_that_is_out_is_out_for_good():
    health = refused(Refusal(ask_id="1", provider="a", seconds=None), 100.0)
    assert not health.usable(1e9)
    assert health.out
