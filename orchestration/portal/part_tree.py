"""The parts of a topic as a live page shows them: each after the part that it was split from, with its yield."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from topics.models import TopicPartition

# A long run leaves many that are split or retired: the oldest of those are left out.
MOST_PARTS = 500
DEEPEST = 5
NOTHING = "\N{EN DASH}"


def part_values(topic_id: int, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts in the order of the tree, each with how deep in it it is."""
    newest = TopicPartition.objects.filter(topic=topic_id).order_by("-id")[:MOST_PARTS]
    rows = sorted(newest, key=lambda part: part.pk)
    told = figures.get("partitions") or {}
    whole = [_value(None, "", 0, told.get(""))] if told.get("") else []
    return [*whole, *(_value(part, part.words, depth, told.get(part.words)) for part, depth in in_tree_order(rows))]


def in_tree_order(parts: list[TopicPartition]) -> Iterator[tuple[TopicPartition, int]]:
    """Each part with its depth; one whose parent is not there stands at the root."""
    known = {part.words for part in parts}
    children: dict[str, list[TopicPartition]] = {}
    for part in parts:
        at_root = part.parent not in known or part.parent == part.words
        children.setdefault("" if at_root else part.parent, []).append(part)
    waiting = [(part, 0) for part in reversed(children.get("", []))]
    seen: set[int] = set()
    while waiting:
        part, depth = waiting.pop()
        if part.pk in seen:
            continue
        seen.add(part.pk)
        yield part, depth
        deeper = min(depth + 1, DEEPEST)
        waiting += [(child, deeper) for child in reversed(children.get(part.words, [])) if part.words]


def _value(part: TopicPartition | None, words: str, depth: int, told: Mapping[str, Any] | None) -> dict[str, Any]:
    run = (told or {}).get("run") or {}
    novelty = run.get("novelty_rate")
    return {
        "id": part.pk if part else 0,
        "words": words or "the whole topic",
        "depth": depth,
        "state": part.state if part else TopicPartition.State.OPEN.value,
        "by_person": part.by_person if part else False,
        "left_out": part.left_out if part else False,
        "unique": f"{run['unique']:,}" if run else NOTHING,
        "candidates": f"{run['candidates']:,}" if run else NOTHING,
        "novelty": NOTHING if novelty is None else f"{novelty:.0%}",
    }
