"""Tokens, by which programs act for the people who made them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

MOST_TOKENS = 50


class ApiToken(models.Model):
    """Lets a program do what its user may do at that moment; `read_only`: of that only what changes nothing.

    The token itself is shown once and kept nowhere: `hash` is its SHA-256, `prefix` its beginning, by which people
    recognise it. A token has 256 random bits, so a slow hash would add nothing. Deleting it revokes it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(
        max_length=100,
        validators=[RegexValidator(r"\S", "Say what the token is for.")],
        help_text="What uses it, so that you know later which one to revoke.",
    )
    prefix = models.CharField("begins with", max_length=16, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    read_only = models.BooleanField(
        default=False, help_text="It may look at everything that you may, and change nothing."
    )
    created_at = models.DateTimeField("created", auto_now_add=True)
    last_used_at = models.DateTimeField("last used", null=True, editable=False)
    expires_at = models.DateTimeField("expires", null=True, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["hash"], name="api_token_hash_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
