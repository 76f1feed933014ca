"""Amounts of money and costs, which every page and every notification tells alike."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from orchestration.logic.money import cost_words, known_cost, usd
from orchestration.logic.notices import ended_words
from orchestration.portal.present import figures
from orchestration.portal.queries import ListState
from tests.unit.run_states import RUN
from tests.unit.test_notices import OUTCOME


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "$0.00"), ("0.00001", "under $0.0001"), ("0.25", "$0.2500"), ("1234.567", "$1,234.57")],
)
def test_amounts(amount, words):
    assert usd(Decimal(amount)) == words
    assert usd(float(amount)) == words


def test_what_is_not_known_of_a_cost_is_said():
    assert cost_words(Decimal(0), 3) == "price unknown"
    assert cost_words(Decimal(0), 3, Decimal(1)) == "$0.00 + 3 requests of unknown price + up to $1.00 lost"
    assert cost_words(Decimal(2), 1) == "$2.00 + 1 request of unknown price"
    assert cost_words(Decimal(2), simulated=True) == "$2.00 of simulated money"


def test_where_there_is_no_room_the_known_cost_stands_alone():
    assert (known_cost(0.0, 3), known_cost(0.5, 3)) == ("price unknown", "$0.5000")


def test_the_live_page_and_a_notification_tell_a_cost_alike():
    cost: dict[str, Any] = {"cost_usd": Decimal("1.23456"), "unpriced_requests": 2, "lost_usd": Decimal("0.5")}
    words = "$1.23 + 2 requests of unknown price + up to $0.5000 lost"
    assert figures(replace(RUN, **cost), ListState(1, 1))["cost"] == words
    assert words in ended_words(replace(OUTCOME, **cost))
