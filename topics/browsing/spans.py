"""Where in the list the entries of some requests are. Requests and entries are both numbered in the order of their
commits, so what the requests yielded lies between two ids, which a few questions find among millions."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from topics.browsing.filters import Filters
from topics.models import Attribute

NOWHERE = (1, 0)


def span_of(filters: Filters) -> tuple[int, int]:
    """The lowest and the highest id that an entry of these requests can have."""
    # By name, as this app knows nothing of those above.
    requests: Any = apps.get_model("orchestration", "Request")._default_manager
    asked, found = _ends(requests.filter(**filters.of_requests)), _ends(Attribute.objects.all())
    if asked is None or found is None:
        return NOWHERE
    beyond = found[1] + 1
    first = _first_by_request(asked[0], found[0], beyond)
    return first, _first_by_request(asked[1] + 1, first, beyond) - 1


def _ends(rows: Any) -> tuple[int, int] | None:
    """The lowest and the highest id. Two questions: asked for both at once, SQLite reads all rows."""
    ids = rows.values_list("id", flat=True)
    lowest, highest = ids.order_by("id").first(), ids.order_by("-id").first()
    return None if lowest is None else (lowest, highest)


def _first_by_request(request_id: int, low: int, high: int) -> int:
    """The lowest id, from `low` on, of an entry that this request or a later one yielded; else `high`."""
    while low < high:
        middle = (low + high) // 2
        yielded_by = (
            Attribute.objects.filter(id__gte=middle).order_by("id").values_list("request_id", flat=True).first()
        )
        if yielded_by is None or yielded_by >= request_id:
            high = middle
        else:
            low = middle + 1
    return low
