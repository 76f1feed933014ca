"""`manage.py prepare`: everything a fresh installation needs before its first start. Safe to repeat."""

from __future__ import annotations

import secrets
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from orchestration.choosing import simulated_providers
from orchestration.sample import sample_topic
from topics.models import Topic

ADMINISTRATOR = "admin"


class Command(BaseCommand):
    help = "Migrates the database; on the first start makes an administrator and a sample topic, simulated."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        simulated_providers()
        if not get_user_model().objects.exists():
            self._make_administrator()
        if not Topic.objects.exists():
            topic = sample_topic()
            Topic.objects.filter(pk=topic.pk).start_over()

    def _make_administrator(self) -> None:
        password = secrets.token_urlsafe(12)
        administrator = get_user_model().objects.create_superuser(ADMINISTRATOR, password=password)
        # By name, as it stands above this app. What was printed once may be in a log: the first sign-in changes it.
        apps.get_model("team", "Member").set_duty(administrator, must_change_password=True)
        self.stdout.write(
            f"\n  The portal's administrator: {ADMINISTRATOR}\n  Password, shown only now:  {password}\n"
            f"  You choose your own when you sign in.\n\n"
        )
