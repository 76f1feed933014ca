"""Where in the list the entries of a run are: requests and entries are both numbered in the order of their commits,
so those of a run lie between two ids, which a few questions find among millions."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Max, Min

from topics.models import Attribute

NOWHERE = (1, 0)


def run_span(run_id: int) -> tuple[int, int]:
    """The lowest and the highest id that an entry of this run can have."""
    # By name, as this app knows nothing of those above.
    requests: Any = apps.get_model("orchestration", "Request")._default_manager
    of_run = requests.filter(run=run_id).aggregate(first=Min("id"), last=Max("id"))
    entries = Attribute.objects.aggregate(first=Min("id"), last=Max("id"))
    if of_run["first"] is None or entries["first"] is None:
        return NOWHERE
    beyond = entries["last"] + 1
    first = _first_by_request(of_run["first"], entries["first"], beyond)
    return first, _first_by_request(of_run["last"] + 1, first, beyond) - 1


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
