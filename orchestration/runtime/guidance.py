"""What one run learns from its requests and tells its producers: between the pure mind and the link. No database."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from orchestration.arrivals import Arrival, Committed
from orchestration.logic.asking import BLIND, KnownPart, Outcome, Plan
from orchestration.logic.decisions import Decision
from orchestration.logic.prompts import category_names, division_prompt
from orchestration.logic.tree import Node
from orchestration.opening import OpenedRun
from producers.link import messages

# A division that nobody has brought by then is asked for again, by another producer, a few times.
DIVISION_SECONDS, DIVISION_TRIES = 60.0, 3
# No more names of categories than this should happen to be names of entries.
KNOWN_AMONG_CATEGORIES = 2
# So many candidates of an answer tell how it fits the part that was asked for.
COHERENCE_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class Steps:
    """What a step of the optimiser leads to: decisions, and the weights and parts of producers that changed."""

    decisions: Sequence[Decision] = ()
    weights: Mapping[int, dict[str, float]] = field(default_factory=dict)
    parts: Mapping[int, str] = field(default_factory=dict)


class Guidance:
    """Keeps the mind of one run fed, and says what has to be said to each producer."""

    def __init__(self, opened: OpenedRun) -> None:
        self._opened = opened
        self._mind = opened.mind
        self._estimates = opened.estimates
        self._sent: dict[tuple[int, str], messages.Plan] = {}
        self._kept: dict[str, str] = {}
        self._hashes: set[str] = set()
        self._divisions: dict[str, tuple[str, ...]] = {}
        self._division_asked_at = float("-inf")
        self._division_slot: int | None = None
        self._division_tries = 0
        self._probes: dict[int, list[str]] = defaultdict(list)

    # What arrives

    def looked_at(self, arrival: Arrival) -> Arrival:
        """The arrival as it is to be stored: an answer's coherence with its part is worked out, and categories that
        were asked for are no entries."""
        metadata = arrival.batch.metadata
        if metadata.purpose == "division":
            if self._names_entries(arrival):
                return arrival.with_metadata(msgspec.structs.replace(metadata, purpose="entries"))
            names = category_names([text for _, text in arrival.keyed.entries])
            self._divisions[arrival.batch.batch_id] = names
            return arrival.without_candidates()
        coherence = self._coherence(arrival)
        if coherence is None:
            return arrival
        metadata = msgspec.structs.replace(metadata, partition_coherence=coherence)
        return arrival.with_metadata(metadata)

    def _names_entries(self, arrival: Arrival) -> bool:
        """Whether a model that was asked for categories has named entries instead, as some always do: they are paid
        for, and kept."""
        known = self._opened.keys.known
        return sum(key in known for key, _ in arrival.keyed.entries) >= KNOWN_AMONG_CATEGORIES

    def _coherence(self, arrival: Arrival) -> float | None:
        part = arrival.batch.metadata.partition
        if not part:
            return None
        keyed = arrival.keyed
        texts = [text for _, text in keyed.entries[:COHERENCE_SAMPLE]]
        keys = [*keyed.textless, *(key for key, _ in keyed.entries)][:COHERENCE_SAMPLE]
        known = (self._opened.keys.known.get(key) for key in keys)
        return self._mind.coherence(part, texts, [entry for entry in known if entry is not None])

    def record(self, committed: Committed, found: int) -> list[Decision]:
        """A batch is committed; `found`: the length of the list with it. Returns what it decided at once."""
        arrival, sifted, metadata = committed.arrival, committed.sifted, committed.arrival.batch.metadata
        if metadata.purpose == "division":
            names = self._divisions.pop(arrival.batch.batch_id, ())
            return self._mind.divide(names, metadata.provider) if names else []
        if metadata.style == BLIND and metadata.provider in self._probes[arrival.slot]:
            self._probes[arrival.slot].remove(metadata.provider)
        cost = float(arrival.cost_usd or 0)
        new = [(entry, text) for _, text, entry in sifted.new]
        self._mind.record(
            Outcome(
                slot=arrival.slot,
                provider=metadata.provider,
                part=metadata.partition,
                style=metadata.style,
                asked=metadata.asked_for,
                new=new,
                repeats=list(zip(sifted.repeats, sifted.repeated, strict=True)),
                cost=cost,
                seconds=metadata.response_time_ms / 1000,
                temperature=metadata.temperature,
                probe=metadata.probe,
            )
        )
        ids = [entry for entry, _ in new]
        self._estimates.record(metadata.provider, ids, sifted.repeats, cost=cost, probe=metadata.probe, found=found)
        return []

    # What is said

    def new_prompts(self) -> set[str]:
        """The prompts that are about to be asked with and are not kept yet."""
        plans = {self._mind.plan(slot, name).prompt for slot in self._mind.slots for name in self._mind.providers}
        return {*plans, self._mind.blind_prompt(), self.division_prompt()}.difference(self._kept)

    def prompts_kept(self, prompts: Iterable[str]) -> None:
        """These prompts are in the database: producers may ask with them."""
        self._kept.update({prompt: messages.prompt_hash(prompt) for prompt in prompts})
        self._hashes.update(self._kept[prompt] for prompt in prompts)

    def hash_of(self, metadata: messages.GenerationMetadata) -> str:
        """The hash of the prompt that was asked with, which leads to its text."""
        known = metadata.prompt_hash in self._hashes
        return metadata.prompt_hash if known else messages.prompt_hash(self._mind.blind_prompt())

    def all_plans(self, slot: int) -> dict[str, messages.Plan]:
        """How that producer is to ask each provider: for one that knows nothing yet."""
        plans = self._plans(slot)
        self._sent.update({(slot, name): plan for name, plan in plans.items()})
        return plans

    def changed_plans(self, slot: int) -> dict[str, messages.Plan]:
        """Those of the plans that differ from what the producer was told last."""
        changed = {name: plan for name, plan in self._plans(slot).items() if self._sent.get((slot, name)) != plan}
        self._sent.update({(slot, name): plan for name, plan in changed.items()})
        return changed

    def _plans(self, slot: int) -> dict[str, messages.Plan]:
        # A prompt is kept before anyone asks with it; a plan with another one waits for the next look.
        plans = {name: self._mind.plan(slot, name) for name in self._mind.providers}
        return {name: _as_message(plan) for name, plan in plans.items() if plan.prompt in self._kept}

    def division_prompt(self) -> str:
        topic = self._opened.topic
        return division_prompt(topic.name, topic.prompt)

    def take_division(self, slot: int) -> bool:
        """Whether this producer is to ask for a division now; it takes it on itself."""
        now = time.monotonic()
        if not self._mind.division_wanted or self._division_tries >= DIVISION_TRIES:
            return False
        if now < self._division_asked_at + DIVISION_SECONDS:
            return False
        self._division_asked_at, self._division_slot = now, slot
        self._division_tries += 1
        return True

    def take_probe(self, slot: int, out: Collection[str]) -> str | None:
        """The provider that this producer is to probe blindly now, if any; it takes it on itself."""
        provider = self._mind.take_probe(out)
        if provider is not None:
            self._probes[slot].append(provider)
        return provider

    def life_ended(self, slot: int) -> None:
        """The producer is gone, and with it what it was to ask besides its plans: somebody else may."""
        for provider in self._probes.pop(slot, []):
            self._mind.forget_probe(provider)
        if slot == self._division_slot:
            self._division_asked_at = float("-inf")

    # What is decided

    def step(self, alive: Collection[int], out: Collection[str]) -> Steps:
        """Look at the run and decide, if it is time to; `alive`: slots at work, `out`: providers not to be asked."""
        now = time.monotonic()
        if not self._mind.due(now):
            return Steps()
        weights = {slot: dict(shares) for slot, shares in self._mind.weights.items()}
        parts = dict(self._mind.assigned)
        decisions = self._mind.step(now, alive=alive, out=out)
        return Steps(
            decisions,
            {slot: shares for slot, shares in self._mind.weights.items() if shares != weights.get(slot)},
            {slot: part for slot, part in self._mind.assigned.items() if part != parts.get(slot)},
        )

    def adopt(self, parts: Sequence[KnownPart], pinned: Mapping[int, dict[str, float]]) -> list[Decision]:
        """What people changed of parts and weights."""
        self._mind.pinned = {slot: dict(shares) for slot, shares in pinned.items()}
        return self._mind.adopt(parts)

    def nodes(self) -> list[Node]:
        """Every part but the whole, as it is to be kept."""
        return [node for node in self._mind.tree if node.part.words]

    def nameless(self) -> set[int]:
        """The ids of repeated entries of which only the key has come."""
        return self._mind.nameless()

    def name(self, texts: Mapping[int, str]) -> None:
        self._mind.name(texts)


def _as_message(plan: Plan) -> messages.Plan:
    return messages.Plan(
        prompt=plan.prompt,
        partition=plan.part,
        style=plan.style,
        exclusions=plan.exclusions,
        request_size=plan.request_size,
        temperature=plan.temperature,
    )
