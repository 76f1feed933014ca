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
    crowd: Counter[str] = Counter()
    crowded = crowding or {}
    assigned = {}
    for slot in sorted(slots, key=lambda slot: -worth.get(now.get(slot, ""), 0.0)):

        def gain(part: str, slot: int = slot) -> float:
            staying = 1.0 + least_gain if now.get(slot) == part else 1.0
            return worth[part] * crowded.get(part, CROWDING) ** crowd[part] * staying

        assigned[slot] = max(worth, key=gain)
        crowd[assigned[slot]] += 1
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
    # Rounded, as people read them; what rounding loses is the largest one's.
    rounded = {name: round(left * share / total, 4) for name, share in shares.items()}
    largest = max(rounded, key=lambda name: rounded[name])
    rounded[largest] = max(round(left - sum(n for name, n in rounded.items() if name != largest), 4), 0.0)
    return {**{name: rounded[name] for name in free}, **pinned}


def is_change(before: Mapping[str, float], after: Mapping[str, float], least: float = LEAST_CHANGE) -> bool:
    """Whether two sets of weights differ by enough to be worth a message."""
    if before.keys() != after.keys():
        return True
    return any(abs(before[name] - after[name]) >= least for name in before)
