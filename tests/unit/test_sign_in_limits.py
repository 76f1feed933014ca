"""When somebody is locked out, until when, and whose failures are counted together."""

from datetime import UTC, datetime, timedelta

import pytest

from igentai_site.team.limits import ADDRESS_LIMIT, COOL_OFF, NAME_LIMIT, PAIR_LIMIT, folded_address, limits, opens_at
from igentai_site.team.sessions import IDLE_SECONDS, LONGEST_SECONDS, TOUCH_SECONDS, Step, step

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def minutes(number):
    return NOON + timedelta(minutes=number)


def test_a_stranger_with_a_few_addresses_cannot_lock_a_member_out_everywhere():
    pair, address, name = limits("kim", "192.0.2.1")
    assert (pair.most, address.most, name.most) == (PAIR_LIMIT, ADDRESS_LIMIT, NAME_LIMIT)
    assert name.most >= 20 * pair.most
    assert address.most >= 10 * pair.most


def test_people_without_an_address_are_not_counted_together():
    assert [limit.by for limit in limits("kim", None)] == [
        {"username": "kim", "ip_address": None},
        {"username": "kim"},
    ]


def test_it_opens_when_the_failure_that_made_it_too_many_is_old():
    assert opens_at([(minutes(0), 4)], 5) is None
    assert opens_at([(minutes(0), 5)], 5) == minutes(0) + COOL_OFF
    assert opens_at([(minutes(0), 3), (minutes(9), 2)], 5) == minutes(0) + COOL_OFF
    assert opens_at([(minutes(9), 2), (minutes(0), 1), (minutes(5), 3)], 5) == minutes(5) + COOL_OFF


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("", None),
        ("unknown", None),
        ("192.0.2.1:80", None),
    ],
)
def test_a_network_of_ipv6_counts_as_one_client(text, address):
    assert folded_address(text) == address


@pytest.mark.parametrize(
    ("began", "used", "what"),
    [
        (None, None, Step.TOUCH),
        (0.0, 0.0, Step.TOUCH),
        (0.0, 1_000_000.0 - TOUCH_SECONDS + 1, Step.KEEP),
        (1_000_000.0 - LONGEST_SECONDS, 999_999.0, Step.END),
    ],
)
def test_a_session_is_written_seldom_and_ends_at_last(began, used, what):
    assert step(1_000_000.0, began, used) is what


def test_a_session_that_is_used_does_not_end_between_two_touches():
    assert TOUCH_SECONDS < IDLE_SECONDS / 10
