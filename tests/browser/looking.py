"""What every page of the admin must be: accessible, quiet in the console, and no wider than the screen."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

GRAVE = ("serious", "critical")
# Loading the style sheets again would be axe's own breach of the content security policy.
OPTIONS = {"preload": False, "resultTypes": ["violations"]}
# What depends on the theme.
COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}

PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def faults_of(page: Any, options: dict[str, Any] = OPTIONS) -> list[str]:
    """What axe finds serious or critical, each with the first place where it is."""
    page.evaluate(PAINTED)
    found = Axe().run(page, options=options).response["violations"]
    return [f"{page.url}: {each['id']} {each['nodes'][0]['target']}" for each in found if each["impact"] in GRAVE]


def is_wider_than_the_screen(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
