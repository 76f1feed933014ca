"""A run's own time."""

from orchestration.logic.stopwatch import Stopwatch


def test_it_runs_with_the_clock():
    watch = Stopwatch(100.0)
    assert (watch.time(130.0), watch.seconds(130.0)) == (130.0, 30.0)


def test_it_stands_still_and_then_goes_on_from_there():
    watch = Stopwatch(100.0)
    watch.stand(110.0)
    assert (watch.time(500.0), watch.seconds(500.0)) == (110.0, 10.0)
    watch.go_on(500.0)
    assert (watch.time(505.0), watch.seconds(505.0)) == (115.0, 15.0)
    watch.stand(510.0)
    watch.go_on(520.0)
    assert watch.seconds(530.0) == 30.0


def test_to_say_it_twice_changes_nothing():
    watch = Stopwatch(0.0)
    watch.stand(10.0)
    watch.stand(20.0)
    assert watch.seconds(30.0) == 10.0
    watch.go_on(30.0)
    watch.go_on(40.0)
    assert watch.seconds(40.0) == 20.0
