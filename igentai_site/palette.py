"""The palette of Ctrl-K: the topics whose names hold what is typed, with where each leads."""

from __future__ import annotations

import re

from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from orchestration.portal.guards import permission_needed
from topics.models import Topic, clean_name

MOST_TOPICS = 10
LONGEST_NAME = 200


@permission_needed("topics.view_topic")
@require_GET
def palette_view(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"topics": topics_named(request.GET.get("q", ""))})


def topics_named(typed: str) -> list[dict[str, str]]:
    """The shortest first, so that a name that is typed in full is always among them."""
    # PostgreSQL refuses the character zero.
    name = clean_name(typed.replace("\0", ""))[:LONGEST_NAME]
    if not name:
        return []
    # Not "icontains": SQLite is blind to case there for the letters of English alone.
    found = Topic.objects.filter(name__iregex=re.escape(name)).order_by(Length("name"), "name", "pk")
    return [_leads(pk, words) for pk, words in found.values_list("pk", "name")[:MOST_TOPICS]]


def _leads(pk: int, name: str) -> dict[str, str]:
    return {
        "name": name,
        "live": reverse("portal:live", args=[pk]),
        "form": reverse("admin:topics_topic_change", args=[pk]),
    }
