"""The oracle: it knows the truth, and takes the ask that brings the most true new entries per dollar, as expected.

It looks one request ahead, knows what is in flight, and may not count on the luck of the very draw it gets. An
answer is a weighted sample without replacement; its expectation is that of exponential clocks which run until
the answer is full: an entry of weight w is named with probability 1 - exp(-w t). Entries of a pool go by classes of
similar weight, which makes the sum short. Temperature is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import islice
from math import exp, log

from bench.yields.asks import STYLES, Answered, Ask, Briefing, Category, Letters, Partition, Style
from bench.yields.models import MOODS, PROMPT_TOKENS, VERBALIZED_TOKENS, Mind, Pool
from bench.yields.run import Stage
from bench.yields.worlds import World

COUNTS = (20, 40, 60, 100)
EXCLUSIONS = (0, 20, 60, 150, 400, 1_000)
CLASSES_PER_FOLD = 5.0  # weights within a class differ by a fifth at most
REFRESHED = 3  # arms looked at anew before each ask, in turn: lazy bounds age
NEARLY = 0.99
LEAST = 0.02  # a chance below this is not worth keeping in mind
CERTAIN = 0.999


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to ask, without its sizes."""

    provider: str
    style: Style
    partition: Partition | None


@dataclass(frozen=True, slots=True)
class Classes:
    """A pool by classes of weight, the heaviest first."""

    weights: tuple[float, ...]
    members: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The best sizes for an arm and the true new entries per USD that they promise."""

    value: float
    count: int
    excluded: int


@dataclass(eq=False)
class Advisor:
    """Which ask is best in a state of the truth. `left`: how likely each entry is still to be found."""

    stage: Stage
    left: list[float] = field(init=False)
    _asked: dict[str, int] = field(init=False)
    _classes: dict[tuple[Arm, int], Classes] = field(default_factory=dict)
    _queue: list[tuple[float, int]] = field(default_factory=list)
    _turn: int = 0

    def __post_init__(self) -> None:
        self.left = [1.0] * len(self.stage.world.texts)
        self._asked = dict.fromkeys(self.stage.minds, 0)
        self._arms = list(_arms(self.stage))
        self._plans = [self._plan(arm) for arm in self._arms]
        self._rebuild()

    def best(self) -> tuple[Arm, Plan]:
        """The arm with the most per USD. Bounds are looked at anew from the top until one holds."""
        for _ in range(REFRESHED):
            self._turn = (self._turn + 1) % len(self._arms)
            self._renew(self._turn)
        while True:
            value, at = self._queue[0]
            if -value != self._plans[at].value:  # an older bound of an arm that has a newer one
                heappop(self._queue)
                continue
            self._renew(at)
            while -self._queue[0][0] != self._plans[self._queue[0][1]].value:
                heappop(self._queue)
            if self._plans[at].value >= NEARLY * -self._queue[0][0]:
                return self._arms[at], self._plans[at]

    def asked(self, provider: str, times: int = 1) -> None:
        """Take note of requests, after which a provider may drift: then all about it is looked at anew."""
        before = self._phase(provider)
        self._asked[provider] += times
        if self._phase(provider) != before:
            for at, arm in enumerate(self._arms):
                if arm.provider == provider:
                    self._plans[at] = self._plan(arm)
            self._rebuild()

    def mind(self, provider: str) -> Mind:
        return self.stage.minds[provider][self._phase(provider)]

    def excluded(self, arm: Arm, size: int) -> tuple[int, ...]:
        """The `size` entries of an arm that are found and would come first."""
        mind = self.mind(arm.provider)
        pool = mind.pool(arm.style, 0, None, mind.understands(arm.partition))
        return tuple(islice((at for at in pool.ids if self.left[at] < 0.5), size))

    def chances(self, arm: Arm, plan: Plan) -> dict[int, float]:
        """How likely a request names each entry that is not found yet."""
        mind = self.mind(arm.provider)
        inside, outside = self._pair(arm)
        stray = 1 - mind.traits.obeys_partition if outside else 0.0
        likely: dict[int, float] = {}
        for classes, count, excluded in (
            (inside, plan.count * (1 - stray), plan.excluded),
            (outside, plan.count * stray, 0),
        ):
            if classes is not None and count > 0:
                time = self._time(classes, count, excluded, mind.traits.obeys_exclusions)
                for weight, members in zip(classes.weights, classes.members, strict=True):
                    chance = min(CERTAIN, 1 - exp(-weight * time)) * self._honest(mind)
                    if chance >= LEAST:
                        for at in members:
                            if self.left[at] > 0:
                                likely.setdefault(at, chance)
        return likely

    # --- within ---

    def _phase(self, provider: str) -> int:
        drift = self.stage.minds[provider][0].traits.drift
        return int(drift is not None and self._asked[provider] >= drift.after)

    def _rebuild(self) -> None:
        self._queue = [(-plan.value, at) for at, plan in enumerate(self._plans)]
        heapify(self._queue)

    def _renew(self, at: int) -> None:
        plan = self._plan(self._arms[at])
        if plan.value != self._plans[at].value:
            heappush(self._queue, (-plan.value, at))
        self._plans[at] = plan

    def _pair(self, arm: Arm) -> tuple[Classes, Classes | None]:
        """The part and, where it is one that the model understands, what lies outside it."""
        mind = self.mind(arm.provider)
        whole, understood = Arm(arm.provider, arm.style, None), mind.understands(arm.partition)
        if understood is None:
            return self._classed(whole, mind), None
        return self._classed(arm, mind), self._classed(whole, mind)

    def _classed(self, arm: Arm, mind: Mind) -> Classes:
        key = (arm, self._phase(arm.provider))
        if key not in self._classes:
            self._classes[key] = classed(_typical(mind, arm))
        return self._classes[key]

    def _plan(self, arm: Arm) -> Plan:
        """The best exclusions for the usual count, then the best count for these exclusions."""
        mind = self.mind(arm.provider)
        inside, outside = self._pair(arm)
        fresh, found = self._counted(inside)
        beyond = self._counted(outside) if outside else None
        known = sum(found)
        usual = min(60, mind.traits.largest)

        def value(count: int, excluded: int) -> float:
            stray = 1 - mind.traits.obeys_partition if outside else 0.0
            new = _expected(inside.weights, fresh, found, count * (1 - stray), excluded, mind.traits.obeys_exclusions)
            if outside and beyond and stray:
                others = [max(0.0, one - two) for one, two in zip(*_aligned(outside, inside, beyond[0], fresh), strict=True)]
                stale = [max(0.0, one - two) for one, two in zip(*_aligned(outside, inside, beyond[1], found), strict=True)]
                new += _expected(outside.weights, others, stale, count * stray, 0, 0.0)
            return new * self._honest(mind) / self._cost(arm, mind, count, excluded)

        sizes = [size for size in EXCLUSIONS if size < known * 1.5 or size == 0]
        excluded = max(sizes, key=lambda size: value(usual, size))
        count = max((each for each in COUNTS if each <= mind.traits.largest), key=lambda each: value(each, excluded))
        return Plan(value(count, excluded), count, excluded)

    def _counted(self, classes: Classes) -> tuple[list[float], list[float]]:
        """For each class, how many entries are to be found yet, and how many are found."""
        look = self.left.__getitem__
        fresh = [sum(map(look, members)) for members in classes.members]
        return fresh, [len(members) - new for members, new in zip(classes.members, fresh, strict=True)]

    def _time(self, classes: Classes, count: float, excluded: int, obeys: float) -> float:
        fresh, found = self._counted(classes)
        return _time(classes.weights, [a + b for a, b in zip(fresh, _unheeded(found, excluded, obeys), strict=True)], count)

    @staticmethod
    def _honest(mind: Mind) -> float:
        return 1 - mind.traits.off_topic - mind.traits.repeats

    def _cost(self, arm: Arm, mind: Mind, count: int, excluded: int) -> float:
        """USD. A failed request brings and costs nothing, a cut one half: neither changes what a USD brings."""
        tokens = self.stage.world.mean_tokens
        given = count * tokens * (VERBALIZED_TOKENS if arm.style == "verbalized" else 1.0)
        return (mind.traits.price_in * (PROMPT_TOKENS + excluded * tokens) + mind.traits.price_out * given) / 1e6


class Oracle:
    """The policy that follows the advisor."""

    name = "oracle"

    def __init__(self, stage: Stage, briefing: Briefing) -> None:
        self._advisor = Advisor(stage)
        self._stage = stage
        self._flying: dict[int, dict[int, float]] = {}
        self.values: list[float] = []

    def next(self, now: float) -> Ask | None:
        arm, plan = self._advisor.best()
        texts = self._stage.world.texts
        barred = tuple(texts[at] for at in self._advisor.excluded(arm, plan.excluded))
        ask = Ask(arm.provider, plan.count, arm.partition, barred, arm.style)
        chances = self._advisor.chances(arm, plan)
        for at, chance in chances.items():
            self._advisor.left[at] *= 1 - chance
        self._flying[id(ask)] = chances
        self._advisor.asked(arm.provider)
        self.values.append(plan.value)
        return ask

    def learn(self, answered: Answered) -> None:
        left, place = self._advisor.left, self._stage.world.place
        for at, chance in self._flying.pop(id(answered.ask)).items():
            left[at] /= 1 - chance
        for text in answered.new:
            if text in place:
                left[place[text]] = 0.0


# --- ways to ask ----------------------------------------------------------------------------------


def _arms(stage: Stage) -> Iterable[Arm]:
    parts: list[Partition | None] = [None, *letters_of(stage.world), *map(Category, stage.world.categories)]
    for provider in stage.minds:
        for style in STYLES:
            yield from (Arm(provider, style, part) for part in parts)


def letters_of(world: World) -> Iterable[Letters]:
    """Eight ranges of about equal size, each letter by itself, and all that is no Latin letter."""
    firsts = sorted(initial[0] for initial in world.initials if initial)
    bounds = [firsts[len(firsts) * eighth // 8] for eighth in range(8)]
    starts = sorted(set(bounds))
    for low, after in zip(starts, [*starts[1:], "{"], strict=True):
        yield Letters(((low, chr(ord(after) - 1)),))
    yield from (Letters(((letter, letter),)) for letter in sorted(set(firsts)))
    yield Letters(digits=True, other=True)


def _typical(mind: Mind, arm: Arm) -> Pool:
    """The pool of an arm; for a style with moods, that of the mean weights."""
    if arm.style != "anchors":
        return mind.pool(arm.style, 0, None, arm.partition)
    weights: dict[int, float] = {}
    for mood in range(MOODS):
        pool = mind.pool(arm.style, mood, None, arm.partition)
        for at, weight in zip(pool.ids, pool.weights, strict=True):
            weights[at] = weights.get(at, 0.0) + weight / MOODS
    ids = sorted(weights, key=weights.__getitem__, reverse=True)
    return Pool(tuple(ids), tuple(weights[at] for at in ids), ())


# --- expectations ---------------------------------------------------------------------------------


def classed(pool: Pool) -> Classes:
    """`pool` by classes on a scale that all pools share, each with the geometric middle of its weights."""
    found: dict[int, list[int]] = {}
    for at, weight in zip(pool.ids, pool.weights, strict=True):
        found.setdefault(round(log(weight) * CLASSES_PER_FOLD), []).append(at)
    steps = sorted(found, reverse=True)
    return Classes(tuple(exp(step / CLASSES_PER_FOLD) for step in steps), tuple(tuple(found[step]) for step in steps))


def _aligned(
    outer: Classes, inner: Classes, outer_counts: Sequence[float], inner_counts: Sequence[float]
) -> tuple[Sequence[float], list[float]]:
    """The counts of a part, on the classes of the whole that it is in."""
    of = dict(zip(inner.weights, inner_counts, strict=True))
    return outer_counts, [of.get(weight, 0.0) for weight in outer.weights]


def _expected(
    weights: Sequence[float], fresh: Sequence[float], found: Sequence[float], count: float, excluded: int, obeys: float
) -> float:
    """How many new entries an answer of `count` brings."""
    if count <= 0:
        return 0.0
    time = _time(weights, [a + b for a, b in zip(fresh, _unheeded(found, excluded, obeys), strict=True)], count)
    return sum(new * (1 - exp(-weight * time)) for weight, new in zip(weights, fresh, strict=True))


def _unheeded(found: Sequence[float], excluded: int, obeys: float) -> list[float]:
    """The found entries that may be named all the same, if the `excluded` heaviest are excluded."""
    rest = float(excluded)
    kept = []
    for known in found:
        barred = min(rest, known)
        rest -= barred
        kept.append(known - obeys * barred)
    return kept


def _time(weights: Sequence[float], sizes: Sequence[float], count: float) -> float:
    """When clocks of these rates have rung `count` times in expectation (Newton's method; capped at a long time)."""
    total = sum(sizes)
    lightest = min((weight for weight, size in zip(weights, sizes, strict=True) if size > 0), default=1.0)
    if total <= count * 1.0001:
        return 20 / lightest
    mass = sum(weight * size for weight, size in zip(weights, sizes, strict=True))
    time = count / mass
    for _ in range(30):
        rung = slope = 0.0
        for weight, size in zip(weights, sizes, strict=True):
            silent = size * exp(-weight * time)
            rung += size - silent
            slope += weight * silent
        step = (count - rung) / max(slope, 1e-300)
        time += step  # the sum is concave in time: from below, Newton never overshoots
        if step <= 1e-3 * time:
            break
    return time
