"""What people do to a run from its live page: restart a producer, set weights, change the parts."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from orchestration.models import Run
from orchestration.part_commands import Refused, add_category, leave_out
from orchestration.portal.guards import is_script, permission_needed
from producers.commands import restart_producer
from producers.models import Producer, Provider
from producers.weight_commands import ALL, hold_weight, set_weight
from topics.models import Topic, TopicPartition

RESTARTING = "producers.change_producer"
WEIGHING = "producers.change_providerweight"
ADDING = "topics.add_topicpartition"
LEAVING_OUT = "topics.change_topicpartition"


@require_POST
@permission_needed(RESTARTING)
def restart(request: HttpRequest, topic_id: int, slot: int) -> HttpResponse:
    """Start a producer's process anew."""
    producer = get_object_or_404(_producers(topic_id), slot=slot)
    if not restart_producer(producer, _user(request)):
        return _answer(request, topic_id, "The run has ended: it has no producers any more.", refused=True)
    return _answer(request, topic_id, f"Producer {slot} was asked to restart.")


@require_POST
@permission_needed(WEIGHING)
def weights(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Set, pin or unpin the weight of a provider, with one producer or with all of the run."""
    topic = get_object_or_404(Topic, pk=topic_id)
    provider = get_object_or_404(Provider, pk=_whole(request.POST.get("provider", "")))
    producers, whom = _producers(topic_id), ALL
    if (slot := request.POST.get("producer", "all")) != "all":
        producers, whom = producers.filter(slot=_whole(slot)), f"producer {slot[:10]}"
    action, user = request.POST.get("action", ""), _user(request)
    if action in ("pin", "unpin"):
        changed = hold_weight(topic, producers, provider, user, whom, pinned=action == "pin")
        done = "is pinned" if action == "pin" else "is the optimiser's again"
    else:
        share = _share(request.POST.get("weight", ""))
        if share is None:
            return _answer(request, topic_id, "A weight is a number from 0 to 100 %.", refused=True)
        changed = set_weight(topic, producers, provider, share, user, whom)
        done = f"is {share:.0%} and pinned"
    if not changed:
        return _answer(request, topic_id, "No such producer asks this provider.", refused=True)
    return _answer(request, topic_id, f"The weight of {provider} with {whom} {done}.")


@require_POST
@permission_needed(ADDING)
def add_part(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Ask for a category from the next request on."""
    topic = get_object_or_404(Topic, pk=topic_id)
    try:
        part = add_category(topic, request.POST.get("words", ""), _user(request))
    except Refused as refusal:
        return _answer(request, topic_id, str(refusal), refused=True)
    return _answer(request, topic_id, f"“{part}” was added.")


@require_POST
@permission_needed(LEAVING_OUT)
def change_part(request: HttpRequest, topic_id: int, part_id: int) -> HttpResponse:
    """Leave a part out, or take it in again."""
    part = get_object_or_404(TopicPartition.objects.select_related("topic"), pk=part_id, topic=topic_id)
    left_out = request.POST.get("left_out") == "yes"
    leave_out(part, _user(request), left_out=left_out)
    return _answer(request, topic_id, f"“{part}” is {'left out' if left_out else 'asked for again'}.")


def _producers(topic_id: int) -> QuerySet[Producer]:
    """Those of the newest run."""
    run = Run.objects.filter(topic=topic_id).order_by("-number").values("pk")[:1]
    return Producer.objects.filter(run=run)


def _share(text: str) -> float | None:
    """Per cent as people write them, as a share of one."""
    try:
        share = float(text.strip().removesuffix("%").replace(",", ".")) / 100
    except ValueError:
        return None
    return share if math.isfinite(share) and 0 <= share <= 1 else None


def _whole(text: str) -> int:
    """-1, which nothing has, where there is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _answer(request: HttpRequest, topic_id: int, words: str, *, refused: bool = False) -> HttpResponse:
    if is_script(request):
        # No error status: browsers report each as a fault of the page.
        return JsonResponse({"words": words, "refused": refused})
    (messages.warning if refused else messages.success)(request, words)
    return HttpResponseRedirect(reverse("portal:live", args=[topic_id]))


def _user(request: HttpRequest) -> Any:
    return request.user
