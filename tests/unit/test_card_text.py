"""The data card to read."""

from datetime import UTC, datetime
from decimal import Decimal

from topics.browsing.filters import Filters
from topics.exports.card_text import as_markdown, plain
from topics.exports.cards import ListFacts, Maker, RunFact, Spent, Subject, Tally, card
from topics.exports.formats import FORMATS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SUBJECT = Subject(
    "Parks | <b>",
    "Name parks.\n# Not a title",
    Filters(topic=1, q="a*b"),
    ("text contains “a*b”",),
    FORMATS["csv"],
    "1.2",
)
SIMULATED = Maker("sim", "world", "simulated")
KNOWN: dict[str, float | None] = {"estimate": 0.5, "low": 0.25, "high": 0.75}
UNKNOWN: dict[str, float | None] = {"estimate": None, "low": None, "high": None}


def text_of(facts=None, **makers):
    tally = Tally()
    tally.by_maker.update({SIMULATED: makers.get("simulated", 0), Maker("v", "m", "openai"): makers.get("vendor", 0)})
    tally.entries = tally.by_maker.total()
    return as_markdown(card(SUBJECT, tally, facts or ListFacts(), NOW))


def test_simulated_entries_are_said_first():
    text = text_of(simulated=30, vendor=10)
    assert "**Simulated:** 30 of these entries" in text
    assert "| sim (simulated) | world | 30 | 75.0% | 0 | $0.0000 |" in text
    assert "**Simulated:**" not in text_of(vendor=10)


def test_text_of_people_is_no_markup():
    text = text_of(vendor=1)
    assert text.startswith("# Parks \\| \\<b\\>\n")
    assert "> \\# Not a title" in text
    assert "Selection: text contains “a\\*b”" in text
    assert plain("a\n- b") == "a - b"


def test_the_cost_says_what_it_is_of():
    spent = {Maker("v", "m", "openai"): Spent(requests=3, unpriced=1, cost_usd=Decimal("1.5"))}
    text = text_of(ListFacts(spent=spent, lost_usd=Decimal("0.25")), vendor=1)
    assert "- $1.5000 for 3 requests: all requests of the list's runs" in text
    assert "- 1 of them have no known price" in text
    assert "- Up to $0.2500 more" in text


def test_coverage_has_its_interval_and_what_it_cannot_see():
    text = text_of(
        ListFacts(coverage={"items": KNOWN, "items_of_probed": KNOWN, "mass": UNKNOWN}, coverage_at=NOW), vendor=1
    )
    assert text.count("50.0% (25.0% to 75.0%, 90 % interval)") == 1
    assert "What this cannot see:" in text
    assert "As of 2026-01-02T03:04:05Z" in text


def test_coverage_that_is_not_known_is_not_made_up():
    text = text_of(ListFacts(coverage={"items": UNKNOWN}, unprobed=("shy",)), vendor=1)
    assert "Not known: too few blind probes." in text
    assert "Never probed: shy." in text


def test_runs_have_their_reason():
    run = RunFact(7, "ended", NOW, None, "target_reached")
    assert "| 7 | ended | 2026-01-02T03:04:05Z | – | target reached |" in text_of(ListFacts(runs=(run,)))
