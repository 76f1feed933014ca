"""The form by which people make a token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from igentai_site.api.models import MOST_TOKENS, ApiToken

NEVER = "never"
LIVES = {"30": "in 30 days", "90": "in 90 days", "365": "in a year", NEVER: "never"}


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    expires = forms.ChoiceField(
        choices=LIVES.items(), initial="90", help_text="A token that leaked is harmless then."
    )

    class Meta:
        model = ApiToken
        fields = ("name", "read_only")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.user = user

    def clean(self) -> dict[str, Any]:
        if ApiToken.objects.filter(user=self.instance.user).count() >= MOST_TOKENS:
            raise forms.ValidationError(f"You have {MOST_TOKENS} tokens already. Revoke some that nothing uses.")
        return super().clean() or {}

    def save(self, commit: bool = True) -> ApiToken:
        life = self.cleaned_data["expires"]
        self.instance.expires_at = None if life == NEVER else timezone.now() + timedelta(days=int(life))
        token: ApiToken = super().save(commit)
        return token
