"""Cells that a spreadsheet would run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.exports.defusing import defused, is_dangerous, restored

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\nx",
    "\tx",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    '"=1',
    "'=1",
    "\" '=1",
    "“=1",
    "„=1",
    "«+1",
    "\u200b=1",
    "\u202e=1",
    "\ufeff=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "﹦1",
    "﹣1",
    "−1",
    "＂＝1",
]
HARMLESS = [
    "",
    "Louvre",
    "1+1",
    "a=b",
    "'n Huis",
    '"Quoted"',
    "«Le Monde»",
    "(=1",
    "Émile",
    "東京",
    "🗼",
    "a\t=1",
    "#5",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_looks_like_a_formula_becomes_text(cell):
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_everything_else_stays_as_it_is(cell):
    assert defused(cell) == cell


@given(st.text(alphabet=st.sampled_from("'\"=+-@ \t\n\u200b＝ab1“"), max_size=8))
def test_nothing_is_lost(cell):
    assert restored(defused(cell)) == cell


@given(st.text(max_size=20))
def test_a_defused_cell_never_begins_with_what_starts_a_formula(cell):
    assert defused(cell)[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert is_dangerous(cell) == (defused(cell) != cell)
