"""Accounts as Django has them, read together with what the team's pages have to know of each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend


class MemberBackend(ModelBackend):
    """Each page and each check of a socket asks whether a password is due: that shall not be one more query."""

    def get_user(self, user_id: int) -> Any:
        user = get_user_model()._default_manager.select_related("member").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
