"""Lists of entries for tests of browsing and reviewing."""

from __future__ import annotations

from tests.factories import AttributeFactory
from topics.browsing.filters import Filters
from topics.browsing.windows import Walk, find
from topics.models import Attribute


def found_by(request, *texts):
    """Entries with these texts, found by this request in this order."""
    return Attribute.objects.bulk_create(AttributeFactory.build(request=request, text=text) for text in texts)


def texts_of(filters: Filters, **options):
    """All that match, over all pages, newest first."""
    found: list[int] = []
    walk = Walk()
    while True:
        page = find(filters, walk, 2, **options)
        found += page.ids
        if page.position is None:
            break
        walk = Walk(page.position)
    texts = dict(Attribute.objects.values_list("id", "text"))
    return [texts[pk] for pk in found]
