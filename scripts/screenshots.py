"""Takes the README's pictures: a fresh database, the real engine, a short run of the simulated providers.

Nothing of this installation is touched: database and outputs are in a temporary folder, the port is a free one.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT))

SIZE = {"width": 1280, "height": 860}
SCALE = 1.5
MOST_BYTES = 150 * 1024
QUALITIES = (85, 75, 65, 50)
PATIENCE = 120.0
# Worlds of real data, so that no made-up entry is in a picture: one that is over, one under way.
OVER, UNDER_WAY = "Countries", "Regions of the world"
ENOUGH_ENTRIES = 1200


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="igentai-pictures-") as folder:
        os.environ.update(environment(Path(folder)))
        os.environ["HOME"] = folder  # the browser's profile
        session = prepare()
        with engine(Path(folder)) as port:
            take_all(f"http://127.0.0.1:{port}", session)
    return 0


def environment(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "igentai_site.settings",
        "IGENTAI_DISCOVERY": "0",
        "IGENTAI_DAILY_CAP_USD": "5",
    }


def prepare() -> str:
    """A database with a member and two topics that are to run; returns the member's session."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from orchestration.choosing import simulated_providers
    from topics.models import Topic

    call_command("migrate", interactive=False, verbosity=0)
    member = get_user_model().objects.create_superuser("ada")
    simulated_providers()
    Topic.objects.create(name=OVER, target=150)
    Topic.objects.create(name=UNDER_WAY, target=4000, budget_usd=2)
    Topic.objects.all().start_over()  # type: ignore[attr-defined]
    client = Client()
    client.force_login(member)
    return client.cookies["sessionid"].value


@contextmanager
def engine(folder: Path) -> Iterator[int]:
    """The engine and its portal; ended in good order."""
    from tests.browser.portal import free_port

    port = free_port()
    command = [sys.executable, "manage.py", "run_orchestrator", "-n", "3", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--outputs", str(folder / "outputs")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def take_all(url: str, session: str) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.portal import ARGUMENTS, DatabaseThread, browser_executable

    database = DatabaseThread()
    topic = database(wait_until, run_is_worth_a_picture)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_executable(), args=ARGUMENTS)
        context = browser.new_context(viewport=SIZE, device_scale_factor=SCALE, color_scheme="light", base_url=url)
        cookies = {"sessionid": session, "igentai_first_steps": "taken"}
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        for name, path in (("home", "/admin/"), ("live", f"/topics/{topic}/live/")):
            page.goto(path)
            page.get_by_text("Live", exact=True).first.wait_for()
            write(page, IMAGES / f"{name}.webp")
        browser.close()
    database.close()


def run_is_worth_a_picture() -> int | None:
    """The topic under way, as soon as it has many entries and the other one is over."""
    from orchestration.models import Run

    over = Run.objects.filter(topic__name=OVER, ended_at__isnull=False).exists()
    run = Run.objects.filter(topic__name=UNDER_WAY, unique__gte=ENOUGH_ENTRIES).first()
    return run.topic_id if over and run is not None else None


def wait_until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (result := found()):
        if time.monotonic() > deadline:
            raise SystemExit(f"screenshots: the run did not come this far within {PATIENCE:g} s")
        time.sleep(0.2)
    return result


def write(page: Any, path: Path) -> None:
    """As WebP, which the browser makes itself, in the best quality that is small enough."""
    devtools = page.context.new_cdp_session(page)
    for quality in QUALITIES:
        taken = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(taken["data"])
        if len(picture) <= MOST_BYTES:
            break
    path.write_bytes(picture)
    print(f"{path.relative_to(ROOT)}: {len(picture) // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
