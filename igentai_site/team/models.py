"""What igentai knows of people beyond their accounts: the duty to choose a password, and who came and went."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Member(models.Model):
    """What is particular about an account; many have no such row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    must_change_password = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def set_duty(cls, user: AbstractBaseUser, *, must_change_password: bool) -> None:
        """Say whether the user has to choose a password before anything else."""
        cls.objects.update_or_create(user=user, defaults={"must_change_password": must_change_password})


class AuditEvent(models.Model):
    """Who came in, or did not, and what was refused to whom. What people do once they are in is in the admin's
    LogEntry; the audit log shows both.

    A row of its own, since LogEntry demands a user, and most failures have none. Rows are added and never changed.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed in", "signed in"
        SIGNED_OUT = "signed out", "signed out"
        FAILED = "failed", "failed to sign in"
        LOCKED_OUT = "locked out", "was locked out"
        UNLOCKED = "unlocked", "was unlocked"
        PASSWORD = "password", "chose a password"
        REFUSED = "refused", "was refused"

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=150, help_text="As it was typed: there may be nobody of this name.")
    address = models.GenericIPAddressField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "audit event"
        verbose_name_plural = "audit log"
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.name} {self.get_kind_display()}"
