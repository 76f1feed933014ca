"""A person's notifications, and what they want to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from orchestration.jobs.health import jobs_trouble
from orchestration.jobs.models import MailPreference, Notification
from orchestration.portal.guards import permission_needed
from topics.admin import BoundedPaginator
from topics.models import Topic, TopicWatcher

PAGE_SIZE = 50
YES = "yes"


@require_GET
@never_cache
@permission_needed("topics.view_topic")
def listed(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.filter(user=_user(request)).select_related("run__topic").order_by("-id")
    page = BoundedPaginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "Notifications",
        "page": page,
        "any_unread": mine.filter(read_at__isnull=True).exists(),
        "trouble": jobs_trouble(),
        **_mail_context(_user(request)),
    }
    return render(request, "jobs/notifications.html", context)


@require_GET
@never_cache
@permission_needed("topics.view_topic")
def opened(request: HttpRequest, notification_id: int) -> HttpResponse:
    """To the topic that it is about; whoever follows the link has read it."""
    mine = get_object_or_404(Notification.objects.select_related("run"), pk=notification_id, user=_user(request))
    Notification.objects.filter(pk=mine.pk, read_at__isnull=True).update(read_at=timezone.now())
    return HttpResponseRedirect(reverse("portal:live", args=[mine.run.topic_id]))


@require_POST
@permission_needed("topics.view_topic")
def mark_read(request: HttpRequest) -> HttpResponse:
    """The one that was posted, or all."""
    unread = Notification.objects.filter(user=_user(request), read_at__isnull=True)
    chosen = request.POST.get("notification", "")
    if chosen:
        unread = unread.filter(pk=int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else unread.none()
    unread.update(read_at=timezone.now())
    return HttpResponseRedirect(reverse("notifications:list"))


@require_POST
@permission_needed("topics.view_topic")
def mail(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("mail") == YES
    MailPreference.objects.update_or_create(user=_user(request), defaults={"mail": wanted})
    messages.success(request, "You will get mails." if wanted else "You will get no mails any more.")
    return HttpResponseRedirect(reverse("notifications:list"))


@require_POST
@permission_needed("topics.view_topic")
def tell(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Whether somebody wants to be told of a topic, as they say on its page."""
    topic = get_object_or_404(Topic, pk=topic_id)
    wanted = request.POST.get("tell") == YES
    changes: dict[str, Any] = {"muted": not wanted, **({"since": timezone.now()} if wanted else {})}
    TopicWatcher.objects.update_or_create(topic=topic, user=_user(request), defaults=changes)
    messages.success(request, f"You will {'' if wanted else 'not '}be told how runs of {topic} end.")
    return HttpResponseRedirect(reverse("admin:topics_topic_change", args=[topic_id]))


def _mail_context(user: Any) -> dict[str, Any]:
    refused = MailPreference.objects.filter(user=user, mail=False).exists()
    return {"mail_configured": settings.MAIL.configured, "address": user.email, "mail_wanted": not refused}


def _user(request: HttpRequest) -> Any:
    return request.user
