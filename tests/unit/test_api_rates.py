"""How often a caller may ask, and how many streams it may have open."""

from igentai_site.api.rates import Allowances, Streams


def test_a_burst_then_a_steady_pace():
    allowances = Allowances(burst=3, per_second=2)
    assert [allowances.take("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert [allowances.take("a", 0.5) for _ in range(2)] == [True, False]


def test_callers_do_not_share():
    allowances = Allowances(burst=1, per_second=1)
    assert allowances.take("a", 0.0)
    assert allowances.take("b", 0.0)
    assert not allowances.take("a", 0.0)


def test_only_so_many_callers_are_remembered():
    allowances = Allowances(burst=1, per_second=1, most=100)
    for number in range(1000):
        allowances.take(f"caller {number}", 0.0)
    assert len(allowances) == 100
    assert not allowances.take("caller 999", 0.0)


def test_streams_have_places_for_each_and_for_all():
    streams = Streams(most=3, most_of_one=2)
    assert [streams.open("a") for _ in range(3)] == [True, True, False]
    assert [streams.open("b") for _ in range(2)] == [True, False]
    streams.close("a")
    assert streams.open("b")
    for caller in ("a", "b", "b"):
        streams.close(caller)
    assert len(streams) == 0
