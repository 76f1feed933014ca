"""Each page, command, bulk action and socket, asked for by each role: allowed or refused as the table says.

The pages are those of the URLconf: one that is new fails here until tests/rights.py says whose it is.
"""

import re
from functools import cache

import pytest
from channels.routing import URLRouter
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import RequestFactory as Requests
from django.urls import URLResolver, get_resolver, reverse

from igentai_site.team.roles import permissions_of
from orchestration.portal.routing import websocket_urlpatterns
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    ProviderWeightFactory,
    RunFiguresFactory,
    TopicFactory,
    UserFactory,
)
from tests.live import database, session_of, watching
from tests.rights import ANYONE, MEMBERS, OWN, RIGHTS, TOKENS
from topics.models import Topic, TopicPartition
from topics.refusals import ROLES

pytestmark = [pytest.mark.django_db]

OF_A_MODEL = re.compile(r"admin:(?P<model>[a-z0-9_]+_[a-z0-9]+)_(?P<page>changelist|add|change|delete|history)")
ACTIONS = {"changelist": "view", "add": "add", "delete": "delete", "history": "view"}


def names_of_urls(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_of_urls(pattern.url_patterns, inner)
        elif pattern.name or pattern.callback.__name__ != "view":
            yield f"{namespace}{pattern.name or pattern.callback.__name__}", pattern


URLS = dict(names_of_urls(get_resolver().url_patterns))


def model_of(name):
    found = OF_A_MODEL.fullmatch(name)
    if not found or name in RIGHTS:
        return None, ""
    by_name = {f"{each._meta.app_label}_{each._meta.model_name}": each for each in admin.site._registry}
    return by_name.get(found["model"]), found["page"]


def right_of(name, method):
    """What the page asks for; None: nobody has said."""
    model, page = model_of(name)
    if name.startswith("api:") and method == "post":
        return TOKENS
    if model is None:
        return RIGHTS.get(name)
    if model._meta.label in OWN:
        return MEMBERS
    action = ACTIONS.get(page) or ("view" if method == "get" else "change")
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


@cache
def nobody_may(name, method):
    """Whether the page is to look at by its nature, whatever rights one has."""
    model, page = model_of(name)
    if model is None or method == "get":
        return False
    request = Requests().post("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    action = ACTIONS.get(page, "change")
    return not getattr(admin.site._registry[model], f"has_{action}_permission")(request)


@pytest.fixture
def rows():
    attribute = AttributeFactory()
    ProviderWeightFactory(producer=attribute.request.producer, provider=attribute.request.provider)
    RunFiguresFactory(run=attribute.request.run)
    DecisionFactory(run=attribute.request.run)
    TopicPartition.objects.create(topic=attribute.topic, words="A to F")


def address(name):
    model, _ = model_of(name)
    if model is None and name.startswith("admin:auth_user"):
        model = User
    row = model.objects.order_by("pk").last() if model else None
    topic = Topic.objects.earliest("pk")  # others may have been made by a page
    given = {
        "object_id": row.pk if row else 404,
        "id": row.pk if row else 404,
        "topic_id": topic.pk,
        "entry_id": topic.attributes.get().pk,
        "part_id": topic.partitions.get().pk,
        "slot": topic.runs.get().producers.get().slot,
        "provider_id": topic.runs.get().producers.get().weights.get().provider_id,
        "content_type_id": 1,
        "app_label": "topics",
        "command": "stop",
        "name": "stop",
        "kind": "md",
        "wish": "cancel",
        "form": "csv",
        "url": "nowhere",
    }
    wanted = URLS[name].pattern.regex.groupindex if hasattr(URLS[name].pattern, "regex") else {}
    return reverse(name, kwargs={key: given.get(key, 404) for key in wanted})


def answer(client, name, method):
    """Allowed, refused, or neither: what is missing, or asked for in the wrong way, says nothing of rights."""
    response = getattr(client, method)(address(name))
    if response.status_code in (401, 403):
        return "refused"
    to_sign_in = response.status_code == 302 and reverse("admin:login") in response.headers["Location"]
    if to_sign_in and name != "home":
        return "refused"
    missing = response.status_code == 302 and response.headers["Location"] == reverse("admin:index")
    return "neither" if response.status_code in (404, 405) or missing else "allowed"


def wrongly_answered(client, method, may):
    wrong = []
    for name in URLS:
        if RIGHTS.get(name) == ANYONE:
            continue
        right = right_of(name, method)
        expected = "allowed" if may(right) and not nobody_may(name, method) else "refused"
        given = answer(client, name, method)
        if given not in (expected, "neither"):
            wrong.append(f"{method} {name} ({right}): {given}")
    return wrong


def test_each_url_says_whose_it_is():
    unsaid = [name for name in URLS if right_of(name, "get") is None]
    assert not unsaid, f"say in RIGHTS who may do what is at {unsaid}"
    assert not set(RIGHTS) - set(URLS)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["", *ROLES])
def test_each_page_answers_each_role_as_the_table_says(client, rows, role, method):
    client.force_login(UserFactory(role=role))
    UserFactory()  # the last of the members: whose page is asked for
    rights = set(permissions_of(role)) if role else set()
    assert wrongly_answered(client, method, lambda right: right == MEMBERS or right in rights) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_sign_in_first(client, rows, method):
    assert wrongly_answered(client, method, lambda right: False) == []


# Bulk actions


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_offered_the_actions_that_it_may_take(role):
    request = Requests().get("/")
    request.user = UserFactory(role=role)
    rights = set(permissions_of(role))
    for model_admin in admin.site._registry.values():
        offered = set(model_admin.get_actions(request))
        for function, name, _ in model_admin._get_base_actions():  # type: ignore[attr-defined]
            if not model_admin.list_display or model_admin.opts.label == "team.AuditEvent":
                continue
            asked = getattr(function, "allowed_permissions", None)
            assert asked, f"{model_admin.opts.label}: say what permissions the action {name} needs"
            opts = model_admin.opts
            may = opts.label in OWN or any(
                f"{opts.app_label}.{action}_{opts.model_name}" in rights for action in asked
            )
            by_nature = not any(getattr(model_admin, f"has_{action}_permission")(request) for action in asked)
            assert (name in offered) == (may and not by_nature), (opts.label, name)


def test_an_action_that_is_not_offered_is_not_taken(client):
    client.force_login(UserFactory(role="viewer"))
    topic = TopicFactory()
    form = {"action": "resume_selected", "_selected_action": [topic.pk]}
    client.post(reverse("admin:topics_topic_changelist"), form)
    form = {"action": "delete_selected", "_selected_action": [topic.pk], "post": "yes"}
    client.post(reverse("admin:topics_topic_changelist"), form)
    topic.refresh_from_db()
    assert topic.starts == 0


# What is shown


def test_a_viewer_sees_what_it_may_not_do_with_the_reason(client):
    client.force_login(UserFactory(role="viewer"))
    topic = TopicFactory()
    reason = "Your role (viewer) may look only: ask an administrator."
    for page, shown in (
        (reverse("admin:topics_topic_changelist"), ("Add topic", "Resume", "Stop", "Delete selected topics")),
        (
            reverse("admin:topics_topic_change", args=[topic.pk]),
            ("Start", "Pause", "Resume", "Stop", "Duplicate", "Save"),
        ),
        (reverse("admin:producers_provider_changelist"), ("Add provider",)),
        (reverse("portal:live", args=[topic.pk]), ("Start", "Resume")),
    ):
        html = client.get(page).content.decode()
        for label in shown:
            assert re.search(rf'disabled title="{re.escape(reason)}">{label}', html), (page, label)


def test_an_operator_is_refused_only_what_others_may(client):
    client.force_login(UserFactory(role="operator"))
    topic = TopicFactory()
    html = client.get(reverse("admin:topics_topic_change", args=[topic.pk])).content.decode()
    reason = "Your role (operator) may not delete topics: ask an administrator."
    # What else is disabled is so for everybody, as the topic is now.
    assert re.findall(r'disabled title="(Your[^"]*)">(\w+)', html) == [(reason, "Delete")]
    # Nobody adds runs, so there is nobody to ask for it.
    assert "refused" not in client.get(reverse("admin:orchestration_run_changelist")).content.decode()


@pytest.mark.parametrize(
    ("page", "role", "reason", "permission"),
    [
        ("admin:topics_topic_add", "viewer", "Your role (viewer) may look only", "topics.add_topic"),
        ("admin:auth_user_changelist", "operator", "Your role (operator) may not see members", "auth.view_user"),
        ("admin:team_auditevent_changelist", "operator", "may not see the audit log", "team.view_auditevent"),
    ],
)
def test_a_refusal_says_which_right_is_missing_and_whom_to_ask(client, page, role, reason, permission):
    client.force_login(UserFactory(role=role))
    response = client.get(reverse(page))
    html = response.content.decode()
    assert (response.status_code, reason in html, f"<code>{permission}</code>" in html) == (403, True, True)
    assert "ask an administrator" in html


def test_a_program_is_told_in_its_own_format(client):
    client.force_login(UserFactory(role="viewer"))
    topic = TopicFactory()
    response = client.post(reverse("portal:command", args=[topic.pk, "stop"]), headers={"accept": "application/json"})
    assert response.status_code == 403
    assert response.json() == {
        "detail": "Your role (viewer) may look only: ask an administrator.",
        "permission": "topics.change_topic",
    }
    client.logout()
    response = client.get(reverse("portal:news", args=[topic.pk]), headers={"accept": "application/json"})
    assert (response.status_code, response.json()) == (401, {"detail": "Sign in first."})


# Sockets


def test_each_socket_is_tested_here():
    """One that is new needs a test like the one below."""
    paths = [str(route.pattern) for route in URLRouter(websocket_urlpatterns).routes]
    assert paths == ["ws/topics/<int:topic_id>/", ""]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["", *ROLES])
async def test_each_role_may_open_a_live_page_that_may_see_topics(role):
    topic = await database(TopicFactory)
    session = await database(lambda: session_of(UserFactory(role=role)))
    async with watching(topic, session) as viewer:
        if "topics.view_topic" in (permissions_of(role) if role else ()):
            assert (await viewer.next())["type"] == "delta"
        else:
            assert await viewer.closed() == 4403


def test_the_groups_are_there_after_a_flush():
    assert set(ROLES) <= set(Group.objects.values_list("name", flat=True))
