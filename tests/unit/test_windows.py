"""Windows over the last minutes: the same as if everything were added up anew, to a block of ten seconds."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.sums import Sums
from orchestration.logic.windows import MOST_KEYS, OTHERS, WHOLE, Windows
from tests.unit.counting import contents, group_sums, histories, request


def fed(history):
    windows = Windows()
    for event in history:
        windows.record(event)
    return windows


def comparable(groups):
    return {group: contents(sums) for group, sums in groups.items()}


def keys(groups, dimension):
    return [key for each, key in groups if each == dimension]


@given(histories, st.lists(st.floats(0, 7_000), max_size=6).map(sorted))
def test_a_window_is_the_sum_of_its_requests_whenever_one_looks(history, moments):
    windows, waiting = Windows(), list(history)
    for now in moments:
        while waiting and waiting[0].at <= now:
            windows.record(waiting.pop(0))
        windows.settle(now)
        past, block = [each for each in history if each.at <= now], int(now // 10)
        assert comparable(windows.short.groups) == comparable(group_sums(past, block - 30))
        assert comparable(windows.long.groups) == comparable(group_sums(past, block - 180))
        assert comparable(windows.run) == comparable(group_sums(past))


@given(histories, st.floats(4_000, 4_400))
def test_the_keys_of_each_dimension_add_up_to_the_whole(history, now):
    windows = fed(history)
    windows.settle(now)
    for groups in (windows.run, windows.long.groups, windows.short.groups):
        for dimension in ("provider", "producer", "partition", "prompt", "style"):
            added = Sums()
            for group in groups:
                if group[0] == dimension:
                    added.add(groups[group])
            assert contents(added) == contents(groups.get(WHOLE, Sums()))


def test_a_window_covers_its_length_less_what_is_still_to_come_of_the_block():
    windows = Windows()
    for now, seconds in ((1_000.0, 290.0), (1_009.5, 299.5), (1_010.0, 290.0)):
        windows.settle(now)
        assert windows.seconds(windows.short, now) == seconds


def test_a_request_that_is_reported_late_counts_with_the_newest_block():
    windows = fed([request(at=500.0), request(at=100.0)])
    windows.settle(799.9)
    assert windows.short.groups[WHOLE].totals.requests == 2
    windows.settle(800.0)
    assert not windows.short.groups


def test_time_that_stands_still_or_goes_back_changes_nothing():
    windows = fed([request(at=500.0)])
    windows.settle(700.0)
    windows.settle(600.0)
    windows.record(request(at=650.0))
    windows.settle(700.0)
    assert windows.short.groups[WHOLE].totals.requests == 2


def test_before_the_first_request_there_is_nothing():
    windows = Windows()
    windows.settle(-5.0)
    assert not windows.run
    assert not windows.short.groups


# Many keys


def test_a_window_has_a_hundred_keys_and_counts_the_others_together():
    windows = fed(request(prompt=f"p{number}") for number in range(MOST_KEYS + 7))
    windows.settle(1.0)
    prompts = keys(windows.long.groups, "prompt")
    assert len(prompts) == MOST_KEYS + 1
    assert windows.long.groups["prompt", OTHERS].totals.requests == 7
    assert windows.long.groups[WHOLE].totals.requests == MOST_KEYS + 7


def test_idle_keys_make_room_in_a_window():
    windows = fed(request(prompt=f"p{number}") for number in range(MOST_KEYS))
    windows.record(request(at=2_000.0, prompt="new"))
    windows.settle(2_000.0)
    assert keys(windows.long.groups, "prompt") == ["new"]


def test_over_the_run_the_keys_that_were_used_last_are_kept():
    windows = fed(request(at=10.0 * number, prompt=f"p{number}") for number in range(MOST_KEYS))
    windows.record(request(at=1_000.0, prompt="p0"))
    windows.record(request(at=1_010.0, prompt="new"))
    windows.settle(1_010.0)
    assert set(keys(windows.run, "prompt")) == {"new", OTHERS, *(f"p{n}" for n in range(MOST_KEYS) if n != 1)}
    assert windows.run["prompt", "p0"].totals.requests == 2
    assert windows.run["prompt", OTHERS].totals.requests == 1


def test_sums_over_the_run_can_be_loaded():
    known = Sums()
    known.count(request(unique=1, candidates=2), 0)
    windows = fed([request(prompt="this is in the sums already")])
    windows.load_run({("a", 1, "", "p", "plain"): known, ("a", 2, "", "p", "plain"): known})
    windows.record(request(provider="a", slot=2, prompt="p", style="plain", candidates=3))
    windows.settle(0.0)
    assert {group: sums.totals.candidates for group, sums in windows.run.items()} == {
        WHOLE: 7,
        ("provider", "a"): 7,
        ("producer", "1"): 2,
        ("producer", "2"): 5,
        ("partition", ""): 7,
        ("prompt", "p"): 7,
        ("style", "plain"): 7,
    }
