"""Letters as people search for them."""

import pytest

from topics.folding import fold, folded_beside


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Champs-Élysées", "champs-elysees"),
        ("LOUVRE", "louvre"),
        ("Straße", "strasse"),
        ("Ångström", "angstrom"),
        ("Ελλάς", "ελλασ"),
        ("東京", "東京"),
    ],
)
def test_case_and_accents_do_not_matter(text, folded):
    assert fold(text) == folded


def test_nothing_is_kept_beside_what_the_database_can_compare_by_itself():
    assert folded_beside("Louvre", 200) == ""


def test_what_is_kept_is_bounded():
    assert len(folded_beside("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200, 200)) == 200
