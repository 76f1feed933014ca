"""The page on which people change their own password, and the first one of whom it is demanded."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from igentai_site.team.models import AuditEvent, Member
from igentai_site.team.recording import record
from topics.refusals import must_change_password

CHANGED = "Your password is changed. Whoever was signed in as you elsewhere no longer is."


class OwnPasswordForm(AdminPasswordChangeForm):
    """Django takes the old password for a new one; then others would still know it."""

    def clean_new_password1(self) -> str:
        password = str(self.cleaned_data["new_password1"])
        if password == self.cleaned_data.get("old_password"):
            raise ValidationError("This is the password you have. Choose another one.")
        return password


class OwnPasswordView(PasswordChangeView):
    """Afterwards one comes to where one wanted to go."""

    form_class = OwnPasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(first=must_change_password(self.request.user), **kwargs)

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        user = cast(User, self.request.user)
        Member.objects.filter(user=user).update(must_change_password=False)
        record(AuditEvent.Kind.PASSWORD, user.get_username(), user=user, request=self.request)
        messages.success(self.request, CHANGED)
        return answer

    def get_success_url(self) -> str:
        wanted = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else reverse("admin:index")
