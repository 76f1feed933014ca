"""The page on which people change their own password, and the first one of whom it is demanded."""

from __future__ import annotations

from typing import Any, cast

from axes.utils import reset
from django.contrib import messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_variables

from igentai_site.team.lockout import client_address
from igentai_site.team.models import AuditEvent, Member
from igentai_site.team.recording import record
from igentai_site.team.turns import sign_ins
from topics.refusals import must_change_password

CHANGED = "Your password is changed. Whoever was signed in as you elsewhere no longer is."


class OwnPasswordForm(AdminPasswordChangeForm):
    """A wrong old password counts as a failed sign-in: who has taken over a session does not guess on here.

    Django takes the old password for a new one; then others would still know it.
    """

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self._request = request
        super().__init__(*args, **kwargs)

    @sensitive_variables("password")
    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        name = self.user.get_username()
        if authenticate(self._request, username=name, password=password) != self.user:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password

    def clean_new_password1(self) -> str:
        password = str(self.cleaned_data["new_password1"])
        if password == self.cleaned_data.get("old_password"):
            raise ValidationError("This is the password you have. Choose another one.")
        return password


class OwnPasswordView(PasswordChangeView):
    """Afterwards one comes to where one wanted to go."""

    form_class = OwnPasswordForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with sign_ins.of(f"address {client_address(request)}", f"name {request.user.get_username()}"):
            return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(first=must_change_password(self.request.user), **kwargs)

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        user = cast(User, self.request.user)
        Member.objects.filter(user=user).update(must_change_password=False)
        record(AuditEvent.Kind.PASSWORD, user.get_username(), user=user, request=self.request)
        reset(ip=client_address(self.request), username=user.get_username())  # as after a sign-in
        messages.success(self.request, CHANGED)
        return answer

    def get_success_url(self) -> str:
        wanted = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else reverse("admin:index")
