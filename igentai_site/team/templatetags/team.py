"""What a page shows disabled, with the reason, instead of hiding it: `{% load team %}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin import ModelAdmin
from django.contrib.auth import get_permission_codename
from django.http import HttpRequest

from igentai_site.team.roles import somebody_may
from topics.refusals import refusal

register = template.Library()


@dataclass(frozen=True, slots=True)
class Refused:
    """Actions that this person may not take on a list, and why."""

    labels: list[str]
    reason: str


@register.simple_tag(takes_context=True)
def why_not(context: dict[str, Any], permission: str) -> str:
    """`{% why_not "topics.add_topic" as reason %}`: empty where the reader may."""
    return refusal(context["request"].user, permission)


@register.simple_tag(takes_context=True)
def why_not_here(context: dict[str, Any], opts: Any, action: str) -> str:
    """`{% why_not_here opts "add" as reason %}`: empty also where nobody may add, as to what was observed."""
    permission = f"{opts.app_label}.{get_permission_codename(action, opts)}"
    return refusal(context["request"].user, permission) if somebody_may(permission) else ""


@register.simple_tag(takes_context=True)
def refused_actions(context: dict[str, Any], model_admin: ModelAdmin[Any]) -> Refused | None:
    """Of the actions of a list those that Django leaves out for this person."""
    request: HttpRequest = context["request"]
    offered = set(model_admin.get_actions(request))
    refused = [
        (str(description) % {"verbose_name_plural": model_admin.opts.verbose_name_plural}, wanted)
        for function, name, description in model_admin._get_base_actions()  # type: ignore[attr-defined]
        if name not in offered and (wanted := _wanted(function, model_admin))
    ]
    reasons = [reason for _, permission in refused if (reason := refusal(request.user, permission))]
    return Refused([label for label, _ in refused], reasons[0]) if reasons else None


def _wanted(action: Any, model_admin: ModelAdmin[Any]) -> str:
    """The permission that the action asks for, if there is somebody who has it."""
    asked = getattr(action, "allowed_permissions", ())
    opts = model_admin.opts
    names = [f"{opts.app_label}.{get_permission_codename(name, opts)}" for name in asked]
    return next((name for name in names if somebody_may(name)), "")
