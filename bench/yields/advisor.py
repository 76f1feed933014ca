"""Which ask brings the most true new entries per USD in a state of the truth: a search over many ways to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import islice
from math import exp

from bench.yields.asks import STYLES, Category, Letters, Partition, Style
from bench.yields.expectations import Classes, Counts, classed, expected_new, filling_time, mentionable
from bench.yields.minds import Mind, Pool
from bench.yields.models import MOODS, PROMPT_TOKENS, VERBALIZED_TOKENS
from bench.yields.run import Stage
from bench.yields.worlds import World

COUNTS = (20, 40, 60, 100)
EXCLUSIONS = (0, 20, 60, 150, 400, 1_000)
REFRESHED = 3  # arms looked at anew before each ask, in turn: the bounds of the others age
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
class Plan:
    """The best sizes for an arm and the true new entries per USD that they promise."""

    value: float
    count: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What an arm draws from: `inside`, and `outside` the part (the whole; `inner` places the classes of the one
    among those of the other). None: the arm asks for the whole, or for a part that the model does not understand."""

    inside: Classes
    outside: Classes | None = None
    inner: tuple[int, ...] = ()


@dataclass(eq=False)
class Advisor:
    """The best ask in a state of the truth. `left`: how likely each entry is still to be found, once all that is in
    flight has been answered."""

    stage: Stage
    left: list[float] = field(init=False)
    _found: list[int] = field(init=False)
    _asked: dict[str, int] = field(init=False)
    _scopes: dict[tuple[Arm, int], Scope] = field(default_factory=dict)
    _queue: list[tuple[float, int]] = field(default_factory=list)
    _turn: int = 0

    def __post_init__(self) -> None:
        self.left = [1.0] * len(self.stage.world.texts)
        self._found = [0] * len(self.left)
        self._asked = dict.fromkeys(self.stage.minds, 0)
        self._arms = list(_arms(self.stage))
        self._plans = [self._boundless(arm) for arm in self._arms]
        self._rebuild()

    def best(self) -> tuple[Arm, Plan]:
        """The arm with the most per USD. Bounds are looked at anew from the top until one holds."""
        for _ in range(REFRESHED):
            self._turn = (self._turn + 1) % len(self._arms)
            self._renew(self._turn)
        while True:
            _, at = self._top()
            self._renew(at)
            if self._plans[at].value >= NEARLY * self._top()[0]:
                return self._arms[at], self._plans[at]

    def asked(self, provider: str) -> None:
        """Take note of a request, after which a provider may drift: then all about it is looked at anew."""
        before = self._phase(provider)
        self._asked[provider] += 1
        if self._phase(provider) != before:
            for at, arm in enumerate(self._arms):
                if arm.provider == provider:
                    self._plans[at] = self._boundless(arm)
            self._rebuild()

    def find(self, at: int) -> None:
        """Take note of an entry that was found."""
        self.left[at] = 0.0
        self._found[at] = 1

    def mind(self, provider: str) -> Mind:
        return self.stage.minds[provider][self._phase(provider)]

    def excluded(self, arm: Arm, size: int) -> tuple[int, ...]:
        """The `size` entries of an arm that are found and would come first."""
        mind = self.mind(arm.provider)
        pool = mind.pool(arm.style, 0, None, mind.understands(arm.partition))
        return tuple(islice((at for at in pool.ids if self._found[at]), size))

    def chances(self, arm: Arm, plan: Plan) -> dict[int, float]:
        """How likely a request names each entry that is not found yet."""
        mind, scope = self.mind(arm.provider), self._scope(arm)
        stray = _stray(mind, scope)
        likely: dict[int, float] = {}
        for classes, count, excluded in (
            (scope.inside, plan.count * (1 - stray), plan.excluded),
            (scope.outside, plan.count * stray, 0),
        ):
            if classes is not None and count > 0:
                sizes = mentionable(self._counted(classes), excluded, mind.traits.obeys_exclusions)
                time = filling_time(classes.weights, sizes, count)
                for weight, members in zip(classes.weights, classes.members, strict=True):
                    chance = min(CERTAIN, 1 - exp(-weight * time)) * _honest(mind)
                    if chance >= LEAST:
                        for at in members:
                            if self.left[at] > 0:
                                likely.setdefault(at, chance)
        return likely

    # --- the queue of bounds ---

    def _top(self) -> tuple[float, int]:
        """The greatest bound and whose it is; older bounds of arms that have newer ones are dropped."""
        while -self._queue[0][0] != self._plans[self._queue[0][1]].value:
            heappop(self._queue)
        return -self._queue[0][0], self._queue[0][1]

    def _rebuild(self) -> None:
        self._queue = [(-plan.value, at) for at, plan in enumerate(self._plans)]
        heapify(self._queue)

    def _renew(self, at: int) -> None:
        plan = self._plan(self._arms[at], self._plans[at])
        if plan.value != self._plans[at].value:
            heappush(self._queue, (-plan.value, at))
        self._plans[at] = plan

    # --- what an arm is worth ---

    def _boundless(self, arm: Arm) -> Plan:
        """More than the arm can bring: an answer as long as possible, nothing in it known."""
        mind = self.mind(arm.provider)
        count = max(each for each in COUNTS if each <= mind.traits.largest)
        return Plan(count / self._cost(arm, mind, count, 0), min(60, count), 0)

    def _plan(self, arm: Arm, before: Plan) -> Plan:
        """The best exclusions for the count it had, then the best count for these exclusions."""
        mind = self.mind(arm.provider)
        new = self.forecast(arm)

        def value(count: int, excluded: int) -> float:
            return new(count, excluded) / self._cost(arm, mind, count, excluded)

        excluded, _ = _climbed(EXCLUSIONS, before.excluded, lambda size: value(before.count, size))
        counts = tuple(each for each in COUNTS if each <= mind.traits.largest)
        count, worth = _climbed(counts, before.count, lambda size: value(size, excluded))
        return Plan(worth, count, excluded)

    def forecast(self, arm: Arm) -> Callable[[int, int], float]:
        """The true new entries that an answer brings as things stand, by count and by the number of exclusions."""
        scope, mind = self._scope(arm), self.mind(arm.provider)
        stray, obeys = _stray(mind, scope), mind.traits.obeys_exclusions
        within = self._counted(scope.inside)
        beyond = _without(self._counted(scope.outside), scope.inner, within) if scope.outside and stray else None

        def new(count: int, excluded: int) -> float:
            entries = expected_new(scope.inside.weights, within, count * (1 - stray), excluded, obeys)
            if scope.outside and beyond:
                entries += expected_new(scope.outside.weights, beyond, count * stray, 0, 0.0)
            return entries * _honest(mind)

        return new

    def _counted(self, classes: Classes) -> Counts:
        left, found_at = self.left.__getitem__, self._found.__getitem__
        fresh = [sum(map(left, members)) for members in classes.members]
        found = [float(sum(map(found_at, members))) for members in classes.members]
        sizes = map(len, classes.members)
        return Counts(
            fresh, found, [max(0.0, size - new - old) for size, new, old in zip(sizes, fresh, found, strict=True)]
        )

    def _scope(self, arm: Arm) -> Scope:
        key = (arm, self._phase(arm.provider))
        if key not in self._scopes:
            self._scopes[key] = self._made_scope(arm)
        return self._scopes[key]

    def _made_scope(self, arm: Arm) -> Scope:
        mind = self.mind(arm.provider)
        if arm.partition is None:
            return Scope(classed(_typical(mind, arm)))
        whole = self._scope(Arm(arm.provider, arm.style, None)).inside
        if mind.understands(arm.partition) is None:
            return Scope(whole)
        inside = classed(_typical(mind, arm))
        place = {step: at for at, step in enumerate(whole.steps)}
        return Scope(inside, whole, tuple(place[step] for step in inside.steps))

    def _phase(self, provider: str) -> int:
        drift = self.stage.minds[provider][0].traits.drift
        return int(drift is not None and self._asked[provider] >= drift.after)

    def _cost(self, arm: Arm, mind: Mind, count: int, excluded: int) -> float:
        """USD. A failed request brings and costs nothing, a cut one half: neither changes what a USD brings."""
        tokens = self.stage.world.mean_tokens
        given = count * tokens * (VERBALIZED_TOKENS if arm.style == "verbalized" else 1.0)
        return (mind.traits.price_in * (PROMPT_TOKENS + excluded * tokens) + mind.traits.price_out * given) / 1e6


