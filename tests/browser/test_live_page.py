"""The live page in a real browser, served by the real portal process, from a database that others write."""

import itertools
import re
import time

import pytest
from playwright.sync_api import expect

from orchestration.models import Run
from tests.browser.live import add, add_many, connection, figure, open_live_page, shown, sign_in
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from topics.models import Attribute, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

HOSTILE = "<img src=x onerror=document.title='taken'>"


def test_a_stranger_signs_in_and_comes_to_the_page(page, database, run):
    member = database(lambda: UserFactory(permissions=["topics.view_topic"]))
    page.goto(f"/topics/{run.topic.pk}/live/")
    page.get_by_label("Username").fill(member.username)
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in").click()
    expect(connection(page)).to_have_text("Live")


def test_what_others_write_appears_by_itself(page, database, run, request_made):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    expect(page.locator("[data-no-entries]")).to_be_visible()
    add(database, request_made, "Louvre")
    add(database, request_made, "Orsay")
    rows = page.locator("[data-entries] tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Orsay")
    expect(rows.first).to_contain_text("a model")
    expect(rows.first.locator(".entry-slot")).to_contain_text("3")
    expect(rows.first.get_by_text("simulated")).to_be_visible()
    expect(page.locator("[data-no-entries]")).to_be_hidden()


def test_figures_and_states_follow_the_run(page, database, run):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    expect(page.get_by_role("button", name="Resume")).to_be_disabled()

    def end():
        Topic.objects.filter(pk=run.topic.pk).stop()
        ended = RunFactory.build(over=True).ended_at
        changes = {"state": "ended", "ended_at": ended, "stop_reason": "target", "unique": 1234}
        Run.objects.filter(pk=run.pk).update(**changes, candidates=2468)

    database(end)
    expect(figure(page, "unique")).to_have_text("1,234")
    expect(figure(page, "novelty")).to_have_text("50.0%")
    expect(page.locator("[data-state]")).to_contain_text("It reached its target.")
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()


def test_a_topic_that_never_started_is_not_said_to_have_no_limit(page, database):
    topic = database(lambda: TopicFactory(target=500))
    sign_in(page, database, admin=True)
    page.goto(f"/topics/{topic.pk}/live/")
    expect(connection(page)).to_have_text("Live")
    no_limit = page.get_by_text("No limit is set")
    expect(no_limit).to_be_hidden()
    database(lambda: RunFactory(topic=topic, number=1))
    expect(no_limit).to_be_visible()


def test_a_simulated_run_says_so_above_all(page, database, run, request_made):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    expect(page.get_by_text("Simulated run.")).to_be_hidden()
    database(lambda: Run.objects.filter(pk=run.pk).update(simulated=True))
    expect(page.get_by_text("Simulated run.")).to_be_visible()


def test_hostile_text_is_shown_as_text(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, f"painted first {HOSTILE}")
    open_live_page(page, run)
    add(database, request_made, f"painted later {HOSTILE}")

    def spoil():
        request = RequestFactory(producer=request_made.producer, provider=ProviderFactory(name=HOSTILE))
        ProducerFactory(run=run, slot=4, detail=HOSTILE, partition=HOSTILE)
        AttributeFactory(request=request, text="by a hostile provider")

    database(spoil)
    expect(page.locator("[data-entries] tr")).to_have_count(3)
    texts = shown(page)
    assert texts == ["by a hostile provider", f"painted later {HOSTILE}", f"painted first {HOSTILE}"]
    expect(page.locator("[data-producers]")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.title() == "Paris attractions | igentai"


def test_a_portal_that_is_killed_loses_and_repeats_nothing(page, database, run, request_made, portal):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    numbers = itertools.count()
    for _ in range(3):
        add(database, request_made, f"Entry {next(numbers)}")
    expect(page.locator("[data-entries] tr")).to_have_count(3)
    portal.kill()
    expect(connection(page)).to_contain_text("Reconnecting")
    expect(page.locator("[data-as-of]")).to_have_text(re.compile(r"as of \d\d:\d\d:\d\d UTC"))
    expect(page.get_by_role("button", name="Stop")).to_be_enabled()
    # More than fits in one page of a replay.
    add_many(database, request_made, [f"Entry {next(numbers)}" for _ in range(600)])
    portal.start()
    for _ in range(20):
        add(database, request_made, f"Entry {next(numbers)}")
    expect(page.locator("[data-entries] tr")).to_have_count(623)
    expect(connection(page)).to_have_text("Live")
    expect(page.locator("[data-as-of]")).to_be_hidden()
    assert shown(page) == [f"Entry {number}" for number in reversed(range(623))]


def test_the_page_keeps_its_newest_thousand_rows(page, database, run, request_made):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    add_many(database, request_made, [f"Entry {number}" for number in range(1300)])
    expect(page.locator("[data-entries] [data-field=text]").first).to_have_text("Entry 1299")
    assert shown(page) == [f"Entry {number}" for number in range(1299, 299, -1)]


def test_a_replaced_list_replaces_the_rows(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "old")
    open_live_page(page, run)
    assert shown(page) == ["old"]

    def replace():
        Attribute.objects.all().delete()
        new = RunFactory(topic=run.topic, number=2)
        AttributeFactory(request=RequestFactory(producer__run=new), text="fresh")

    database(replace)
    expect(page.locator("[data-entries] tr")).to_have_text(re.compile("fresh"))


def test_who_may_only_look_cannot_press_and_is_told_why(page, database, run):
    sign_in(page, database, permissions=["topics.view_topic"])
    open_live_page(page, run)
    for name in ("Start over", "Resume", "Stop"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    expect(page.get_by_text("Your account may not change topics: ask an administrator.")).to_be_visible()


def test_who_may_not_look_is_refused(page, database, run, complaints):
    sign_in(page, database)
    response = page.goto(f"/topics/{run.topic.pk}/live/")
    assert response.status == 403
    expect(page.get_by_role("heading", name="No permission")).to_be_visible()
    assert len(complaints) == 1, complaints
    complaints.clear()  # the browser reports the status itself


def test_starting_over_is_confirmed_first(fresh_portal, page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "Louvre")
    open_live_page(page, run)
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("1 entry")).to_be_visible()
    page.get_by_role("button", name="Start over and replace the list").click()
    expect(page.get_by_text("was asked to start over")).to_be_visible()
    expect(connection(page)).to_have_text("Live")
    assert database(lambda: Topic.objects.get().starts) == 2


def test_stopping(fresh_portal, page, database, run):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-state]")).to_contain_text("Stopping")
    assert not database(lambda: Topic.objects.wanted().exists())


