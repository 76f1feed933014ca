"""Members as administrators add and change them: an account with a role."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.contrib.auth.hashers import is_password_usable
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


class SignInForm(AdminAuthenticationForm):
    """Says the same whatever is wrong: a stranger does not learn which names there are."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "The name or the password is wrong, or this member may not sign in. Capital letters matter. "
        "An administrator can give you a new password.",
    }


class PasswordWidget(ReadOnlyPasswordHashWidget):
    """Whether there is one, and the way to a new one: how it is stored is nobody's business here."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        is_set = bool(value) and is_password_usable(value)
        return {**context, "summary": [{"label": "Set" if is_set else "None: signs in by no password"}]}


class ChangeMemberForm(UserChangeForm):  # type: ignore[type-arg]
    password = ReadOnlyPasswordHashField(label="Password", widget=PasswordWidget, help_text="Nobody can read it.")
    role = RoleField(
        choices=[("", "none: may not sign in"), *CHOICES], required=False, help_text="A change takes effect at once."
    )

    class Meta(UserChangeForm.Meta):
        labels: ClassVar[Any] = {"groups": "Roles"}
        help_texts: ClassVar[Any] = {"groups": "The role above, and those that were added under Roles."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance)
        if self.instance.is_superuser:
            self._say_that_no_role_is_needed()

    def _say_that_no_role_is_needed(self) -> None:
        role = self.fields["role"]
        role.choices = [("", "none: a superuser needs no role"), *CHOICES]  # type: ignore[attr-defined]
        role.help_text = "A superuser may do everything, whatever the role."


class ResetPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Whoever sets a password for somebody else knows it, so it is changed at the next sign-in."""

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        Member.set_duty(user, must_change_password=True)
        return user
