"""`manage.py providers`: which models there are, what comes up by itself, and whether one works."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from orchestration.choosing import simulated_providers
from orchestration.onboarding import LOCAL_SERVERS, SWITCH, LocalServer, bring_up, is_switched_off
from orchestration.prices import rates_of
from orchestration.probing import lines_of, probe
from orchestration.provider_facts import health_of, health_words, key_of, price_words, printable
from producers.models import Provider
from producers.providers.vendors import VENDORS

FAILED, WRONG_ARGUMENTS = 1, 2
HEADINGS = ("NAME", "KIND", "MODEL", "KEY", "USD PER M TOKENS", "HEALTH", "ENABLED", "WEIGHT")
WIDEST = (40, 12, 40, 60, 30, 80, 7, 6)
HOW_TO_ADD = (
    f"set {' or '.join(vendor.key_variable for vendor in VENDORS.values())}, or start a local server such as Ollama; "
    "then run `manage.py providers discover`"
)
NONE_REAL = (
    "No real provider is configured. To have one, {how}.\n"
    "Until then topics use the simulated ones: they cost nothing, and what they list is simulated."
)
NONE_ENABLED = (
    "Every real provider is disabled: topics that chose none use the simulated ones. Enable one in the portal."
)


class Command(BaseCommand):
    help = "Lists the providers; `discover` configures what is there; `test NAME` makes one small real call."
    environ: Mapping[str, str] = os.environ
    servers: Iterable[LocalServer] = LOCAL_SERVERS

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the list as a JSON array")
        actions = parser.add_subparsers(dest="action", metavar="{discover,test}")
        actions.add_parser("discover", help="configure what the environment and this machine offer")
        test = actions.add_parser("test", help="make one small real call, which costs what it costs")
        test.add_argument("name", help="the provider's name")

    def handle(self, *args: Any, **options: Any) -> None:
        action = options["action"]
        if options["json"] and action:
            raise CommandError("--json is for the list alone", returncode=WRONG_ARGUMENTS)
        try:
            simulated_providers()
            if action == "discover":
                self._discover()
            elif action == "test":
                self._test(options["name"])
            else:
                self._list(as_json=options["json"])
        except DatabaseError as error:
            raise CommandError(f"the database cannot be used: {error}", returncode=FAILED) from error

    def _list(self, *, as_json: bool) -> None:
        providers = list(Provider.objects.select_related("health"))
        if as_json:
            self.stdout.write(json.dumps([self._values(each) for each in providers], ensure_ascii=True))
            return
        self.stdout.write(table([HEADINGS, *(self._row(each) for each in providers)]))
        real = [each for each in providers if not each.is_simulated]
        if not any(each.enabled for each in real):
            self.stdout.write("\n" + (NONE_ENABLED if real else NONE_REAL.format(how=HOW_TO_ADD)))

    def _row(self, provider: Provider) -> tuple[str, ...]:
        return (
            provider.name,
            provider.kind,
            provider.model,
            key_of(provider, self.environ).words,
            price_words(provider),
            health_words(provider, timezone.now()),
            "yes" if provider.enabled else "no",
            f"{provider.weight:g}",
        )

    def _values(self, provider: Provider) -> dict[str, Any]:
        key, rates, health = key_of(provider, self.environ), rates_of(provider), health_of(provider)
        return {
            "name": provider.name,
            "kind": provider.kind,
            "model": provider.model,
            "simulated": provider.is_simulated,
            "enabled": provider.enabled,
            "weight": provider.weight,
            "key": {"state": key.state, "variable": key.variable or None},
            "usd_per_million_tokens": rates and {"in": float(rates.tokens_in), "out": float(rates.tokens_out)},
            "health": health
            and {
                "state": health.state,
                "detail": health.detail,
                "age_seconds": max((timezone.now() - health.updated_at).total_seconds(), 0.0),
            },
        }

    def _discover(self) -> None:
        if is_switched_off(self.environ):
            self.stdout.write(f"Discovery is switched off by {SWITCH}.")
            return
        for vendor in VENDORS.values():
            present = bool(self.environ.get(vendor.key_variable, "").strip())
            self.stdout.write(f"{vendor.title}: {vendor.key_variable} is {'set' if present else 'not set'}")
        places = ", ".join(f"{server.name} at {server.port}" for server in self.servers)
        self.stdout.write(f"This machine: asked for model servers ({places or 'none'})")
        made = bring_up(self.environ, self.servers)
        for provider in made:
            self.stdout.write(f"New: {printable(provider.name, 100)}, {price_words(provider)}")
        if made:
            self.stdout.write("Topics that chose no providers use them from their next run on.")
        elif Provider.objects.exclude(kind=Provider.Kind.SIMULATED).exists():
            self.stdout.write("Nothing new: what is there is configured already.")
        else:
            self.stdout.write(f"Nothing was found: {HOW_TO_ADD}.")

    def _test(self, name: str) -> None:
        provider = Provider.objects.filter(name=name).first()
        if provider is None:
            names = ", ".join(printable(each, 100) for each in Provider.objects.values_list("name", flat=True)[:50])
            raise CommandError(
                f"there is no provider {printable(name, 100)!r}; there are: {names}", returncode=WRONG_ARGUMENTS
            )
        result = probe(provider, self.environ)
        told = "\n".join(lines_of(result))
        if not result.ok:
            raise CommandError(told, returncode=FAILED)
        self.stdout.write(told)
        if not provider.enabled:
            self.stdout.write("Note: it is disabled, so no topic uses it.")


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns, each as wide as its widest cell, within reason."""
    cells = [[printable(cell, most) for cell, most in zip(row, WIDEST, strict=True)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
