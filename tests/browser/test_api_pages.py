"""Making a token and reading what the API can do, in a real browser: without a script, for everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from igentai_site.api.models import ApiToken
from tests.factories import UserFactory
from tests.live import session_of

# Django's breadcrumbs are the theme's matter.
WHOLE_PAGE = {"exclude": [["div.breadcrumbs"]]}
THEMES = ("light", "dark")


@pytest.fixture
def member(database, page, portal):
    member = database(UserFactory, permissions=["topics.view_topic"])
    page.context.add_cookies([{"name": "sessionid", "value": database(session_of, member), "url": portal.url}])
    return member


@pytest.fixture
def foreign(page, portal):
    """Requests to other hosts."""
    found = []
    page.on("request", lambda request: None if request.url.startswith(portal.url) else found.append(request.url))
    return found


def serious(page, address):
    """What axe finds, in both themes. Each is loaded anew, as a change of theme fades in."""
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        violations = Axe().run(page, context=WHOLE_PAGE).response["violations"]
        grave = [each for each in violations if each["impact"] in ("serious", "critical")]
        found += [(theme, each["id"], [node["html"] for node in each["nodes"]]) for each in grave]
    return found


def is_as_wide_as_a_telephone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    fits = page.evaluate("document.documentElement.scrollWidth <= 390")
    page.set_viewport_size({"width": 1280, "height": 800})
    return fits


def test_a_token_is_made_used_and_revoked(page, portal, fresh_portal, member, database, foreign, complaints):
    def look():
        assert is_as_wide_as_a_telephone(page), page.url

    page.goto("/admin/api/apitoken/")
    look()
    page.get_by_role("link", name="make the first").click()
    look()
    page.get_by_label("Name").fill("<b>nightly</b>")
    page.keyboard.press("Enter")
    secret = page.get_by_label("The token “<b>nightly</b>”").input_value()
    look()
    answer = page.request.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["user"] == member.username
    page.get_by_role("link", name="What the API can do").click()
    page.get_by_role("heading", name="Start over a topic").wait_for()
    look()
    description = page.get_by_role("link", name="an OpenAPI description").get_attribute("href")
    assert page.request.get(description).json()["info"]["title"] == "igentai"
    page.goto("/admin/api/apitoken/")
    page.get_by_role("link", name="<b>nightly</b>").click()
    page.get_by_role("link", name="Revoke").click()
    look()
    page.get_by_role("button", name="Revoke it").click()
    page.get_by_text("There is none yet").wait_for()
    assert not database(ApiToken.objects.exists)
    assert foreign == []
    assert complaints == []

    # Last, as axe itself sets styles that the policy refuses.
    for address in ("/admin/api/apitoken/", "/admin/api/apitoken/add/", "/api/v1/docs/"):
        assert serious(page, address) == [], address
    complaints.clear()
