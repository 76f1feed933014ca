"""The palette of Ctrl-K: which pages it lists to whom, and which topics it finds."""

import pytest
from django.urls import reverse

from tests.browser.live import HOSTILE
from tests.factories import TopicFactory, UserFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

URL = "/admin/palette/"


@pytest.fixture
def viewer(client):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    return client


def found(client, typed):
    return [topic["name"] for topic in client.get(URL, {"q": typed}).json()["topics"]]


def test_a_topic_leads_to_its_live_page_and_its_form(viewer):
    topic = TopicFactory(name="Paris attractions")
    assert viewer.get(URL, {"q": " paris  ATTR"}).json() == {
        "topics": [
            {
                "name": "Paris attractions",
                "live": reverse("portal:live", args=[topic.pk]),
                "form": reverse("admin:topics_topic_change", args=[topic.pk]),
            }
        ]
    }


@pytest.mark.parametrize("typed", ["École", "école", "ÉCOLE", "ol"])
def test_topics_are_found_whatever_the_case(viewer, typed):
    TopicFactory(name="École de Nancy")
    assert found(viewer, typed) == ["École de Nancy"]


def test_what_is_typed_is_no_pattern(viewer):
    for name in (r"a.b*(c)[d]\e%_^$|{1}?+#-&~ f", "abbcd", HOSTILE):
        TopicFactory(name=name)
    assert found(viewer, r"a.b*(c)[d]\e%_^$|{1}?+#-&~ f") == [r"a.b*(c)[d]\e%_^$|{1}?+#-&~ f"]
    assert found(viewer, ".*") == []
    assert found(viewer, "<IMG src=x") == [HOSTILE]
    assert found(viewer, "ab\0b") == ["abbcd"]


@pytest.mark.parametrize("typed", ["", "  ", "\0", "(" * 100_000, "nothing like it"])
def test_nothing_is_found_by_nothing(viewer, typed):
    TopicFactory(name="Paris attractions")
    assert found(viewer, typed) == []


def test_ten_topics_are_shown_with_one_query_and_a_full_name_is_among_them(viewer, django_assert_max_num_queries):
    for number in range(15):
        TopicFactory(name=f"A bridge and number {number}")
    TopicFactory(name="Bridge")
    with django_assert_max_num_queries(5):  # with those for the session, the member and the rights
        names = found(viewer, "bridge")
    assert len(names) == 10
    assert names[0] == "Bridge"


def test_answers_are_never_kept(viewer):
    assert "no-store" in viewer.get(URL).headers["Cache-Control"]


def test_it_only_answers_questions(viewer):
    assert viewer.post(URL, {"q": "paris"}).status_code == 405


def test_who_may_not_see_topics_is_refused_them_and_not_led_there(client):
    client.force_login(UserFactory(permissions=["producers.view_provider"]))
    assert client.get(URL, {"q": "paris"}).status_code == 403
    page = client.get("/admin/producers/provider/").content.decode()
    palette = page.partition('<dialog id="palette"')[2].partition("</dialog>")[0]
    assert "data-topics" not in palette
    assert 'href="/admin/producers/provider/"' in palette
    assert "/admin/topics/" not in palette


def test_who_has_not_signed_in_has_no_palette(client):
    assert 'id="palette"' not in client.get("/admin/login/").content.decode()
    assert client.get(URL).status_code in (302, 401, 403)


@pytest.mark.parametrize("url", ["/admin/", "/admin/topics/attribute/", "/exports/", "/notifications/", "/nowhere/"])
def test_each_page_lists_every_place_once(admin_client, url):
    page = admin_client.get(url).content.decode()
    palette = page.partition('<dialog id="palette"')[2].partition("</dialog>")[0]
    for place in ("/admin/", "/admin/topics/topic/", "/admin/orchestration/decision/", "/admin/auth/user/"):
        assert palette.count(f'href="{place}"') == 1


def palette_of(client):
    page = client.get("/admin/").content.decode()
    return page.partition('<dialog id="palette"')[2].partition("</dialog>")[0].lower()


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("export", "/exports/"),
        ("password", "/admin/password_change/"),
        ("sched", "/admin/topics/topic/"),
        ("notif", "/notifications/"),
        ("api", "/api/v1/docs/"),
    ],
)
def test_a_page_that_lists_no_table_is_found_by_its_words(admin_client, typed, url):
    links = palette_of(admin_client).split("<a ")[1:]
    assert any(f'href="{url}"' in link and typed in link.partition(">")[2] for link in links)


def test_who_may_see_nothing_is_led_to_no_page_of_others(client):
    client.force_login(UserFactory(permissions=["producers.view_provider"]))
    palette = palette_of(client)
    assert 'href="/admin/password_change/"' in palette
    assert 'href="/exports/"' not in palette
    assert 'href="/notifications/"' not in palette
