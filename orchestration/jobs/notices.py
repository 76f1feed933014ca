"""Makes notifications by looking at runs. Looking again makes none twice, so it survives being cut off anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, QuerySet

from orchestration.jobs.models import MailPreference, Notification
from orchestration.list_lengths import lists_of
from orchestration.logic.lifecycle import StopReason
from orchestration.logic.notices import RunOutcome, ended_words, warning_words
from orchestration.models import Run, RunFigures

# No background job may have run for so long, and yet everything is told.
LOOK_BACK = timedelta(days=14)
# What one look takes on; the rest comes with the next.
MOST = 200
RIGHT_TO_KNOW = "topics.view_topic"


def tell_of_runs(now: datetime) -> int:
    """Tell those who watch a topic what its runs came to; returns how many notifications are new."""
    over = list(_untold(_over(now), Notification.Kind.ENDED, Notification.Kind.FAILED))
    warned = list(_untold(_near_a_cap(), Notification.Kind.WARNING))
    outcomes = _outcomes(over)
    told = [_notification(run, _kind(run), ended_words(outcomes[run.pk]), now) for run in over]
    told += [_notification(run, Notification.Kind.WARNING, _warning(run), now) for run in warned]
    return _keep(told)


def tell_of_schedule(notification: Notification) -> None:
    notification.kind = Notification.Kind.SCHEDULE
    _keep([notification])


def _over(now: datetime) -> QuerySet[Run]:
    """Runs that ended lately, once for each who watches (`told`). One that a new start took over is no news."""
    return Run.objects.filter(
        topic__watchers__muted=False, ended_at__gt=now - LOOK_BACK, ended_at__gte=F("topic__watchers__since")
    ).exclude(stop_reason=StopReason.SUPERSEDED)


def _near_a_cap() -> QuerySet[Run]:
    return Run.objects.active().filter(topic__watchers__muted=False).exclude(warning="")


def _untold(runs: QuerySet[Run], *kinds: str) -> Iterable[Run]:
    known = Notification.objects.filter(run=OuterRef("pk"), user=OuterRef("told"), kind__in=kinds)
    untold = runs.annotate(told=F("topic__watchers__user")).filter(~Exists(known))
    return untold.select_related("topic").order_by("pk")[:MOST]


def _kind(run: Run) -> str:
    return Notification.Kind.FAILED if run.state == Run.State.FAILED else Notification.Kind.ENDED


def _warning(run: Run) -> str:
    return warning_words(run.topic.name, run.number, run.warning, run.simulated)


def _notification(run: Any, kind: str, words: str, now: datetime) -> Notification:
    return Notification(user_id=run.told, run=run, kind=kind, words=words, created_at=now)


def _keep(notifications: Sequence[Notification]) -> int:
    """Save them, with whether their people want mail. Who may not look at topics will not see them in the portal."""
    users = User.objects.in_bulk({each.user_id for each in notifications})
    no_mail = set(MailPreference.objects.filter(user__in=users, mail=False).values_list("user_id", flat=True))
    for each in notifications:
        user = users.get(each.user_id)
        has_address = user is not None and bool(user.email) and user.is_active
        each.mail_wanted = settings.MAIL.configured and has_address and each.user_id not in no_mail
        each.mail_after = each.created_at
    Notification.objects.bulk_create(notifications, ignore_conflicts=True)
    return len(notifications)


def _outcomes(runs: Sequence[Run]) -> dict[int, RunOutcome]:
    lists = lists_of(Run.objects.filter(topic__in={run.topic_id for run in runs}))
    lengths = {(each.topic_id, each.number): each.entries for each in lists}
    figures = RunFigures.objects.in_bulk({run.pk for run in runs})
    return {
        run.pk: RunOutcome(
            topic=run.topic.name,
            number=run.number,
            failed=run.state == Run.State.FAILED,
            reason=run.stop_reason,
            detail=run.stop_detail,
            entries=lengths.get((run.topic_id, run.list_number), 0),
            new=run.unique,
            cost_usd=run.cost_usd,
            unpriced_requests=run.unpriced_requests,
            lost_usd=run.lost_usd,
            simulated=run.simulated,
            coverage=_coverage(figures.get(run.pk)),
        )
        for run in runs
    }


def _coverage(figures: RunFigures | None) -> dict[str, Any]:
    found = figures.data.get("estimates", {}).get("coverage") if figures else None
    return found if isinstance(found, dict) else {}
