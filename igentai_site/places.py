"""Where one can go in the portal, in words that people use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and what it is for; `add_url` makes a new one of what it lists."""

    words: str
    url: str
    about: str = ""
    add_url: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    places: tuple[Place, ...]


# The list of a model: its words, and the permission that it wants.
MAIN = (
    ("Topics", "topics", "topic"),
    ("Entries", "topics", "attribute"),
    ("Providers", "producers", "provider"),
    ("Runs", "orchestration", "run"),
)
LIVE_PAGES = "/topics/"

WORK, RECORD, TEAM = "What you work with", "What has happened", "The team"
# What each table is called, what it is for, and where it stands.
TABLES: Mapping[str, tuple[str, str, str]] = {
    "topics.Topic": (WORK, "Topics", "What is explored, with its limits, settings and schedules"),
    "topics.Attribute": (WORK, "Entries", "Everything that was found"),
    "producers.Provider": (WORK, "Providers", "The models that are asked, their keys, prices and health"),
    "orchestration.Run": (RECORD, "Runs", "Each exploration, its cost and why it ended"),
    "orchestration.RunFigures": (RECORD, "Figures", "Runs in figures: by provider, by part of the topic, of late"),
    "orchestration.Request": (RECORD, "Requests", "Every call to a provider, what it cost and brought"),
    "orchestration.Decision": (RECORD, "Decisions", "What the optimiser changed, and why"),
    "producers.Producer": (RECORD, "Producers", "The processes of each run, and their weights"),
    "orchestration.Prompt": (RECORD, "Prompts", "The exact words that were sent"),
    "auth.User": (TEAM, "Members", "Who may sign in"),
    "auth.Group": (TEAM, "Roles", "What members may do"),
    "team.AuditEvent": (TEAM, "Audit log", "Who did what and when, and who came in"),
}


# Pages that list no table: words, page, what it is for, and the permission that it wants, if any.
PAGES = (
    ("My exports", "exports:mine", "Files that you asked for", "topics.view_attribute"),
    ("New export", "exports:new", "The list of a topic as a file", "topics.view_attribute"),
    ("Notifications", "notifications:list", "How runs ended, and what comes by mail", "topics.view_topic"),
    ("API reference", "api-reference", "What programs can ask for, and how", ""),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """For the templates of all pages: error pages, too, show the header."""
    user = getattr(request, "user", None)
    may_enter = user is not None and user.is_active and user.is_staff
    return {
        "has_permission": may_enter,
        "navigation": partial(navigation, request),
        "everywhere": partial(everywhere, request),
    }


def navigation(request: HttpRequest) -> list[Place]:
    """The main places that the user may see; worked out only where a page shows them."""
    home = reverse("admin:index")
    places = [Place("Home", home, is_here=request.path == home)]
    for words, app, model in MAIN:
        if request.user.has_perm(f"{app}.view_{model}") or request.user.has_perm(f"{app}.change_{model}"):
            url = reverse(f"admin:{app}_{model}_changelist")
            live = words == "Topics" and request.path.startswith(LIVE_PAGES)
            places.append(Place(words, url, is_here=live or request.path.startswith(url)))
    return places


def everywhere(request: HttpRequest) -> list[Place]:
    """The main places, and behind them all others that the user may see: each once, with what it is for."""
    places = {place.url: place for place in navigation(request)}
    for section in sections(admin.site.get_app_list(request)):
        places |= {place.url: place for place in section.places}
    return [*places.values(), *_pages(request)]


def _pages(request: HttpRequest) -> list[Place]:
    user = request.user
    allowed = [page for page in PAGES if not page[-1] or user.has_perm(page[-1])]
    pages = [Place(words, reverse(name), about) for words, name, about, _ in allowed]
    if user.is_authenticated and user.has_usable_password():
        pages.append(Place("Change password", reverse("admin:password_change"), "Or sign out everywhere else"))
    return pages


def sections(app_list: Iterable[Mapping[str, Any]]) -> list[Section]:
    """Django's list of apps and models, by what people do with them."""
    found: dict[str, dict[str, Place]] = defaultdict(dict)
    for app in app_list:
        for model in app["models"]:
            name = f"{app['app_label']}.{model['object_name']}"
            heading, words, about = TABLES.get(name, (str(app["name"]), str(model["name"]), ""))
            if model["admin_url"]:
                found[heading][name] = Place(words, model["admin_url"], about, model["add_url"] or "")
    order = [WORK, RECORD, *(heading for heading in found if heading not in (WORK, RECORD, TEAM)), TEAM]
    return [Section(heading, tuple(_in_order(found[heading]))) for heading in order if found.get(heading)]


def _in_order(places: Mapping[str, Place]) -> list[Place]:
    known = [places[name] for name in TABLES if name in places]
    return [*known, *(place for name, place in places.items() if name not in TABLES)]
