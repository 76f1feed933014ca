"""`manage.py unlock_member NAME`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from igentai_site.team.limits import folded_address
from igentai_site.team.unlocking import unlock


class Command(BaseCommand):
    help = "Forgets the failed sign-ins of a member, or of all who came from an address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="the member's user name")
        parser.add_argument("--address", default="", help="forget what failed from this address, whatever the name")

    def handle(self, *args: Any, name: str, address: str, **options: Any) -> None:
        if not name and not address:
            raise CommandError("Say whom to unlock: a name, --address, or both.")
        if address and folded_address(address) is None:
            raise CommandError(f"{address!r} is no address.")
        forgotten = unlock(name, address, by="the command line")
        self.stdout.write(f"Failed sign-ins that are forgotten: {forgotten}")
