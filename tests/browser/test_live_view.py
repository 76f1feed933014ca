"""What one does with the live page: pause it, hide it, search it, walk through it, lose its WebSocket."""

from typing import Any

import pytest
from playwright.sync_api import expect

from orchestration.models import Run
from tests.browser.live import add, add_many, connection, figure, open_live_page, rows, shown, sign_in
from tests.factories import AttributeFactory, ProducerFactory, RequestFactory, ReviewFactory
from topics.models import Attribute, Review
from topics.reviews import raise_reviews

pytestmark = [pytest.mark.django_db(transaction=True)]

SET_VISIBILITY = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_pausing_the_view_stops_the_painting_and_not_the_topic(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "first")
    open_live_page(page, run)
    page.keyboard.press("p")
    expect(connection(page)).to_have_text("View paused")
    add(database, request_made, "second", "third")
    database(lambda: Run.objects.filter(pk=run.pk).update(unique=3, candidates=3))
    show = page.get_by_role("button", name="2 new — show")
    expect(show).to_be_visible()
    assert shown(page) == ["first"]
    expect(figure(page, "unique")).to_have_text("0")
    show.click()
    assert shown(page) == ["third", "second", "first"]
    expect(show).to_be_hidden()
    expect(connection(page)).to_have_text("View paused")
    # It survives navigation, and a topic is paused with other words, elsewhere.
    open_live_page(page, run, words="View paused")
    add(database, request_made, "fourth")
    expect(page.get_by_role("button", name="1 new — show")).to_be_visible()
    assert len(shown(page)) == 3
    # Whoever searches is shown all there is, and what was shown is not shown again.
    page.get_by_label("Search").fill("fourth")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="Clear").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Go on with the view").click()
    expect(connection(page)).to_have_text("Live")
    expect(rows(page)).to_have_count(4)
    assert database(lambda: Run.objects.get().state) == "running"


def test_what_people_say_of_entries_is_shown_and_follows(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "Louvre", "Orsay", "Tour Eifel")
    louvre, orsay, tour = database(lambda: list(Attribute.objects.order_by("id")))
    say(database, orsay, verdict="rejected")
    open_live_page(page, run)
    expect(row_of(page, orsay).locator(".reviewed")).to_have_text("Rejected")
    expect(row_of(page, louvre).locator(".reviewed")).to_be_hidden()
    say(database, tour, verdict="accepted", text="Tour Eiffel")
    say(database, orsay, verdict="")
    expect(row_of(page, tour)).to_contain_text("Tour Eiffel Accepted, Corrected found as Tour Eifel")
    expect(row_of(page, orsay).locator(".reviewed")).to_be_hidden()
    # Both spellings are found, and what is found is marked as before.
    for words in ("eiffel", "eifel"):
        page.get_by_label("Search").fill(words)
        expect(rows(page)).to_have_count(1)
        expect(row_of(page, tour)).to_have_attribute("data-verdict", "accepted")
    say(database, tour, verdict="", text="")
    expect(row_of(page, tour).locator("[data-field=text]")).to_have_text("Tour Eifel")


def test_the_ways_to_other_pages_keep_what_is_wanted(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "Orsay", "Louvre")
    open_live_page(page, run)
    expect(page.get_by_role("link", name="Browse all entries")).to_be_visible()
    page.get_by_label("Search").fill("ors")
    page.locator("[data-producer-choice]").select_option("3")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="Export all that match").click()
    expect(page.locator(".conditions li")).to_have_text(["text contains “ors”", "found by producer 3"])
    page.go_back()
    page.get_by_role("link", name="Browse all that match").click()
    expect(page.locator("[data-entry]")).to_have_count(1)


def row_of(page, entry):
    return page.locator(f"[data-entry='{entry.pk}']")


def say(database, entry, **said):
    def write():
        Review.objects.filter(key=entry.key).delete()
        ReviewFactory(attribute=entry, **said)
        raise_reviews([entry.topic_id])

    database(write)


