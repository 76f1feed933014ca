"""Exports in a real browser: a small one at once, a large one by a real cluster, opened and compared."""

import csv
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.live import sign_in
from tests.exporting import HOSTILE, a_list, a_long_list
from topics.exports.defusing import restored
from topics.exports.models import Export
from topics.models import Attribute

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cluster(fresh_portal):
    """After the portal: the numbers of content types change from test to test."""
    environment = {**os.environ, "DJANGO_SECRET_KEY": settings.SECRET_KEY}
    command = [sys.executable, "manage.py", "qcluster"]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=nowhere, stderr=nowhere) as process:
        yield process
        process.terminate()
        process.wait(timeout=20)


def downloaded(page, act):
    with page.expect_download() as download:
        act()
    return download.value


def test_what_is_exported_is_what_the_database_holds(page, database, cluster):
    small, large = database(lambda: (a_list(*HOSTILE), a_long_list(12_345)))
    sign_in(page, database, admin=True)

    # This view of a small list, at once.
    page.goto(f"/exports/new?topic={small.pk}&slot=3")
    expect(page.get_by_label("This view")).to_be_checked()
    page.get_by_label("CSV").check()
    file = downloaded(page, page.get_by_role("button", name="Export").click)
    assert file.suggested_filename == f"{small.folder}.csv"
    with open(file.path(), encoding="utf-8-sig", newline="") as opened:
        assert [restored(row["text"]) for row in csv.DictReader(opened)] == HOSTILE
    card = downloaded(page, page.get_by_role("button", name="Data card as JSON").click)
    with open(card.path()) as opened:
        assert json.load(opened)["entries"] == len(HOSTILE)

    # All of a large list, by the cluster; the page follows by itself.
    page.goto(f"/exports/new?topic={large.pk}")
    page.get_by_label("JSON Lines").check()
    page.get_by_role("button", name="Export").click()
    row = page.locator("[data-export]").first
    expect(row.locator("[data-words]")).to_have_text("Ready", timeout=60_000)
    expect(row).to_contain_text("12,345 entries")
    expect(page.locator("[data-news]")).to_contain_text("Ready")
    file = downloaded(page, row.get_by_role("link", name="File").click)
    with open(file.path()) as opened:
        texts = [json.loads(line)["text"] for line in opened]
    assert texts == database(
        lambda: list(Attribute.objects.filter(topic=large).order_by("id").values_list("text", flat=True))
    )

    # What is deleted is gone.
    row.get_by_text("Delete…").click()
    row.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text("No exports yet.")).to_be_visible()
    assert not database(Export.objects.exists)
