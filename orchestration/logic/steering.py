"""The mind of a run: what each producer asks for, whom, and how. Pure: the time and the randomness are arguments.

It is fed each request once, in the order of commits, and asked for plans at any time. Every so often a `step` looks
at the whole: it divides the topic further or less, moves producers, and shifts weights, each a Decision. Replaying
the requests of a run leads to much the same mind again, so that a restart forgets little.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from orchestration.logic import wishes
from orchestration.logic.asking import BLIND, KnownPart, Outcome, Plan, Settings
from orchestration.logic.blind import Probing
from orchestration.logic.clusters import Clusters
from orchestration.logic.decisions import Decision
from orchestration.logic.dividing import Dividing
from orchestration.logic.effort import Effort, Rated
from orchestration.logic.memories import Homes, Memories
from orchestration.logic.moving import Moving
from orchestration.logic.paid import Paid
from orchestration.logic.parts import WHOLE, Part
from orchestration.logic.planned import Planned
from orchestration.logic.pools import Pools
from orchestration.logic.prompts import producer_prompt, styles_for
from orchestration.logic.prospects import Prospects
from orchestration.logic.reservoir import Reservoir
from orchestration.logic.tree import PartTree
from orchestration.logic.trimming import Purse, trimmed
from orchestration.logic.tuning import tuning_of
from orchestration.logic.weighing import Weighing
from orchestration.logic.yields import FIRST_NOVELTY, Yields

# Sooner than its interval, a step is due once so many requests have come.
REQUESTS_A_STEP, LEAST_SECONDS = 2, 0.5
MOST_CHANGES = 8
HOPE_OF_THE_WHOLE = 0.7
# So many answers without a new entry make a dry stretch.
DRY_REQUESTS = 10


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
    pools: Pools = field(default_factory=Pools)
    assigned: dict[int, str] = field(default_factory=dict)
    division_wanted: bool = False
    _effort: Effort = field(default_factory=Effort)
    _probing: Probing = field(default_factory=Probing)
    _planned: Planned = field(default_factory=Planned)
    _names: Reservoir = field(init=False)
    _homes: Homes = field(default_factory=Homes)
    _stepped_at: float = float("-inf")
    _since_step: int = 0
    _dry: int = 0
    _homeless: bool = False

    def __post_init__(self) -> None:
        self._styles = styles_for(self.rng)
        self._names = Reservoir(self.rng)
        self._effort.objective = self.settings.optimise
        self._effort.priced = any(rated.token_in or rated.token_out for rated in self.providers.values())
        self._clusters = Clusters(wanted=self.settings.partition == "semantic")
        self._tuning = {name: tuning_of(rated, self._styles) for name, rated in self.providers.items()}
        self._memories = Memories(tuple(self.providers), self.tree)
        self._prospects = Prospects(self.providers, self.pools, self._effort, self.settings.request_size)
        self._paid = Paid(self.providers, self.settings.request_size)
        self._weighing = Weighing(self.providers, self._prospects, self._effort, self.yields)
        self._moving = Moving(self.tree, self._prospects, self.yields)
        self._dividing = Dividing(self.settings.partition, self.tree, self.yields, self.pools, self._names)
        for slot in self.slots:
            self.weights.setdefault(slot, {name: round(1 / len(self.providers), 4) for name in self.providers})

    # What is observed

    def record(self, outcome: Outcome) -> None:
        """Take in a request."""
        self._since_step += 1
        if outcome.new or outcome.repeats:
            self._dry = 0 if outcome.new else self._dry + 1
        part = self.tree.get(outcome.part).part
        self._homes.record(part, outcome.new)
        self._names.add([text for _, text in outcome.new])
        if outcome.provider not in self.providers:
            return  # one that people do not choose any more: its entries are known all the same
        deliberate = outcome.style == BLIND
        self._probing.record(outcome.provider, outcome.cost, probe=outcome.probe, deliberate=deliberate)
        effort = self._effort.of(outcome.cost, outcome.seconds)
        excluded = self._planned.answered(outcome)
        if not deliberate:
            self._learn(outcome, effort, len(excluded))
        self.pools.record(outcome.provider, part, outcome.new, outcome.repeats)
        self._memories.record(outcome, excluded)

    def _learn(self, outcome: Outcome, effort: float, excluded: int) -> None:
        candidates, new = len(outcome.new) + len(outcome.repeats), len(outcome.new)
        provider, asked, part = outcome.provider, outcome.asked, self.tree.get(outcome.part).part
        expected = self._prospects.expected(provider, part, asked)
        self._tuning[provider].record(outcome, expected)
        self.tree.record(part.words, candidates, new)
        counts = {"asked": asked, "candidates": candidates, "new": new}
        self.yields.record(provider, part.words, effort=effort, **counts)
        self._paid.record(provider, self.yields.ordinal, outcome.cost, counts)
        self._prospects.record(provider, part.words, asked, candidates, effort, excluded)
        if candidates:
            self._prospects.record_new(provider, new, expected)

    def coherence(self, words: str, texts: Sequence[str], repeated: Sequence[int]) -> float | None:
        """The share of an answer that fits the part asked for: exact for ranges, by the `texts`.

        For a category or a cluster an estimate: of the `repeated` entries that were first found in such a part, the
        share that was found in this one. None where too little is known.
        """
        return self._homes.coherence(self.tree.get(words).part, texts, repeated)

    def nameless(self) -> set[int]:
        """The ids of repeated entries of which only the key has come."""
        return {entry for memory in self._memories for entry in memory.nameless()}

    def name(self, texts: Mapping[int, str]) -> None:
        """These ids have these texts."""
        for memory in self._memories:
            memory.name(texts)

    # What is asked next

    def plan(self, slot: int, provider: str) -> Plan:
        """How the producer asks that provider, until a request of the two has been recorded."""
        return self._planned.get(slot, provider, lambda: self._new_plan(self._part_to_ask(slot), provider))

    def trim(self, slot: int, provider: str, purse: Purse) -> Plan | None:
        """The plan in force, from now on with the exclusions that what is left should pay for; None: with all."""
        self.plan(slot, provider)
        return self._planned.trim(slot, provider, partial(self._trimmed, provider, purse))

    def _trimmed(self, provider: str, purse: Purse, plan: Plan) -> Plan:
        part, size = self.tree.get(plan.part).part, plan.request_size
        least = self.pools.chance_of_repeat(provider, part, size)
        saved = self._memories.saved(provider, part, plan.excluded, least)
        return trimmed(plan, saved, purse)

    def part_of(self, slot: int) -> Part:
        return self.tree.get(self.assigned.get(slot, WHOLE.words)).part

    def _part_to_ask(self, slot: int) -> Part:
        """That of the producer, or, until it is moved, the best, where people have just left out its own."""
        part = self.part_of(slot)
        open_parts = self.tree.open_parts()
        return part if part.words in open_parts else self.tree.get(max(open_parts, key=self._moving.best)).part

    def forget_probe(self, provider: str) -> None:
        """A probe that was asked for will not come."""
        self._probing.forget(provider)

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
        size = self._prospects.size(provider, part)
        worth = self._effort.worth_of_exclusions(rated, self.yields.provider(provider), self.settings.request_size)
        chosen = self._memories.choose(provider, part, worth, self.pools.chance_of_repeat(provider, part, size))
        return Plan(
            prompt=producer_prompt(self.settings.topic, self.settings.prompt, part.words, self._styles[style]),
            part=part.words,
            style=style,
            exclusions=tuple(chosen.values()),
            excluded=tuple(chosen),
            request_size=size,
            temperature=tuning.temperatures.draw(self.rng),
        )

    # What is decided

    def restore(self, parts: Sequence[KnownPart]) -> None:
        """The parts that there were; before anything is recorded."""
        for known in wishes.named(parts):
            self._dividing.open([known.part], known.parent, novelty=FIRST_NOVELTY)
            self.tree.nodes[known.part.words].state = known.state
        self.adopt(parts)
        wishes.wanted_meanwhile(self.tree, wishes.named(parts), self.yields.ordinal)

    def begin(self) -> list[Decision]:
        """Open the parts to begin with, unless there are some, and send everyone to the best."""
        self.yields.expect(WHOLE.words, HOPE_OF_THE_WHOLE)
        self._dividing.begin(len(self.slots))
        self._clusters.resume(self.tree, self.entries)
        self.assigned = self._moving.begin(self.slots)
        self.division_wanted = self._dividing.wants_division()
        undecided = len(self.providers) > 1 and all(len(set(each.values())) < 2 for each in self.weights.values())
        # Where nobody has said whom to prefer, the price does.
        return self._reweigh(()) if self.settings.steers_weights and undecided else []

    def adopt(self, parts: Sequence[KnownPart]) -> list[Decision]:
        """Take over what people changed: parts that they added, left out, or want again."""
        for known in wishes.named(parts):
            if known.part.words not in self.tree.nodes:
                self._dividing.open([known.part], known.parent, novelty=self.yields.run_novelty)
        decisions = wishes.carry_out(self.tree, wishes.named(parts), self.yields.ordinal)
        self._dividing.settle_whole()
        open_parts = self.tree.open_parts()
        self._planned.keep_parts(open_parts)
        self._homeless = self._homeless or (bool(decisions) and not set(self.assigned.values()) <= {*open_parts})
        return decisions

    def due(self, now: float) -> bool:
        """Whether it is time for a step: nothing is decided without news, but who asks for a part that people have
        just left out moves at once."""
        waited = now - self._stepped_at
        much = self._since_step >= REQUESTS_A_STEP and waited >= min(LEAST_SECONDS, self.settings.interval)
        return self._homeless or (self._since_step > 0 and (waited >= self.settings.interval or much))

    def step(self, now: float, *, alive: Collection[int] = (), out: Collection[str] = ()) -> list[Decision]:
        """Look at the whole and decide. `alive`: the slots that work (none given: all); `out`: providers that cannot
        be asked."""
        self._stepped_at, self._since_step, self._homeless = now, 0, False
        decisions: list[Decision] = []
        best = partial(self._moving.best, out=out)
        while len(decisions) < MOST_CHANGES and (change := self._dividing.restructure(best)):
            decisions += change
        decisions += self._move([slot for slot in self.slots if not alive or slot in alive], out)
        if self.settings.steers_weights:
            decisions += self._reweigh(out)
        self.division_wanted = self.division_wanted or self._dividing.wants_division()
        return decisions

    def divide(self, names: Sequence[str], provider: str) -> list[Decision]:
        """A provider has divided the topic into categories; with too few of them, nothing changes."""
        self.division_wanted = False
        return self._dividing.divide(names, provider)

    @property
    def entries(self) -> int:
        """The entries that were found so far."""
        return self._names.count

    @property
    def names(self) -> Sequence[str]:
        """An even sample of the names found: all of them up to 2,000."""
        return tuple(self._names.texts)

    @property
    def clusters_wanted(self) -> bool:
        """Whether people want semantic clusters, as far as there can be any."""
        return self._clusters.wanted

    def clusters_due(self) -> bool:
        """Whether the names are to be clustered now."""
        return self._clusters.due(self.entries)

    def cluster(self, groups: Sequence[Sequence[str]]) -> list[Decision]:
        """The names belong together so, each group told by its most central ones; with too few, nothing changes."""
        parts, decisions = self._clusters.replace(self.tree, groups, self.entries, self.yields.ordinal)
        self._dividing.open(parts, novelty=self.yields.run_novelty)
        return decisions

    def without_clusters(self, reason: str) -> Decision:
        """There can be no clusters but those that there are: else the whole topic is explored."""
        return self._clusters.give_up(reason)

    def _move(self, slots: Sequence[int], out: Collection[str]) -> list[Decision]:
        moved, decisions = self._moving.change(slots, self.assigned, out)
        self.assigned.update(moved)
        self._planned.drop(moved)
        self._planned.keep_parts(self.tree.open_parts())
        return decisions

    def _reweigh(self, out: Collection[str]) -> list[Decision]:
        decisions = []
        for slot in self.slots:
            pinned = self.pinned.get(slot, {})
            self.weights[slot], decision = self._weighing.change(
                slot, self.part_of(slot), self.weights[slot], pinned, out, dry=self._dry >= DRY_REQUESTS
            )
            decisions += [decision] if decision else []
        return decisions

    # What is expected

    def best_price(self, out: Collection[str] = ()) -> float | None:
        """USD for 100 new entries where they are the cheapest by what is expected: of all open parts and providers
        that can be asked (not `out`). None: nobody can be asked."""
        parts = [self.tree.get(words).part for words in self.tree.open_parts()]
        asked = [name for name in self.providers if name not in out]
        share_new = self._prospects.share_new
        prices = (100 * self._paid.usd_an_entry(name) / share_new(name, part) for part in parts for name in asked)
        return min(prices, default=None)
