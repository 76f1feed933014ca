"""What a live page fetches: charts, searches, older decisions, parts, prompts, and news where no WebSocket works."""

from __future__ import annotations

from typing import Any

from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from orchestration.models import Run
from orchestration.portal import protocol, queries, series
from orchestration.portal.entries import Wanted, reviewed_entries
from orchestration.portal.guards import permission_needed
from orchestration.portal.panels import newest_decisions, recent_panels
from orchestration.portal.part_tree import part_values
from orchestration.portal.poller import UNAVAILABLE
from orchestration.portal.present import entry_values
from orchestration.portal.provider_values import decision_values
from producers.models import Producer, Provider
from topics.browsing.filters import Filters

MOST_ROWS = 200
DECISIONS = 20
LONGEST_SEARCH = 200

may_look = permission_needed("topics.view_topic")


@require_GET
@never_cache
@gzip_page
@may_look
def news(request: HttpRequest, topic_id: int) -> HttpResponse:
    """What the WebSocket would tell: a page of what came after the cursor."""
    cursor = whole_number(request.GET, "cursor")
    try:
        reading = queries.read_after(topic_id, cursor, panels=recent_panels)
    except (DatabaseError, queries.ListKeepsChanging):
        return _json(protocol.trouble(UNAVAILABLE))
    if reading is None:
        raise Http404("There is no such topic.")
    return _json(protocol.replay(reading, cursor))


@require_GET
@never_cache
@gzip_page
@may_look
def newest(request: HttpRequest, topic_id: int) -> HttpResponse:
    """The newest entries that are wanted, newest first."""
    reading = queries.read_newest(topic_id, MOST_ROWS, wanted_by(request.GET))
    if reading is None:
        raise Http404("There is no such topic.")
    return JsonResponse(
        {
            "list": reading.state.list.number,
            "cursor": reading.cursor,
            "attributes": [entry_values(entry) for entry in reading.entries],
        }
    )


@require_GET
@never_cache
@gzip_page
@may_look
def reviews(request: HttpRequest, topic_id: int) -> HttpResponse:
    """What people say of the entries from an id on; the others from there on nobody has reviewed."""
    since, reviewed = reviewed_entries(topic_id, whole_number(request.GET, "since"))
    return JsonResponse({"since": since, "reviews": [entry_values(entry) for entry in reviewed]})


@require_GET
@never_cache
@may_look
def further(request: HttpRequest, topic_id: int, place: str) -> HttpResponse:
    """To another page of the topic's entries with the filter of the live page, which has providers by their names."""
    wanted = wanted_by(request.GET)
    provider = Provider.objects.filter(name=wanted.provider).values_list("pk", flat=True).first()
    filters = Filters(
        topic=topic_id,
        # None is 0: what nobody found is not everything.
        provider=(provider or 0) if wanted.provider else None,
        slot=wanted.slot,
        q=wanted.text,
    )
    return HttpResponseRedirect(f"{reverse(place)}?{filters.query}")


@require_GET
@never_cache
@gzip_page
@may_look
def chart_series(request: HttpRequest, topic_id: int) -> HttpResponse:
    """The run over time."""
    asked = series.Asked(*(whole_number(request.GET, name) for name in ("run", "width", "after")))
    return _json(series.recent_series(topic_id, asked))


@require_GET
@never_cache
@may_look
def decisions(request: HttpRequest, topic_id: int) -> HttpResponse:
    """A page of the optimiser's decisions, newest first."""
    before = whole_number(request.GET, "before") or None
    run_id = Run.objects.filter(topic=topic_id).order_by("-number").values_list("pk", flat=True).first()
    found = newest_decisions(run_id, DECISIONS + 1, before, request.GET.get("kind", "")) if run_id else ()
    shown = [decision_values(decision) for decision in found[:DECISIONS]]
    return JsonResponse({"decisions": shown, "more": len(found) > DECISIONS})


@require_GET
@never_cache
@gzip_page
@may_look
def parts(request: HttpRequest, topic_id: int) -> HttpResponse:
    """The topic's parts as a tree."""
    return JsonResponse({"parts": part_values(topic_id, recent_panels(topic_id).figures)})


@require_GET
@never_cache
@may_look
def prompt(request: HttpRequest, topic_id: int, slot: int) -> HttpResponse:
    """What the producer of this slot says to models now."""
    run = Run.objects.filter(topic=topic_id).order_by("-number").values("pk")[:1]
    text = Producer.objects.filter(run=run, slot=slot).values_list("prompt", flat=True).first()
    if text is None:
        raise Http404("There is no such producer.")
    return JsonResponse({"prompt": text})


def wanted_by(query: QueryDict) -> Wanted:
    """The filter in an address; what makes no sense is left out."""
    slot = query.get("producer", "")
    return Wanted(
        provider=query.get("provider", "")[:LONGEST_SEARCH],
        slot=int(slot) if slot.isascii() and slot.isdigit() and len(slot) < 6 else None,
        text=query.get("q", "")[:LONGEST_SEARCH].replace("\0", ""),
    )


def whole_number(query: QueryDict, name: str) -> int:
    """0 where there is none."""
    text: Any = query.get(name, "")
    if not (text.isascii() and text.isdigit()):
        return 0
    return min(int(text[:20]), protocol.MAX_CURSOR)


def _json(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json")
