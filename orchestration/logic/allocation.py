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
    least: float = 0.0,
) -> dict[str, float]:
    """The share of requests for each provider, from its expected yield per effort, and what a request takes.

    Shares sum to one. A pinned weight stays as it is, and the others share what it leaves; where it leaves nothing,
    each still gets the least share, for zero says "never" to whoever asks. Nobody starves: each that is not pinned
    gets at least `explored` of the effort, which is few requests where one takes much, and `least` of the requests
    that the best one gets.
    """
    free = [name for name in yields if name not in pinned]
    if not free:
        return dict(pinned)
    left = max(1.0 - sum(pinned.values()), LEAST_SHARE * len(free))
    best = max(yields[name] for name in free)
    cheapest = min(efforts[name] for name in free)
    shares = {}
    for name in free:
        share = (yields[name] / best) ** SHARPNESS if best > 0 else 1.0
        shares[name] = max(share, explored * (cheapest / efforts[name] if efforts[name] else 1.0), least)
    total = sum(shares.values())
    # Rounded, as people read them, but to nobody's ruin; what rounding loses is the largest one's.
    rounded = {name: max(round(left * share / total, DIGITS), LEAST_SHARE) for name, share in shares.items()}
    largest = max(rounded, key=lambda name: rounded[name])
    others = sum(n for name, n in rounded.items() if name != largest)
    rounded[largest] = max(round(left - others, DIGITS), LEAST_SHARE)
    return {**{name: rounded[name] for name in free}, **pinned}


def is_change(
    before: Mapping[str, float],
    after: Mapping[str, float],
    efforts: Mapping[str, float] | None = None,
    least: float = LEAST_CHANGE,
) -> bool:
    """Whether two sets of weights differ by enough to be worth a message: in the share of the requests, or in that of
    what they take (`efforts`), where a few requests may be most of the bill."""
    if before.keys() != after.keys():
        return True
    pairs = [(before, after), (_bill(before, efforts or {}), _bill(after, efforts or {}))]
    return any(abs(old[name] - new[name]) >= least for old, new in pairs for name in old)


def _bill(shares: Mapping[str, float], efforts: Mapping[str, float]) -> dict[str, float]:
    """The share of the effort that goes to each whose effort is known."""
    taken = {name: share * efforts[name] for name, share in shares.items() if name in efforts}
    total = sum(taken.values())
    return {name: each / total if total else 0.0 for name, each in taken.items()}