def test_who_signs_out_elsewhere_is_told(page, database, run, complaints):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    other = page.context.new_page()
    other.goto("/admin/")
    other.get_by_role("button", name="Sign out").click()
    expect(connection(page)).to_have_text("Signed out", timeout=12_000)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    # The browser itself reports what the page asked for in between, which is one thing: then it stops asking.
    assert len(complaints) <= 1, complaints
    complaints[:] = [text for text in complaints if "status of 401" not in text]


def test_the_portal_ends_in_good_order_with_pages_open(page, database, run, portal):
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    before = len(portal.log.read_text())
    began = time.monotonic()
    assert portal.stop() == 0
    assert time.monotonic() - began < 1.5
    assert portal.log.read_text()[before:] == ""


def test_whatever_is_lost_repeated_or_late_is_painted_once_and_in_order(page, database, run):
    """The feed against a random connection: it must end with every entry, once, in the order of ids."""
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    faults = page.evaluate(STORM)
    assert faults == []


STORM = """async () => {
  const { Feed } = await import("/static/igentai/feed.js");
  const faults = [];
  for (let seed = 1; seed <= 300; seed++) {
    let state = seed;
    const random = (n) => (state = (state * 48271) % 2147483647) % n;
    let database = [], number = 1, list = 1, polled = 0;
    const feed = new Feed(0, 1);
    const painted = [];
    const wire = [];
    let epoch = 0;
    const ask = () => { const q = feed.ask(); wire.push({ to: "server", epoch, cursor: q.cursor }); };
    const delta = (from, limit, replay) => {
      const rows = database.filter((row) => row.id > from).slice(0, limit);
      const to = rows.length ? rows[rows.length - 1].id : from;
      return { type: "delta", list, from, to, replay, more: replay && rows.length === limit, attributes: rows };
    };
    const poll = (lose) => {
      const text = delta(polled, 100, false);
      polled = text.to;
      if (!lose) wire.push({ to: "page", epoch, text });
    };
    const carry = () => {
      const item = wire.shift();
      if (!item || item.epoch !== epoch) return;
      if (item.to === "server") {
        wire.push({ to: "page", epoch, text: delta(item.cursor, 3, true) });
        return;
      }
      const news = feed.take(item.text);
      if (news.replaced) painted.length = 0;
      painted.push(...news.entries.map((row) => row.id));
      if (news.behind && !feed.waits) ask();
    };
    ask();
    for (let step = 0; step < 150; step++) {
      switch (random(12)) {
        case 0: case 1: case 2: number += 1 + random(3); database.push({ id: number }); break;
        case 3: case 4: poll(false); break;
        case 5: poll(true); break;
        case 6: if (random(6) === 0) { database = []; list += 1; } break;
        case 7: if (random(4) === 0) { epoch += 1; polled = database.length ? number : 0; ask(); } break;
        default: carry();
      }
    }
    poll(false);
    for (let round = 0; round < 200; round++) { carry(); if (round % 20 === 0) poll(false); }
    const wanted = database.map((row) => row.id);
    if (JSON.stringify(painted) !== JSON.stringify(wanted)) faults.push({ seed, painted, wanted });
    if (wire.length > 3) faults.push({ seed, restless: wire.length });
  }
  return faults.slice(0, 3);
}"""
