"""What people are told of a run; the subject of a mail is one harmless line, whatever the topic is called."""

from dataclasses import replace
from decimal import Decimal

from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.notices import RunOutcome, ended_words, subject, warning_words

OUTCOME = RunOutcome(
    topic="Paris attractions",
    number=3,
    failed=False,
    reason="target",
    detail="the list has the 500 entries that were asked for",
    entries=1_500,
    new=120,
    cost_usd=Decimal("0.0123"),
    unpriced_requests=0,
    lost_usd=Decimal(0),
    simulated=False,
    coverage={"estimate": 0.8, "low": 0.7, "high": 0.9},
)


def test_the_end_of_a_run_with_reason_entries_cost_and_coverage():
    assert ended_words(OUTCOME) == (
        "Run 3 of “Paris attractions” has ended: the list has the 500 entries that were asked for. "
        "1,500 entries in the list, 120 newly found; $0.0123; coverage about 80% (70% to 90%)."
    )
    assert "; $0.0123 of simulated money;" in ended_words(replace(OUTCOME, simulated=True))


def test_what_is_not_known_is_said():
    unknown = replace(OUTCOME, failed=True, detail="", reason="no_usable_provider", coverage={}, cost_usd=Decimal(0))
    words = ended_words(replace(unknown, unpriced_requests=4))
    assert "has failed: no usable provider." in words
    assert "price unknown; coverage not known yet." in words
    assert "no reason is known" in ended_words(replace(unknown, reason=""))
    assert "$0.5000 + 2 requests of unknown price" in ended_words(
        replace(OUTCOME, cost_usd=Decimal("0.5"), unpriced_requests=2)
    )
    assert "coverage about 80%." in ended_words(
        replace(OUTCOME, coverage={"estimate": 0.8, "low": 0.7, "high": None})
    )


def test_a_cap_that_is_near():
    words = warning_words("Zoo", 2, "four fifths of the budget of 5 USD are spent.", simulated=False)
    assert words == "Run 2 of “Zoo” nears a cap: four fifths of the budget of 5 USD are spent."


@given(st.text())
def test_no_name_of_a_topic_breaks_out_of_the_subject(name):
    found = subject(name, 1, "ended")
    assert found.isprintable()
    assert len(found) < 180
    assert EmailMessage(subject=found, body="", to=["ada@example.org"]).message()


def test_a_name_with_headers_in_it_stays_one_line():
    found = subject("Zoo\r\nBcc: eve@example.org", 1, "failed")
    assert found == "[igentai] Zoo Bcc: eve@example.org: run 1 has failed"


def test_simulated_money_says_so_near_a_cap():
    assert "nears a cap of simulated money: " in warning_words("Paris", 1, "0.8 of 1 USD are spent", simulated=True)
