"""The mind of a run: what each producer asks for, whom, and how. Pure: the time and the randomness are arguments.

It is fed each request once, in the order of commits, and asked for plans at any time. Every so often a `step` looks
at the whole: it divides the topic further or less, moves producers, and shifts weights, each a Decision. Replaying
the requests of a run leads to much the same mind again, so that a restart forgets little.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from orchestration.logic import allocation, partitions
from orchestration.logic.blind import Probing
from orchestration.logic.decisions import Decision, DecisionKind, in_words, part_in_words
from orchestration.logic.effort import FIRST_WEIGHT, Effort, Rated
from orchestration.logic.exclusions import Memory, Obedience
from orchestration.logic.forgetting import Fading
from orchestration.logic.knobs import Knob
from orchestration.logic.parts import WHOLE, Part, category, gap
from orchestration.logic.prompts import PLAIN, producer_prompt, styles_for
from orchestration.logic.tree import PartState, PartTree
from orchestration.logic.yields import FIRST_NOVELTY, KEEP_PROVIDER, Yields

SIZES, HOPES_OF_SIZES = (1.0, 2.0, 0.5), (1.0, 1.05, 0.95)
LARGEST_SIZE, LEAST_SIZE = 200, 20
TEMPERATURES = (None, 1.2, 0.8)
HOPES_OF_STYLES = (1.0, 1.08, 0.97, 0.97, 0.97)
OPTIMISM_OF_PARTS, OPTIMISM_OF_PROVIDERS = 0.2, 0.0
LEAST_HOMES, MOST_HOMES = 5, 100_000
REMEMBERED_NAMES = 2_000
# Sooner than its interval, a step is due once so many requests have come.
REQUESTS_A_STEP, LEAST_SECONDS = 2, 1.0
MOST_CHANGES = 8
HOPE_OF_THE_WHOLE = 0.7
BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Settings:
    """How people want a run to be steered. `interval`: seconds between two steps, at the most."""

    topic: str
    prompt: str = ""
    partition: str = "auto"
    optimise: str = "cost"
    request_size: int = 60
    interval: float = 15.0
    steers_weights: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """How a producer asks one provider next. `excluded`: the ids of the exclusions."""

    prompt: str
    part: str = ""
    style: str = PLAIN
    exclusions: tuple[str, ...] = ()
    excluded: tuple[int, ...] = ()
    request_size: int = 60
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A part as it is kept; `left_out`: people do not want it asked for."""

    part: Part
    parent: str = ""
    state: PartState = PartState.OPEN
    by_person: bool = False
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request and what came of it. `new` and `repeats` are ids and texts; `cost` is USD.

    `part` and `style` are those of its plan. `probe`: it was asked blindly; with the style BLIND on purpose.
    """

    slot: int
    provider: str
    part: str
    style: str
    asked: int
    new: Sequence[tuple[int, str]]
    repeats: Sequence[tuple[int, str]]
    cost: float
    seconds: float
    temperature: float | None = None
    probe: bool = False


_KINDS = {
    PartState.SPLIT: DecisionKind.SPLIT,
    PartState.RETIRED: DecisionKind.RETIRED,
    PartState.OPEN: DecisionKind.REOPENED,
}


@dataclass
class Tuning:
    """The settings of one provider's requests that are tried beside each other."""

    styles: Knob[str]
    sizes: Knob[float]
    temperatures: Knob[float | None]


