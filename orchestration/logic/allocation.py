"""Who asks for which part, and whom: from expected yields to assignments and weights. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

# What a part is worth to the next producer that joins those who are in it already, where nothing else is said.
CROWDING = 0.3
# A producer moves only for so much more; moving costs nothing, as evidence belongs to the part.
LEAST_GAIN = 0.0
# How sharply weights follow yields: shares are yields to this power.
SHARPNESS = 4.0
# Of what a producer spends, at least this share goes to each provider, whatever its yield.
EXPLORED_SHARE = 0.005
LEAST_CHANGE = 0.05
# Finer than people read: where a request takes ten thousand times as much as another, it is still made.
DIGITS, LEAST_SHARE = 6, 1e-6


def assign(
    slots: Sequence[int],
    worth: Mapping[str, float],
    now: Mapping[int, str],
    least_gain: float = LEAST_GAIN,
    crowding: Mapping[str, float] | None = None,
) -> dict[int, str]:
    """A part for each producer: the most worthy, where every further producer in a part makes it less so.

    `worth` has at least one part; `crowding` is by part. A producer stays where it is (`now`) unless another part is
    clearly better.
    """
    crowded = crowding or {}
    assigned = {slot: now[slot] for slot in slots if now.get(slot) in worth}
    crowd = Counter(assigned.values())

    def gain(part: str, others: int) -> float:
        return worth[part] * crowded.get(part, CROWDING) ** others

    def stay(slot: int) -> float:
        return gain(assigned[slot], crowd[assigned[slot]] - 1)

    for slot in slots:
        if slot not in assigned:
            assigned[slot] = max(worth, key=lambda part: gain(part, crowd[part]))
            crowd[assigned[slot]] += 1
    # Who finds least goes where one more finds most, until nobody would gain by it. Each move adds to the sum of what
    # a part is worth to its first, second... producer, so it comes to an end.
    while assigned:
        slot, best = min(assigned, key=stay), max(worth, key=lambda part: gain(part, crowd[part]))
        if gain(best, crowd[best]) <= stay(slot) * (1.0 + least_gain):
            break
        crowd[assigned[slot]] -= 1
        crowd[best] += 1
        assigned[slot] = best
    return {slot: assigned[slot] for slot in slots}


def weights(
    yields: Mapping[str, float],
    efforts: Mapping[str, float],
    pinned: Mapping[str, float],
    *,
    explored: float = EXPLORED_SHARE,
) -> dict[str, float]:
    """The share of requests for each provider, from its expected yield per effort, and what a request takes.

    Shares sum to one. A pinned weight stays as it is, and the others share what it leaves. Nobody starves: each
    that is not pinned gets at least `explored` of the effort, which is few requests where one takes much.
    """
    free = [name for name in yields if name not in pinned]
    if not free:
        return dict(pinned)
    left = max(1.0 - sum(pinned.values()), 0.0)
    best = max(yields[name] for name in free)
    least = min(efforts[name] for name in free)
    shares = {}
    for name in free:
        share = (yields[name] / best) ** SHARPNESS if best > 0 else 1.0
        shares[name] = max(share, explored * (least / efforts[name] if efforts[name] else 1.0))
    total = sum(shares.values())
    # Rounded, as people read them, but to nobody's ruin; what rounding loses is the largest one's.
    rounded = {
        name: max(round(left * share / total, DIGITS), LEAST_SHARE if left else 0.0) for name, share in shares.items()
    }
    largest = max(rounded, key=lambda name: rounded[name])
    others = sum(n for name, n in rounded.items() if name != largest)
    rounded[largest] = max(round(left - others, DIGITS), 0.0)
    return {**{name: rounded[name] for name in free}, **pinned}


def is_change(before: Mapping[str, float], after: Mapping[str, float], least: float = LEAST_CHANGE) -> bool:
    """Whether two sets of weights differ by enough to be worth a message."""
    if before.keys() != after.keys():
        return True
    return any(abs(before[name] - after[name]) >= least for name in before)