def _stray(mind: Mind, scope: Scope) -> float:
    return 1 - mind.traits.obeys_partition if scope.outside else 0.0


def _honest(mind: Mind) -> float:
    """The share of an answer that is neither off topic nor a repeat within it."""
    return 1 - mind.traits.off_topic - mind.traits.repeats


def _without(whole: Counts, places: Sequence[int], part: Counts) -> Counts:
    """The counts outside a part of the whole; `places` are the part's classes among those of the whole."""
    rest = Counts(list(whole.fresh), list(whole.found), list(whole.pending))
    for of_rest, of_part in ((rest.fresh, part.fresh), (rest.found, part.found), (rest.pending, part.pending)):
        for place, size in zip(places, of_part, strict=True):
            of_rest[place] = max(0.0, of_rest[place] - size)
    return rest


def _climbed(ladder: Sequence[int], start: int, value: Callable[[int], float]) -> tuple[int, float]:
    """The best rung near `start`, and its value: up or down as long as it gets better."""
    at = ladder.index(start) if start in ladder else 0
    best = value(ladder[at])
    for step in (1, -1):
        while 0 <= at + step < len(ladder) and (there := value(ladder[at + step])) > best:
            at, best = at + step, there
    return ladder[at], best


# --- ways to ask ----------------------------------------------------------------------------------


def _arms(stage: Stage) -> Iterable[Arm]:
    parts: list[Partition | None] = [None, *letters_of(stage.world), *map(Category, stage.world.categories)]
    for provider, minds in stage.minds.items():
        for style in STYLES:
            if style == "plain" or _matters(minds[0], style):
                yield from (Arm(provider, style, part) for part in parts)


def _matters(mind: Mind, style: Style) -> bool:
    traits = mind.traits
    effects = {"lesser-known": traits.lesser, "anchors": traits.anchors, "language": traits.language}
    return effects.get(style, traits.verbalized) > 0


def letters_of(world: World) -> Iterable[Letters]:
    """Eight ranges of about equal size, each letter by itself, and all that is no Latin letter."""
    firsts = sorted(initial[0] for initial in world.initials if initial)
    starts = sorted({firsts[len(firsts) * eighth // 8] for eighth in range(8)})
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
