"""What one can ask the audit log for by name: a table."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.db.models import Q

from igentai_site.team.models import AuditEvent

Kind = AuditEvent.Kind


@dataclass(frozen=True, slots=True)
class Action:
    """Which rows of the admin's log it means, and which audit events; None: none of them."""

    name: str
    label: str
    logged: Q | None = None
    events: Q | None = None


FAILURES = (Kind.FAILED, Kind.LOCKED_OUT, Kind.UNLOCKED)
REVIEWS = ("Accepted", "Rejected", "Cleared", "Corrected", "Took the correction")


def _says(*beginnings: str) -> Q:
    said = Q()
    for beginning in beginnings:
        said |= Q(change_message__startswith=beginning)
    return said


ACTIONS = {
    action.name: action
    for action in (
        Action("commands", "Start, pause, resume, stop", logged=_says("Asked to")),
        Action("reviews", "Reviews of entries", logged=_says(*REVIEWS)),
        Action("exports", "Exports", logged=_says("Export")),
        Action("added", "Added", logged=Q(action_flag=ADDITION)),
        Action("changed", "Changed", logged=Q(action_flag=CHANGE)),
        Action("deleted", "Deleted", logged=Q(action_flag=DELETION)),
        Action("sign-ins", "Sign-ins and sign-outs", events=Q(kind__in=(Kind.SIGNED_IN, Kind.SIGNED_OUT))),
        Action("failures", "Failures and lock-outs", events=Q(kind__in=FAILURES)),
        Action("refusals", "Refused", events=Q(kind=Kind.REFUSED)),
        Action(
            "members",
            "Members, roles and passwords",
            logged=Q(content_type__app_label="auth"),
            events=Q(kind=Kind.PASSWORD),
        ),
    )
}
FLAGS = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}
