"""Reads the audit log in pages: where one begins is a place in it, so the last page is as fast as the first."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from igentai_site.team.audit.actions import ACTIONS, FLAGS
from igentai_site.team.audit.lines import Line, Page, Place, Source, Wanted, newest_first
from igentai_site.team.models import AuditEvent


def read(wanted: Wanted, after: Place | None, size: int) -> Page:
    """The `size` newest lines of those wanted, or those that come after a place, which are older."""
    logged = [_logged(entry) for entry in _entries(wanted, after)[: size + 1]]
    events = [_event(event) for event in _events(wanted, after)[: size + 1]]
    return newest_first([logged, events], size)


def _entries(wanted: Wanted, after: Place | None) -> QuerySet[LogEntry]:
    action = ACTIONS.get(wanted.action)
    if action and action.logged is None:
        return LogEntry.objects.none()
    chosen = (action.logged if action else None) or Q()
    if wanted.who:
        chosen &= Q(user__username__icontains=wanted.who)
    if wanted.words:
        chosen &= Q(object_repr__icontains=wanted.words) | Q(change_message__icontains=wanted.words)
    chosen &= _when("action_time", wanted) & _below("action_time", Source.ADMIN_LOG, after)
    return LogEntry.objects.filter(chosen).select_related("user", "content_type").order_by("-action_time", "-id")


def _events(wanted: Wanted, after: Place | None) -> QuerySet[AuditEvent]:
    action = ACTIONS.get(wanted.action)
    if action and action.events is None:
        return AuditEvent.objects.none()
    chosen = (action.events if action else None) or Q()
    if wanted.who:
        chosen &= Q(name__icontains=wanted.who)
    if wanted.words:
        chosen &= Q(detail__icontains=wanted.words) | Q(kind__icontains=wanted.words)
    chosen &= _when("at", wanted) & _below("at", Source.AUDIT_EVENT, after)
    return AuditEvent.objects.filter(chosen).order_by("-at", "-id")


def _when(column: str, wanted: Wanted) -> Q:
    """From the first moment of `since` to the last of `until`, UTC."""
    chosen = Q()
    if wanted.since:
        chosen &= Q(**{f"{column}__gte": datetime.combine(wanted.since, time.min, UTC)})
    if wanted.until:
        chosen &= Q(**{f"{column}__lt": datetime.combine(wanted.until, time.min, UTC) + timedelta(days=1)})
    return chosen


def _below(column: str, source: Source, after: Place | None) -> Q:
    if after is None:
        return Q()
    if source != after.source:
        return Q(**{f"{column}__{'lte' if source < after.source else 'lt'}": after.at})
    # The first half says it all, but only the second is one that an index answers.
    same_moment = Q(**{column: after.at, "id__lt": after.id})
    return (Q(**{f"{column}__lt": after.at}) | same_moment) & Q(**{f"{column}__lte": after.at})


def _logged(entry: Any) -> Line:
    return Line(
        place=Place(entry.action_time, Source.ADMIN_LOG, entry.pk),
        who=entry.user.get_username(),
        action=FLAGS.get(entry.action_flag, "did"),
        thing=f"{_kind(entry.content_type)} {entry.object_repr}" if entry.content_type else entry.object_repr,
        details=entry.get_change_message(),
        url=(entry.get_admin_url() or "") if not entry.is_deletion() else "",
    )


def _event(event: AuditEvent) -> Line:
    return Line(
        place=Place(event.at, Source.AUDIT_EVENT, event.pk),
        who=event.name,
        action=event.get_kind_display(),
        thing="",
        details=event.detail,
        address=event.address or "",
    )


def _kind(content_type: ContentType) -> str:
    """What a thing is, by the name that the pages have for it."""
    return "member" if content_type.model == "user" else content_type.name
