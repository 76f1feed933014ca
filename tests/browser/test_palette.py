"""The palette of Ctrl-K in a real browser: by keyboard alone, to a topic whose name would break a careless page."""

import pytest
from playwright.sync_api import expect

from tests.browser.live import HOSTILE, sign_in
from tests.browser.looking import COLOURS, faults_of, is_wider_than_the_screen

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hostile_topic(database, run):
    def rename():
        run.topic.name = f"Bridges {HOSTILE} {'long' * 30}"
        run.topic.save()
        return run.topic

    return database(rename)


def test_one_goes_to_a_topic_by_keyboard(page, database, hostile_topic):
    page.emulate_media(reduced_motion="reduce")  # colours that are still changing are none
    sign_in(page, database, admin=True)
    page.goto("/admin/topics/topic/")
    search = page.locator("#searchbar")
    search.focus()
    page.keyboard.press("Control+k")
    palette, typed = page.get_by_role("dialog"), page.get_by_role("combobox", name="Go to a page or a topic")
    expect(typed).to_be_focused()
    options = palette.get_by_role("option")
    chosen = palette.get_by_role("option", selected=True)
    expect(chosen).to_have_text("Home")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_text("Home")
    page.keyboard.type("role")
    expect(chosen).to_contain_text("Roles")
    expect(palette.get_by_role("status")).to_have_text("1 found")
    typed.fill("no such place")
    expect(options).to_have_count(0)
    typed.fill("")
    expect(chosen).to_have_text("Home")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(search).to_be_focused()

    page.keyboard.press("Meta+k")
    page.keyboard.type("bridges <IMG")
    expect(chosen).to_contain_text(f"Bridges {HOSTILE}")
    expect(typed).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    faults = faults_of(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    faults += faults_of(page, COLOURS)
    assert not faults, "\n".join(faults)
    assert not is_wider_than_the_screen(page)
    assert page.locator("img[src=x]").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/topics/{hostile_topic.pk}/live/")

    page.get_by_role("button", name="Go to a page or a topic").click()
    page.keyboard.type("no such place")
    expect(palette.get_by_role("status")).to_have_text("Nothing has such a name.")
    page.context.clear_cookies()
    page.keyboard.type("s")
    expect(palette.get_by_role("status")).to_contain_text("Are you still signed in?")
    page.keyboard.press("Control+k")
    expect(palette).to_be_hidden()
