"""Members as administrators add and change them: an account with a role."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.contrib.auth.models import User

from igentai_site.team.models import Member
from topics.refusals import ADMINISTRATOR, OPERATOR, ROLES, VIEWER, role_of

ROLE_WORDS = {
    VIEWER: "viewer: looks at everything, and exports",
    OPERATOR: "operator: also adds, changes and runs topics, and reviews entries",
    ADMINISTRATOR: "administrator: also providers, caps, members and the audit log",
}
CHOICES = [(role, ROLE_WORDS[role]) for role in ROLES]


class RoleField(forms.ChoiceField):
    """Not named with the group's number, which nobody knows by heart."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.RadioSelect, **kwargs)


class AddMemberForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and role are enough: the password is made up, shown once, and changed by the member."""

    role = RoleField(choices=CHOICES, initial=VIEWER)

    class Meta:
        model = User
        fields = ("username", "email")

    def save(self, commit: bool = True) -> User:
        self.first_password = secrets.token_urlsafe(12)
        self.instance.set_password(self.first_password)
        user: User = super().save(commit)
        return user


class ChangeMemberForm(UserChangeForm):  # type: ignore[type-arg]
    role = RoleField(
        choices=[("", "none: may not sign in"), *CHOICES], required=False, help_text="A change takes effect at once."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance)


class ResetPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Whoever sets a password for somebody else knows it, so it is changed at the next sign-in."""

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        Member.set_duty(user, must_change_password=True)
        return user
