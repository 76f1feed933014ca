"""The panels of the live page: what they show, and what one does there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from orchestration.models import ProviderHealth, Run, RunFigures
from producers.models import Producer, ProviderWeight
from tests.browser.live import connection, open_live_page, sign_in
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    ProducerFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    RunFiguresFactory,
)
from topics.models import TopicPartition

pytestmark = [pytest.mark.django_db(transaction=True)]

HOSTILE = "<img src=x onerror=document.title='taken'>"
MOST_BYTES = 300 * 1024
FIGURES: dict[str, Any] = {
    "requests": 40,
    "failed_requests": 2,
    "unique": 300,
    "candidates": 900,
    "novelty_rate": 0.3333,
    "cost_usd": 0.6,
    "unpriced_requests": 0,
    "unique_per_dollar": 500.0,
    "errors": {"rate_limited": 2},
}
# What canvases draw in; they do not understand the variables of the style sheets.
TICKS_ARE = """(colour) => [...document.querySelectorAll("[data-chart] canvas")].every((canvas) =>
  Object.values(Chart.getChart(canvas).options.scales).every((scale) => scale.ticks.color === colour))"""
QUIET = {"light": "rgb(86, 98, 115)", "dark": "rgb(167, 178, 191)"}
KNOWN = {"estimate": 0.6, "low": 0.5, "high": 0.7}


@pytest.fixture
def busy(database, run):
    """A run with something in each panel."""

    def make():
        Run.objects.filter(pk=run.pk).update(target=1000, budget_usd=1, coverage=0.9, unique=300, candidates=900)
        providers = [ProviderFactory(name="fast"), ProviderFactory(name=f"dear {HOSTILE}")]
        for slot in range(3):
            producer = ProducerFactory(run=run, slot=slot, partition="A to F", prompt=f"Name them. {HOSTILE}")
            for provider in providers:
                ProviderWeightFactory(producer=producer, provider=provider, weight=0.5)
            for minute in range(5):
                made = RequestFactory(
                    producer=producer,
                    provider=providers[slot % 2],
                    finished_at=run.started_at + timedelta(seconds=minute),
                    candidates=60,
                    unique=20,
                    cost_usd="0.04",
                )
        AttributeFactory.create_batch(200, request=made)
        ProviderHealth.objects.create(
            provider=providers[1],
            state="paused",
            detail=f"too many requests {HOSTILE}",
            paused_until=timezone.now() + timedelta(minutes=5),
            updated_at=timezone.now(),
        )
        RunFiguresFactory(
            run=run,
            data={
                "run": {"last_5_minutes": {"novelty_rate": 0.25, "trend": {"direction": "falling"}}},
                "providers": {"fast": {"run": FIGURES}},
                "partitions": {"A to F": {"run": FIGURES}},
                "estimates": {"coverage": KNOWN, "mass_coverage": KNOWN, "unseen": "What nobody names.", "probes": 9},
            },
        )
        TopicPartition.objects.create(topic=run.topic, words="A to M", state="split")
        TopicPartition.objects.create(topic=run.topic, words="A to F", parent="A to M")
        DecisionFactory.create_batch(30, run=run)
        return run

    return database(make)


def card(page, name):
    return page.locator(".provider", has_text=name)


def test_every_panel_shows_the_run_and_follows_it(page, database, busy):
    sign_in(page, database, admin=True)
    received: list[int] = []
    page.on("requestfinished", lambda request: received.append(sum(sizes_of(request))))
    open_live_page(page, busy)
    expect(page.locator("[data-stops] .stop")).to_have_count(3)
    expect(page.locator("[data-stops]")).to_contain_text("300 of 1,000 entries")
    assert page.locator("[data-stops] progress").first.get_attribute("value") == "0.3"
    expect(page.locator("[data-estimate=items_note]")).to_have_text("50% to 70%")
    expect(page.locator("[data-unseen]")).to_contain_text("What nobody names.")
    # Charts, each with a sentence and a table.
    charts = page.locator("[data-chart]")
    expect(charts).to_have_count(6)
    expect(page.locator("[data-chart=unique] p")).to_contain_text("300 unique entries")
    page.locator("[data-chart=share] summary").click()
    expect(page.locator("[data-chart=share] tbody tr")).to_have_count(2)
    assert "300 unique entries" in (page.locator("[data-chart=unique] canvas").get_attribute("aria-label") or "")
    # Providers.
    expect(card(page, "fast")).to_contain_text("rate limited (2)")
    expect(card(page, "dear")).to_contain_text(f"Paused: too many requests {HOSTILE}")
    expect(card(page, "fast")).to_contain_text("Weight 50% on average, the optimiser's")
    # Producers, with their prompts on demand.
    producer = page.locator("[data-producers] tr").first
    expect(producer.locator("[data-shares]")).to_contain_text("fast 50%")
    producer.get_by_role("button", name="Prompt").click()
    expect(page.locator("[data-prompt-text]")).to_have_text(f"Name them. {HOSTILE}")
    page.keyboard.press("Escape")
    # Everything has been loaded by now.
    assert sum(received) < MOST_BYTES, sum(received)

    def go_on():
        Run.objects.filter(pk=busy.pk).update(unique=500)
        DecisionFactory(run=busy, kind="split", reason="just now")
        Producer.objects.filter(run=busy, slot=0).update(state="backing_off", last_seen_at=timezone.now())
        ProviderHealth.objects.update(paused_until=timezone.now() + timedelta(seconds=1))
        RunFigures.objects.update(data={"providers": {"fast": {"run": {**FIGURES, "unique": 444}}}})
        RunFigures.objects.update(updated_at=timezone.now())

    database(go_on)
    expect(page.locator("[data-stops]")).to_contain_text("500 of 1,000 entries")
    expect(page.locator("[data-decision-rows] tr").first).to_contain_text("just now")
    expect(producer).to_contain_text("Restarting soon")
    expect(producer.locator("[data-seen]")).to_have_text(re.compile("now|ago"))
    # A pause ends without any news of it.
    expect(card(page, "dear")).to_contain_text("Its pause is over")
    expect(card(page, "dear").locator("[data-field=until]")).to_be_hidden()
    database(lambda: ProviderHealth.objects.update(state="ready", detail="", paused_until=None))
    expect(card(page, "dear")).to_contain_text("Ready")
    expect(card(page, "fast")).to_contain_text("444")
    assert page.locator("img").count() == 0
    assert page.title() == "Paris attractions | igentai"


def test_weights_parts_and_producers_are_changed_from_here(fresh_portal, page, database, busy):
    sign_in(page, database, admin=True)
    open_live_page(page, busy)
    fast = card(page, "fast")
    fast.get_by_text("Weights by producer").click()
    fast.get_by_role("combobox").select_option("1")
    fast.get_by_label("Weight, %").fill("80")
    fast.get_by_role("button", name="Set and pin").click()
    said = fast.locator("[data-answer]")
    expect(said).to_have_text("The weight of fast with producer 1 is 80% and pinned.")
    expect(fast.locator("[data-weights] tr").nth(1)).to_contain_text("80%")
    expect(fast).to_contain_text("pinned with 1 of 3")
    fast.get_by_role("combobox").select_option("all")
    fast.get_by_role("button", name="Pin as it is").click()
    expect(fast.locator("[data-field=mean_words]")).to_have_text("Weight 60% on average, pinned")
    assert database(lambda: ProviderWeight.objects.filter(pinned=True).count()) == 3
    assert fast.get_by_role("option").all_inner_texts() == ["all", "0", "1", "2"]
    # What makes no sense as a weight does not matter to whoever sets none.
    fast.get_by_label("Weight, %").fill("150")
    fast.get_by_role("button", name="Unpin").click()
    expect(said).to_have_text("The weight of fast with all producers is the optimiser's again.")
    page.locator("[data-producers] tr").nth(2).get_by_role("button", name="Restart").click()
    expect(page.locator("form:has(.producers) [data-answer]")).to_have_text("Producer 2 was asked to restart.")
    # Parts.
    page.get_by_text("What producers are asked for").click()
    parts = page.locator("[data-part-rows] tr")
    expect(parts).to_have_count(2)
    expect(parts.nth(1)).to_contain_text("300")
    parts.nth(1).get_by_role("button", name="Leave out").click()
    expect(parts.nth(1)).to_contain_text("left out")
    parts.nth(1).get_by_role("button", name="Take in").click()
    expect(parts.nth(1).get_by_role("button", name="Leave out")).to_be_visible()
    page.get_by_label("A category to ask for").fill("Museums")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(parts).to_have_count(3)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-parts] .filters [data-answer]")).to_have_text("There is such a part already.")
    # Decisions.
    decisions = page.locator("[data-decision-rows] tr")
    expect(decisions).to_have_count(10)
    page.get_by_role("button", name="Older").click()
    expect(decisions).to_have_count(30)
    page.get_by_label("Kind").select_option("split")
    expect(page.get_by_text("No decision of this kind.")).to_be_visible()
    assert "kind=split" in page.url


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_the_page_is_accessible_and_fits(browser, portal, database, busy, width, scheme):
    context = browser.new_context(base_url=portal.url, viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, database, permissions=["topics.view_topic"])
    open_live_page(page, busy)
    expect(page.locator("[data-chart]")).to_have_count(6)
    page.wait_for_function(TICKS_ARE, arg=QUIET[scheme])
    page.emulate_media(color_scheme="light")
    page.wait_for_function(TICKS_ARE, arg=QUIET["light"])
    page.emulate_media(color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    expect(page.locator("[data-part-rows] tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_role("button", name="Restart producer 0")).to_be_disabled()
    expect(card(page, "fast").get_by_role("button", name="Set and pin")).to_be_disabled()
    assert grave(Axe().run(page)) == []
    page.keyboard.press("?")
    assert grave(Axe().run(page)) == []
    page.keyboard.press("Escape")
    expect(connection(page)).to_have_text("Live")
    context.close()


def grave(results):
    """What axe calls serious or critical, with the elements."""
    return [
        (violation["id"], [node["html"][:200] for node in violation["nodes"]][:3])
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


def sizes_of(request):
    sizes = request.sizes()
    return sizes["responseBodySize"], sizes["responseHeadersSize"]
