"""`manage.py run_orchestrator`: the engine, with the portal as its supervised child; or one topic in batch mode."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console

from orchestration import onboarding
from orchestration.batch import BadTopic, BatchTopic, prepare_topic
from orchestration.choosing import BadSpec
from orchestration.clusters import missing_for_clusters
from orchestration.lease import LeaseHeld, LeaseLost, require_free
from orchestration.logic.lifecycle import Limits, StopReason
from orchestration.logic.report import summary_of_nothing
from orchestration.portal_address import add_portal_arguments, port, portal_of, portal_port, portal_url
from orchestration.runtime.engine import Engine, Options
from orchestration.runtime.terminal import closing_words, plain, show
from topics.models import Optimise, Partition, Routing

FAILED, WRONG_ARGUMENTS = 1, 2
MOST_PRODUCERS = 64
BATCH_ONLY = (
    "prompt", "provider", "rate", "routing", "partition", "optimise", "iterations", "request_size", "target",
    "budget", "minutes", "coverage", "price", "resume", "json",
)  # fmt: skip


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def producer_count(text: str) -> int:
    number = positive(text)
    if number > MOST_PRODUCERS:
        raise argparse.ArgumentTypeError(f"must be {MOST_PRODUCERS} or less")
    return number


def amount(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0:
        raise argparse.ArgumentTypeError("must be an amount in USD, more than 0")
    return value


def minutes(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def share(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 1")
    return number


def address(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError("is given as HOST:PORT")
    return host.strip("[]"), port(number)


class Command(BaseCommand):
    help = "Runs the engine and the portal; with --topic explores that topic and exits when it is done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-n", "--producers", type=producer_count, default=5, help="producers per topic (5)")
        add_portal_arguments(parser)
        parser.add_argument("--outputs", type=Path, default=settings.IGENTAI_OUTPUTS, help="where files go")
        parser.add_argument("--link", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT")
        batch = parser.add_argument_group("batch mode: explore one topic and exit")
        batch.add_argument("--topic", help="the topic to explore")
        batch.add_argument("--prompt", help="the initial prompt")
        batch.add_argument("--provider", action="append", metavar="SPEC", help="NAME or KIND:MODEL[=WEIGHT]")
        batch.add_argument("--rate", action="append", metavar="SPEC=IN/OUT", help="USD per million tokens")
        batch.add_argument("--routing", choices=Routing.values)
        batch.add_argument("--partition", choices=Partition.values)
        batch.add_argument("--optimise", choices=Optimise.values)
        batch.add_argument("--iterations", type=positive, help="requests per producer")
        batch.add_argument("--request-size", type=positive, help="entries asked for in a request (60)")
        batch.add_argument("--target", type=positive, help="stop at this many entries")
        batch.add_argument("--budget", type=amount, metavar="USD")
        batch.add_argument("--minutes", type=minutes)
        batch.add_argument("--coverage", type=share, metavar="SHARE", help="stop at this share found, 0 to 1")
        batch.add_argument("--price", type=amount, metavar="USD", help="stop when the next 100 entries cost more")
        batch.add_argument("--resume", action="store_true", help="continue an earlier list of this topic")
        batch.add_argument("--json", action="store_true", help="the closing summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        # Until the engine listens to signals: stop before anything has begun, which is good order, too.
        _on_signals(lambda number, frame: sys.exit(0))
        try:
            _require_migrations()
            require_free()  # before anything is said or tried: the port, too, may be that engine's
        except DatabaseError as error:
            raise CommandError(f"the database cannot be used: {error}", returncode=FAILED) from error
        except LeaseHeld as error:
            raise _running_already(error) from error
        _require_writable(options["outputs"])
        in_batch = options["topic"] is not None
        number = portal_port(options["port"], in_batch=in_batch)
        if number:
            _require_free_port(options["bind"], number)
        engine = Engine(
            Options(
                producers=options["producers"],
                outputs=options["outputs"].resolve(),
                bind=options["bind"],
                port=number,
                link_host=options["link"][0],
                link_port=options["link"][1],
                batch=(lambda: prepare_topic(_batch_topic(options))) if in_batch else None,
            )
        )
        console = Console(stderr=options["json"])
        if not options["provider"]:  # who names providers needs no others
            _bring_up_providers(console)
        if number:
            url = portal_url(options["bind"], number)
            console.print(f"The portal: {url} (in a moment)", soft_wrap=True, highlight=False)
        _run(engine, console)
        if not in_batch:
            console.print("Stopped in good order. The next start goes on from here.")
        if in_batch:
            self._conclude(engine, options["topic"], as_json=options["json"])

    def _conclude(self, engine: Engine, topic: str, *, as_json: bool) -> None:
        summary = engine.summary or summary_of_nothing(topic)
        if as_json:
            self.stdout.write(json.dumps(summary, ensure_ascii=True))
        else:
            self.stdout.write(closing_words(summary, engine.options.outputs, list_kept=engine.list_kept))
        if StopReason(summary["stop_reason"]).is_failure:
            raise CommandError(f"the run failed: {summary['stop_detail']}", returncode=FAILED)
        if trouble := engine.unfinished or summary["files_trouble"]:
            raise CommandError(trouble, returncode=FAILED)


def _check(options: dict[str, Any]) -> None:
    """Refuse what cannot be done, before anything is touched."""
    if options["partition"] == Partition.SEMANTIC and (missing := missing_for_clusters()):
        raise CommandError(f"--partition semantic: {missing}", returncode=WRONG_ARGUMENTS)
    for text in (options["topic"], options["prompt"], *(options["provider"] or ()), *(options["rate"] or ())):
        if text is not None and not _is_unicode(text):
            raise CommandError(f"{text!r} is not valid UTF-8", returncode=WRONG_ARGUMENTS)
    if options["topic"] is None:
        given = [name for name in BATCH_ONLY if options[name] not in (None, False)]
        if given:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise CommandError(
                f"{flags}: only with --topic; topics of the portal have their own settings",
                returncode=WRONG_ARGUMENTS,
            )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _batch_topic(options: dict[str, Any]) -> BatchTopic:
    return BatchTopic(
        name=options["topic"],
        limits=Limits(
            options["target"],
            options["budget"],
            options["minutes"],
            options["iterations"],
            options["coverage"],
            options["price"],
        ),
        prompt=options["prompt"],
        providers=options["provider"] or (),
        rates=options["rate"] or (),
        routing=options["routing"],
        partition=options["partition"],
        optimise=options["optimise"],
        request_size=options["request_size"],
        resume=options["resume"],
    )


def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if connection.vendor != "sqlite":
        raise CommandError("the database is not up to date: run manage.py migrate", returncode=FAILED)
    call_command("migrate", interactive=False, verbosity=0)  # the embedded default needs no ceremony


def _require_writable(outputs: Path) -> None:
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=outputs):
            pass
    except OSError as error:
        raise CommandError(f"cannot write to {outputs}: {error.strerror}", returncode=FAILED) from error


def _bring_up_providers(console: Console) -> None:
    try:
        for provider in onboarding.bring_up(os.environ):
            console.print(f"A new provider: {plain(provider.name)}", soft_wrap=True, highlight=False, markup=False)
    except DatabaseError as error:
        raise CommandError(f"the database cannot be used: {error}", returncode=FAILED) from error


def _require_free_port(bind: str, number: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    try:
        with socket.create_server((bind, number), family=family):
            pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CommandError(
            f"the portal cannot listen on {bind}:{number} ({reason}): choose another with --port",
            returncode=FAILED,
        ) from error


def _run(engine: Engine, console: Console) -> None:
    try:
        asyncio.run(_run_until_stopped(engine, console))
        _on_signals(signal.SIG_IGN)  # what is left is to say how it went
    except (BadTopic, BadSpec) as error:
        raise CommandError(str(error), returncode=WRONG_ARGUMENTS) from error
    except LeaseHeld as error:
        raise _running_already(error) from error
    except LeaseLost as error:
        raise CommandError(str(error), returncode=FAILED) from error
    except OSError as error:
        raise CommandError(f"the engine cannot run: {error}", returncode=FAILED) from error
    except DatabaseError as error:
        raise CommandError(f"the database cannot be used: {error}", returncode=FAILED) from error


def _running_already(error: LeaseHeld) -> CommandError:
    portal = portal_of(error.owner)
    where = f"{error}, with its portal at {portal}" if portal else str(error)
    return CommandError(f"{where}; stop it first, or start the topic in its portal", returncode=FAILED)


def _on_signals(action: signal.Handlers | Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, action)


async def _run_until_stopped(engine: Engine, console: Console) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, engine.stop)
    display = asyncio.create_task(show(console, engine.views))
    try:
        await engine.run()
    finally:
        display.cancel()
        await asyncio.gather(display, return_exceptions=True)
