"""What tests of the live page share: signing in, opening it, adding entries."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.factories import AttributeFactory, UserFactory
from tests.live import session_of
from topics.models import Attribute

# What a page must show as text.
HOSTILE = "<img src=x onerror=document.title='taken'>"


def sign_in(page: Page, database: Any, **user: Any) -> None:
    session = database(lambda: session_of(UserFactory(**user)))
    page.context.add_cookies([{"name": "sessionid", "value": session, "domain": "127.0.0.1", "path": "/"}])


def open_live_page(page: Page, run: Any, query: str = "", words: str = "Live") -> None:
    page.goto(f"/topics/{run.topic.pk}/live/{query}")
    expect(connection(page)).to_have_text(words)


def connection(page: Page) -> Any:
    return page.locator("[data-connection-words]")


def rows(page: Page) -> Any:
    return page.locator("[data-entries] tr")


def shown(page: Page) -> list[str]:
    return page.locator("[data-entries] [data-field=text]").all_inner_texts()


def figure(page: Page, name: str) -> Any:
    return page.locator(f"[data-figure={name}]")


def add(database: Any, request_made: Any, *texts: str) -> None:
    database(lambda: [AttributeFactory(request=request_made, text=text) for text in texts])


def add_many(database: Any, request_made: Any, texts: list[str]) -> None:
    built = [AttributeFactory.build(request=request_made, text=text) for text in texts]
    database(lambda: Attribute.objects.bulk_create(built))