@dataclass
class Steering:
    """Steers one run. `weights` are by slot and provider, `pinned` those that people hold fast."""

    settings: Settings
    providers: Mapping[str, Rated]
    slots: Sequence[int]
    rng: Random
    weights: dict[int, dict[str, float]] = field(default_factory=dict)
    pinned: dict[int, dict[str, float]] = field(default_factory=dict)
    tree: PartTree = field(default_factory=PartTree)
    yields: Yields = field(default_factory=Yields)
    assigned: dict[int, str] = field(default_factory=dict)
    division_wanted: bool = False
    entries: int = 0
    _effort: Effort = field(default_factory=Effort)
    _probing: Probing = field(default_factory=Probing)
    _memories: dict[tuple[str, str], Memory] = field(default_factory=dict)
    _obedience: dict[str, Obedience] = field(default_factory=dict)
    _tuning: dict[str, Tuning] = field(default_factory=dict)
    _plans: dict[tuple[int, str], Plan] = field(default_factory=dict)
    _excluded: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    _paid: dict[str, Fading] = field(default_factory=dict)
    _left_out: dict[str, bool] = field(default_factory=dict)
    _homes: dict[int, str] = field(default_factory=dict)
    _in_homes: set[str] = field(default_factory=set)
    _stepped_at: float = float("-inf")
    _since_step: int = 0

    def __post_init__(self) -> None:
        self._styles = styles_for(self.rng)
        self._effort.objective = self.settings.optimise
        self._tuning = {name: _tuning(rated, self._styles) for name, rated in self.providers.items()}
        self._obedience = {name: Obedience() for name in self.providers}
        self._paid = {name: Fading(KEEP_PROVIDER) for name in self.providers}
        for slot in self.slots:
            self.weights.setdefault(slot, self._equal_weights())

    # What is observed

    def record(self, outcome: Outcome) -> None:
        """Take in a request."""
        self._since_step += 1
        if outcome.provider not in self.providers:
            return
        deliberate = outcome.style == BLIND
        self._probing.record(outcome.provider, outcome.cost, probe=outcome.probe, deliberate=deliberate)
        effort = self._effort.of(outcome.cost, outcome.seconds)
        if outcome.style != BLIND:
            self._learn(outcome, effort)
        plan = self._plans.pop((outcome.slot, outcome.provider), None)
        excluded = plan.excluded if plan and outcome.style != BLIND else ()
        self._memorise(outcome, excluded)
        self._remember(outcome.new)

    def _learn(self, outcome: Outcome, effort: float) -> None:
        candidates, new = len(outcome.new) + len(outcome.repeats), len(outcome.new)
        part = self.tree.get(outcome.part).part.words
        expected = self._worth(outcome.provider, part, 0.0) * effort
        tuning = self._tuning[outcome.provider]
        tuning.styles.record(outcome.style, new, expected)
        tuning.sizes.record(_nearest(outcome.asked / self.settings.request_size), new, expected)
        tuning.temperatures.record(outcome.temperature, new, expected)
        self.tree.record(part, candidates, new)
        self.yields.record(outcome.provider, part, asked=outcome.asked, candidates=candidates, new=new, effort=effort)
        self._paid[outcome.provider].add(
            self.yields.ordinal, asked=outcome.asked, candidates=candidates, new=new, effort=outcome.cost
        )

    def _memorise(self, outcome: Outcome, excluded: Sequence[int]) -> None:
        named = (*outcome.new, *outcome.repeats)
        part = self.tree.get(outcome.part).part
        self._find_homes(part, outcome.new)
        self._obedience[outcome.provider].record(*self._memory(outcome.provider, part).record(named, excluded))
        for provider in self.providers:
            if provider != outcome.provider:
                self._memory(provider, part).hear(named)

    def _find_homes(self, part: Part, new: Sequence[tuple[int, str]]) -> None:
        if part.kind in ("category", "cluster") and len(self._homes) < MOST_HOMES:
            self._in_homes.add(part.words)
            self._homes.update((entry, part.words) for entry, _ in new)

    def _memory(self, provider: str, part: Part) -> Memory:
        key = provider, part.words
        if key not in self._memories:
            memory = self._memories[key] = Memory()
            for larger in dict.fromkeys((self.tree.nodes[part.words].parent, WHOLE.words)):
                if larger != part.words and (known := self._memories.get((provider, larger))):
                    memory.inherit(known, part.fits)
        return self._memories[key]

    def _remember(self, new: Sequence[tuple[int, str]]) -> None:
        """Keep an even sample of the names found (Vitter's reservoir)."""
        for _, text in new:
            self.entries += 1
            if len(self._names) < REMEMBERED_NAMES:
                self._names.append(text)
            elif (at := int(self.rng.random() * self.entries)) < REMEMBERED_NAMES:
                self._names[at] = text

    def coherence(self, words: str, texts: Sequence[str], repeated: Sequence[int]) -> float | None:
        """The share of an answer that fits the part asked for: exact for ranges, by the `texts`.

        For a category or a cluster an estimate: of the `repeated` entries that were first found in such a part, the
        share that was found in this one. None where too little is known.
        """
        part = self.tree.get(words).part
        if part.initials is not None:
            return part.coherence(texts)
        homes = [home for entry in repeated if (home := self._homes.get(entry))]
        if part.words not in self._in_homes or len(homes) < LEAST_HOMES:
            return None
        return sum(home == part.words for home in homes) / len(homes)

    def nameless(self) -> set[int]:
        """The ids of repeated entries of which only the key has come."""
        return {entry for memory in self._memories.values() for entry in memory.nameless()}

    def name(self, texts: Mapping[int, str]) -> None:
        """These ids have these texts."""
        for memory in self._memories.values():
            memory.name(texts)

    # What is asked next

    def plan(self, slot: int, provider: str) -> Plan:
        """How the producer asks that provider, until a request of the two has been recorded."""
        key = slot, provider
        if key not in self._plans:
            self._plans[key] = self._new_plan(self.part_of(slot), provider)
        return self._plans[key]

    def part_of(self, slot: int) -> Part:
        return self.tree.get(self.assigned.get(slot, WHOLE.words)).part

    def prompt_of(self, part: str) -> str:
        """The plain question for a part."""
        return producer_prompt(self.settings.topic, self.settings.prompt, part)

    def take_probe(self, out: Collection[str] = ()) -> str | None:
        """The provider to probe blindly now, if any; who asks takes it on himself."""
        size = self.settings.request_size
        return self._probing.choose({name: rated.cost_of(size) for name, rated in self.providers.items()}, out)

    def blind_prompt(self) -> str:
        """The question of blind probes: the plain one, for the whole topic."""
        return self.prompt_of(WHOLE.words)

    def _new_plan(self, part: Part, provider: str) -> Plan:
        tuning, rated = self._tuning[provider], self.providers[provider]
        style = tuning.styles.draw(self.rng)
        size = self._size(part, tuning.sizes.draw(self.rng))
        worth = self._effort.worth_of_exclusions(rated, self.yields.provider(provider), self.settings.request_size)
        before = self._excluded.get((provider, part.words), ())
        obedience = self._obedience[provider].share
        chosen = self._memory(provider, part).choose(worth, obedience, part.fits, before)
        self._excluded[provider, part.words] = tuple(chosen)
        return Plan(
            prompt=producer_prompt(self.settings.topic, self.settings.prompt, part.words, self._styles[style]),
            part=part.words,
            style=style,
            exclusions=tuple(chosen.values()),
            excluded=tuple(chosen),
            request_size=size,
            temperature=tuning.temperatures.draw(self.rng),
        )

    def _size(self, part: Part, factor: float) -> int:
        """How many entries to ask for: no more than a part that was asked for may still hold."""
        size = min(round(self.settings.request_size * factor), max(LARGEST_SIZE, self.settings.request_size))
        node = self.tree.nodes[part.words]
        return max(min(size, node.new + LEAST_SIZE if node.requests and part.words else size), 1)

    # What is decided

    def restore(self, parts: Sequence[KnownPart]) -> None:
        """The parts that there were; before anything is recorded."""
        for known in parts:
            self._open([known.part], known.parent, novelty=FIRST_NOVELTY)
            self.tree.nodes[known.part.words].state = known.state
        self.adopt(parts)

    def begin(self) -> None:
        """Open the parts to begin with, unless there are some, and send everyone to the best."""
        kind = self.settings.partition
        self.yields.expect(WHOLE.words, HOPE_OF_THE_WHOLE)
        if not any(node.part.kind == "range" for node in self.tree):
            self._open(partitions.first_parts(kind, len(self.slots), self._names), novelty=FIRST_NOVELTY)
        if not partitions.keeps_whole(kind) and len(self.tree.nodes) > 1:
            self.tree.set_state(WHOLE.words, PartState.SPLIT, 0)
        self.assigned = allocation.assign(self.slots, self._worths(()), {}, 0.0)
        self.division_wanted = partitions.wants_division(kind, self.yields, self.entries, self.tree)
        if self.settings.steers_weights and all(len(set(shares.values())) < 2 for shares in self.weights.values()):
            self._reweigh(())  # nobody has said whom to prefer: so the price does

    def adopt(self, parts: Sequence[KnownPart]) -> list[Decision]:
        """Take over what people changed: parts that they added, left out, or want again."""
        decisions = []
        for known in parts:
            if known.part.words not in self.tree.nodes:
                self._open([known.part], known.parent, novelty=self.yields.run_novelty)
            node = self.tree.get(known.part.words)
            node.by_person = known.by_person or known.left_out
            wanted = PartState.RETIRED if known.left_out else PartState.OPEN
            if known.left_out != self._left_out.get(known.part.words, False) and node.part.words:
                self._left_out[known.part.words] = known.left_out
                words = "a person leaves it out" if known.left_out else "a person wants it again"
                subject = part_in_words(known.part.words)
                decisions.append(Decision(_KINDS[wanted], subject, node.state.value, wanted.value, words))
                self.tree.set_state(known.part.words, wanted, self.yields.ordinal)
        return decisions

    def due(self, now: float) -> bool:
        """Whether it is time for a step: nothing is decided without news."""
        waited = now - self._stepped_at
        much = self._since_step >= REQUESTS_A_STEP and waited >= min(LEAST_SECONDS, self.settings.interval)
        return self._since_step > 0 and (waited >= self.settings.interval or much)

    def step(self, now: float, *, alive: Collection[int] = (), out: Collection[str] = ()) -> list[Decision]:
        """Look at the whole and decide. `alive`: the slots that work (none given: all); `out`: providers that cannot
        be asked."""
        self._stepped_at, self._since_step = now, 0
        decisions: list[Decision] = []
        while len(decisions) < MOST_CHANGES and (change := self._restructure(out)):
            decisions += change
        decisions += self._move([slot for slot in self.slots if not alive or slot in alive], out)
        if self.settings.steers_weights:
            decisions += self._reweigh(out)
        self.division_wanted = self.division_wanted or partitions.wants_division(
            self.settings.partition, self.yields, self.entries, self.tree
        )
        return decisions

    def divide(self, names: Sequence[str], provider: str) -> list[Decision]:
        """A provider has divided the topic into categories; with too few of them, nothing changes."""
        self.division_wanted = False
        parts = [each for each in map(category, names) if each.name]
        if len(parts) < 2:
            return []
        added = self._open([*parts, gap(part.name for part in parts)], novelty=self.yields.run_novelty)
        if not partitions.keeps_whole(self.settings.partition):
            self.tree.set_state(WHOLE.words, PartState.SPLIT, self.yields.ordinal)
        reason = f"{provider} divides the topic so"
        return [Decision(DecisionKind.DIVISION, "the topic", "", "; ".join(added), reason)]

    def _open(self, parts: Sequence[Part], parent: str = "", *, novelty: float) -> list[str]:
        for part in parts:
            self.yields.expect(part.words, partitions.hope(part, novelty))
        return self.tree.add(parts, parent=parent, since=self.yields.ordinal)

    def _restructure(self, out: Collection[str]) -> list[Decision]:
        change = partitions.structural_change(
            self.tree, self.yields, lambda words: self._best(words, out), self._names
        )
        if change is None:
            return []
        before = self.tree.nodes[change.words].state
        self.tree.set_state(change.words, change.state, self.yields.ordinal)
        novelty = self.yields.part_novelty(change.words) * partitions.HOPE_OF_A_CHILD
        if change.state == PartState.OPEN:
            self.yields.expect(change.words, partitions.HOPE_OF_A_RETIRED)
            self.yields.parts.pop(change.words, None)
        children = self._open(change.children, change.words, novelty=novelty)
        after = "; ".join(children) or change.state.value
        return [Decision(_KINDS[change.state], part_in_words(change.words), before.value, after, change.reason)]

    def _move(self, slots: Sequence[int], out: Collection[str]) -> list[Decision]:
        worths = self._worths(out)
        assigned = allocation.assign(slots, worths, self.assigned)
        moved = [slot for slot in slots if assigned[slot] != self.assigned.get(slot)]
        before = dict(self.assigned)
        self.assigned.update(assigned)
        self._plans = {key: plan for key, plan in self._plans.items() if key[0] not in moved}
        return [
            Decision(
                DecisionKind.ASSIGNED,
                f"producer {slot}",
                part_in_words(before.get(slot, "")),
                part_in_words(assigned[slot]),
                self._why_moved(before.get(slot, ""), assigned[slot]),
            )
            for slot in moved
        ]

    def _why_moved(self, before: str, after: str) -> str:
        old, new = self.yields.part_novelty(before), self.yields.part_novelty(after)
        if self.tree.get(before).state != PartState.OPEN:
            return "the part it had is not asked for any more"
        return f"there {new:.0%} of the entries should be new, {old:.0%} where it was"

    def _reweigh(self, out: Collection[str]) -> list[Decision]:
        decisions = []
        for slot in self.slots:
            part, pinned = self.assigned.get(slot, WHOLE.words), self.pinned.get(slot, {})
            asked = [name for name in self.weights[slot] if name in self.providers and name not in out]
            yields = {name: self._worth(name, part, OPTIMISM_OF_PROVIDERS) for name in asked}
            efforts = {
                name: self._effort.of_request(self.providers[name], self.yields.provider(name)) for name in asked
            }
            after = {**self.weights[slot], **allocation.weights(yields, efforts, pinned)} if asked else pinned
            if after and allocation.is_change(self.weights[slot], after):
                decisions.append(self._new_weights(slot, after, yields))
        return decisions

    def _new_weights(self, slot: int, after: dict[str, float], yields: Mapping[str, float]) -> Decision:
        before, self.weights[slot] = self.weights[slot], after
        unit = self._effort.unit
        brings = ", ".join(f"{name} {value * unit.size:,.0f}" for name, value in sorted(yields.items()))
        reason = f"new entries to be expected for {unit.words}: {brings}"
        return Decision(DecisionKind.WEIGHTS, f"producer {slot}", in_words(before), in_words(after), reason)

    # What is expected

    def best_price(self, out: Collection[str] = ()) -> float | None:
        """USD for 100 new entries where they are the cheapest by what is expected: of all open parts and providers
        that can be asked (not `out`). None: there is nothing open."""
        prices = [
            100 * self._usd_a_candidate(name) / self.yields.novelty(name, part).mean
            for part in self.tree.open_parts()
            for name in self.providers
            if name not in out
        ]
        return min(prices, default=None)

    def _worths(self, out: Collection[str]) -> dict[str, float]:
        return {words: self._best(words, out) for words in self.tree.open_parts()}

    def _best(self, part: str, out: Collection[str]) -> float:
        asked = [name for name in self.providers if name not in out] or list(self.providers)
        return max((self._worth(name, part, OPTIMISM_OF_PARTS) for name in asked), default=0.0)

    def _worth(self, provider: str, part: str, optimism: float) -> float:
        """New entries for each unit of effort."""
        novelty = self.yields.novelty(provider, part).optimistic(optimism)
        sums = self.yields.provider(provider)
        return novelty * self._effort.candidates_for(self.providers[provider], sums, self.settings.request_size)

    def _usd_a_candidate(self, provider: str) -> float:
        paid, guess = self._paid[provider], self.providers[provider].cost_of(self.settings.request_size)
        candidates = paid.candidates + FIRST_WEIGHT * self.settings.request_size
        return (paid.effort + FIRST_WEIGHT * guess) / candidates

    def _equal_weights(self) -> dict[str, float]:
        return {name: round(1 / len(self.providers), 4) for name in self.providers}


def _tuning(rated: Rated, styles: Mapping[str, str]) -> Tuning:
    return Tuning(
        styles=Knob(tuple(styles), HOPES_OF_STYLES),
        sizes=Knob(SIZES, HOPES_OF_SIZES),
        temperatures=Knob(TEMPERATURES if rated.takes_temperature else (None,)),
    )


def _nearest(size: float) -> float:
    return min(SIZES, key=lambda each: abs(each - size))