def test_keys_move_about_and_do_nothing_while_one_types(page, database, run, request_made):
    sign_in(page, database, admin=True)
    add(database, request_made, "Orsay", "Louvre")
    open_live_page(page, run)
    page.keyboard.press("j")
    expect(rows(page).nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows(page).nth(0)).to_be_focused()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    expect(sheet).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("/")
    search = page.get_by_label("Search")
    expect(search).to_be_focused()
    page.keyboard.type("jkp?")
    expect(search).to_have_value("jkp?")
    expect(page.get_by_text("No entry matches this filter.")).to_be_visible()
    expect(connection(page)).to_have_text("Live")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(connection(page)).to_have_text("View paused")


def test_filters_are_in_the_address_and_hold_for_what_arrives(page, database, run, request_made):
    sign_in(page, database, admin=True)
    other = database(lambda: RequestFactory(producer=ProducerFactory(run=run, slot=4), provider__name="other"))
    add(database, request_made, "Musée d'Orsay", "Louvre")
    add(database, other, "Musée Rodin")
    open_live_page(page, run)
    page.get_by_label("Search").fill("MUSEE")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("combobox", name="Producer", exact=True).first.select_option("3")
    expect(rows(page)).to_have_count(1)
    assert "q=MUSEE" in page.url
    assert "producer=3" in page.url
    add(database, other, "Musée Picasso")
    add(database, request_made, "Panthéon", "Un musée")
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(connection(page)).to_have_text("Live")
    assert shown(page) == ["Un musée", "Musée d'Orsay"]
    add(database, request_made, "Panthéon 2", "Le MUSÉE")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="Clear").click()
    expect(rows(page)).to_have_count(8)
    assert page.url.endswith("/live/")
    expect(page.get_by_label("Search")).to_have_value("")


def test_a_hidden_page_neither_paints_nor_asks_and_catches_up(page, database, run, request_made):
    sign_in(page, database, admin=True)
    sockets: list[Any] = []
    asked: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    page.clock.install()
    open_live_page(page, run)
    with sockets[0].expect_event("close"):
        page.evaluate(SET_VISIBILITY, "hidden")
    page.on("request", lambda request: asked.append(request.url))
    add(database, request_made, "seen later")
    # Charts, polling and reconnections would all be due by then.
    page.clock.fast_forward(60_000)
    assert (shown(page), asked, len(sockets)) == ([], [], 1)
    page.evaluate(SET_VISIBILITY, "visible")
    expect(rows(page)).to_have_count(1)
    expect(connection(page)).to_have_text("Live")


def test_without_websockets_the_page_asks_by_itself(page, database, run, request_made):
    sign_in(page, database, admin=True)
    blocked = [True]
    page.route_web_socket("**/ws/**", lambda ws: ws.close() if blocked[0] else ws.connect_to_server())
    page.goto(f"/topics/{run.topic.pk}/live/")
    expect(connection(page)).to_have_text("Polling")
    add_many(database, request_made, [f"Entry {number}" for number in range(700)])
    expect(rows(page)).to_have_count(700)
    add(database, request_made, "Entry 700")
    expect(rows(page)).to_have_count(701)
    assert shown(page) == [f"Entry {number}" for number in reversed(range(701))]
    blocked[0] = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(connection(page)).to_have_text("Live")
    add(database, request_made, "Entry 701")
    expect(rows(page)).to_have_count(702)


def test_five_thousand_entries_in_a_burst_leave_the_page_usable(page, database, run, request_made, portal):
    """They arrive many times faster than in a minute; then more than can be shown one by one, while it is away."""
    sign_in(page, database, admin=True)
    open_live_page(page, run)
    for start in range(0, 5_000, 250):
        add_many(database, request_made, [f"Entry {number}" for number in range(start, start + 250)])
        if start % 1_000 == 0:
            page.keyboard.press("?")
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("Escape")
    expect(rows(page).first).to_contain_text("Entry 4999")
    assert shown(page) == [f"Entry {number}" for number in range(4_999, 3_999, -1)]
    portal.kill()
    expect(connection(page)).to_contain_text("Reconnecting")
    add_many(database, request_made, [f"Late {number}" for number in range(2_600)])
    portal.start()
    expect(rows(page).first).to_contain_text("Late 2599")
    expect(connection(page)).to_have_text("Live")
    assert shown(page) == [f"Late {number}" for number in range(2_599, 2_099, -1)]
    database(lambda: AttributeFactory(request=request_made, text="Afterwards"))
    expect(rows(page).first).to_contain_text("Afterwards")
