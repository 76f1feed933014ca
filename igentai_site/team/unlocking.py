"""Whoever was locked out may try again at once."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.contrib.auth import get_user_model

from igentai_site.team.limits import folded_address
from igentai_site.team.models import AuditEvent
from igentai_site.team.recording import record


def unlock(name: str, address: str = "", *, by: str) -> int:
    """Forget the failures of the name, of the address, or of both together; returns how many there were."""
    chosen = {"username": name} if name else {}
    if address:
        chosen["ip_address"] = str(folded_address(address))
    failures = AccessAttempt.objects.filter(**chosen)
    forgotten: int = sum(failures.values_list("failures_since_start", flat=True))
    failures.delete()
    if forgotten:
        user = get_user_model()._default_manager.filter(username=name).first()
        detail = f"By {by}{f', for {address}' if address else ''}."
        record(AuditEvent.Kind.UNLOCKED, name or "everybody", user=user, detail=detail)
    return forgotten
