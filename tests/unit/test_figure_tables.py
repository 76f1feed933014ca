"""A run's figures as tables."""

from orchestration.figure_tables import MOST_ROWS, tables_of

FIGURES = {
    "seconds": 90.0, "requests": 4, "success_rate": 0.75, "candidates": 1200, "unique": 300, "novelty_rate": 0.25,
    "uam": 200.0, "cost_usd": 0.5, "unique_per_dollar": 600.0, "latency_p50_ms": 1500, "latency_p95_ms": 3000,
    "tokens_in": 10, "tokens_out": 20, "errors": {"rate_limited": 2}, "trend": {"direction": "falling"},
}  # fmt: skip


def scopes(**changes):
    return {"run": {**FIGURES, **changes}, "last_5_minutes": None, "last_30_minutes": {**FIGURES, **changes}}


def test_the_run_is_told_by_its_windows_of_which_those_without_requests_are_left_out():
    [table] = tables_of({"run": scopes()})
    assert table.columns == ("Whole run", "Last 30 minutes")
    told = dict(table.rows)
    assert told["Time"] == ("1 min 30 s",) * 2
    assert told["Novelty rate"][0] == "25.0%"
    assert told["Errors"][0] == "rate limited 2"
    assert told["Trend of novelty"][0] == "falling"


def test_providers_are_told_the_most_productive_first():
    [table] = tables_of({"providers": {"few": scopes(unique=1), "many": scopes(unique=9)}})
    assert table.title == "By provider"
    assert [name for name, _ in table.rows] == ["many", "few"]
    assert table.named_rows[0][1][3] == ("New", "9")


def test_the_whole_topic_has_a_name():
    [table] = tables_of({"partitions": {"": scopes()}})
    assert table.rows[0][0] == "the whole topic"


def test_of_very_many_rows_the_rest_is_counted():
    [table] = tables_of({"prompts": {str(number): scopes() for number in range(MOST_ROWS + 5)}})
    assert (len(table.rows), table.left_out) == (MOST_ROWS, 5)


def test_whatever_is_missing_or_odd_shows_as_a_dash():
    assert tables_of({}) == []
    assert tables_of({"run": None, "providers": [], "partitions": {"x": None}}) == []
    [table] = tables_of({"run": {"run": {"unique": "many", "errors": 3, "trend": None}}})
    told = dict(table.rows)
    assert (told["New"], told["Errors"], told["Trend of novelty"]) == (("–",), ("none",), ("–",))
