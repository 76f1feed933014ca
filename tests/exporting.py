"""Lists to export, and what must come out of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.factories import AttributeFactory, ProducerFactory, ProviderFactory, RequestFactory, RunFactory
from topics.browsing.filters import Filters
from topics.exports.producing import Production
from topics.models import MAX_ATTRIBUTE_LENGTH, Attribute, Topic

HOSTILE = [
    'a "quoted" one',
    "commas, and; semicolons",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1:A9)",
    "'=1",
    "  =1",
    "＝1+1",
    "\u202eright to left\u202c",
    "مقهى",
    "👩\u200d👩\u200d👧 family",
    "<img src=x onerror=alert(1)>",
    "back\\slash | pipe",
    "x" * MAX_ATTRIBUTE_LENGTH,
    "é" * MAX_ATTRIBUTE_LENGTH,
    "NULL",
    "1,234.50",
]


def a_request(**values: Any) -> Any:
    """One that found twenty entries, of a new run."""
    topic = values.pop("topic", None)
    run = RunFactory(topic=topic) if topic else RunFactory()
    values = {"producer": ProducerFactory(run=run, slot=3), "cost_usd": Decimal("0.01"), "partition": "all"} | values
    return RequestFactory(candidates=30, unique=20, **values)


def a_list(*texts: str, **values: Any) -> Topic:
    request = a_request(provider=ProviderFactory(vendor=True), **values)
    for text in texts:
        AttributeFactory(request=request, text=text)
    topic: Topic = request.run.topic
    return topic


def a_long_list(length: int) -> Topic:
    request = a_request()
    topic: Topic = request.run.topic
    first = 10_000_000
    Attribute.objects.bulk_create(
        Attribute(id=first + n, topic=topic, key=n.to_bytes(16), text=f"Entry {n}", request_id=request.pk)
        for n in range(length)
    )
    return topic


def produced(topic: Topic, format_name: str, chunk: int = 5, **conditions: Any) -> bytes:
    wanted = Filters(topic=topic.pk, **conditions)
    return b"".join(piece.data for piece in Production(topic, wanted, format_name, chunk).pieces())


def replace_list(topic: Topic) -> None:
    """As the engine does when a topic starts over."""
    Attribute.objects.filter(topic=topic).delete()
    AttributeFactory(
        request=RequestFactory(producer__run__topic=topic, producer__run__number=99), text="of the new list"
    )


def in_database(topic: Topic) -> list[dict[str, Any]]:
    """Every entry, column by column, without the code that exports it."""
    return [
        {
            "id": each.pk,
            "text": each.text,
            "found_text": each.text,
            "verdict": "",
            "times_seen": each.times_seen,
            "first_seen": each.request.finished_at,
            "run": each.request.run.number,
            "producer": each.request.producer.slot,
            "provider": each.request.provider.name,
            "model": each.request.provider.model,
            "kind": each.request.provider.kind,
            "partition": each.request.partition,
            "request": each.request.pk,
            "cost_share_usd": Decimal("0.0005"),
        }
        for each in Attribute.objects.filter(topic=topic).order_by("id")
    ]
