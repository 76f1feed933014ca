"""At the wheel of one run: passes on to its producers what its mind and what people decide. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.arrivals import Committed
from orchestration.logic.asking import KnownPart
from orchestration.logic.decisions import Decision
from orchestration.opening import OpenedRun
from orchestration.runtime.guidance import Guidance, Steps
from orchestration.runtime.permits import Permits
from orchestration.runtime.slots import Slot
from producers.link import messages
from producers.worker.routing import wanted


@dataclass
class KeptWeights:
    """What the engine left in the database, and before: a reading may be a moment old."""

    _now: dict[tuple[int, str], float] = field(default_factory=dict)
    _before: dict[tuple[int, str], float] = field(default_factory=dict)

    def keep(self, weights: Mapping[int, Mapping[str, float]]) -> None:
        for slot, shares in weights.items():
            for name, weight in shares.items():
                self._before[slot, name] = self._now.get((slot, name), weight)
                self._now[slot, name] = weight

    def left(self) -> dict[tuple[int, str], float]:
        """By slot and provider."""
        return dict(self._now)

    def is_ours(self, slot: int, name: str, weight: float) -> bool:
        key = slot, name
        return weight in (self._now.get(key, weight), self._before.get(key, weight))


class Helm:
    """Tells the producers in `slots` how to ask, and keeps what was decided until it is written down."""

    def __init__(self, opened: OpenedRun, slots: Sequence[Slot], permits: Permits) -> None:
        self.guidance = Guidance(opened)
        self.paused = False
        self._opened = opened
        self._slots = slots
        self._permits = permits
        self._decisions: list[Decision] = list(opened.decisions)
        self._found = len(opened.keys.known)
        self._kept_weights = KeptWeights()
        self._kept_weights.keep(opened.weights)
        self._to_pin: list[tuple[int, str]] = []

    def begin_list(self) -> None:
        """The list is another one from here on."""
        self._found = 0

    def record(self, committed: Committed) -> None:
        """Learn from a committed batch."""
        self._found += len(committed.sifted.new)
        self._decisions += self.guidance.record(committed, self._found)

    def send_plans(self) -> None:
        """Tell each producer how to ask from now on, if that has changed, and one of them to ask for a division."""
        for slot in self._slots:
            if not slot.port.connected or not slot.connected_in_this_life:
                continue
            if plans := self.guidance.changed_plans(slot.row.slot):
                slot.port.post(messages.UpdateConfiguration(plans=plans))
            if slot.outcome is not None or self.paused:
                continue
            if self.guidance.take_division(slot.row.slot):
                slot.port.post(messages.Divide(prompt=self.guidance.division_prompt()))
            elif provider := self.guidance.take_probe(slot.row.slot, self._not_asked(slot)):
                slot.port.post(messages.Probe(provider=provider))

    def _not_asked(self, slot: Slot) -> set[str]:
        """The providers that cannot be asked now, or that people do not want this producer to ask."""
        shares = self._opened.weights[slot.row.slot]
        return {*self._permits.out(self._opened), *(set(shares) - set(wanted(shares, shares)))}

    def step(self) -> Steps:
        """Let the optimiser look at the run, and carry out what it decides; not while the run is paused."""
        if self.paused:
            return Steps()
        alive = [slot.row.slot for slot in self._slots if slot.outcome is None and slot.process.pid is not None]
        steps = self.guidance.step(alive, self._permits.out(self._opened).keys())
        for number, shares in steps.weights.items():
            self._weigh(self._slots[number], shares)
        for number, part in steps.parts.items():
            self._slots[number].row.partition = part
            self._slots[number].row.prompt = self._opened.mind.prompt_of(part)
        return steps

    def steer(
        self,
        weights: Mapping[int, dict[str, float]],
        pinned: Mapping[int, dict[str, float]],
        parts: Sequence[KnownPart],
    ) -> None:
        """Take over what people changed. Weights that they do not hold fast are the optimiser's, where it steers; one
        that is another in the database than the optimiser left it there was changed by people, and is held fast."""
        held = {slot: dict(shares) for slot, shares in pinned.items()}
        for number, shares in weights.items():
            for name, weight in shares.items():
                if name in pinned.get(number, {}) or self._kept_weights.is_ours(number, name, weight):
                    continue
                held.setdefault(number, {})[name] = weight
                self._to_pin.append((number, name))
        # So that one whose pin is taken off is not taken for changed.
        self._kept_weights.keep(held)
        nodes = self._opened.mind.tree.nodes
        parts = [each for each in parts if each.by_person or each.left_out or each.part.words in nodes]
        self._decisions += self.guidance.adopt(parts, held)
        changed = held if self._opened.mind.settings.steers_weights else weights
        for slot in self._slots:
            if (new := changed.get(slot.row.slot)) is not None:
                self._weigh(slot, {**self._opened.mind.weights[slot.row.slot], **new})

    def take_pins(self) -> list[tuple[int, str]]:
        """The weights, by slot and provider, that people have changed since the last call."""
        taken, self._to_pin = self._to_pin, []
        return taken

    def weights_left(self) -> dict[tuple[int, str], float]:
        """What the database holds, by slot and provider, unless people have changed it since."""
        return self._kept_weights.left()

    def weights_kept(self, weights: Mapping[int, Mapping[str, float]]) -> None:
        """The database holds these weights now."""
        self._kept_weights.keep(weights)

    def _weigh(self, slot: Slot, shares: Mapping[str, float]) -> None:
        if shares != self._opened.weights[slot.row.slot]:
            self._opened.weights[slot.row.slot] = dict(shares)
            self._opened.mind.weights[slot.row.slot] = dict(shares)
            slot.port.post(messages.UpdateConfiguration(provider_weights=dict(shares)))

    def take_decisions(self) -> list[Decision]:
        """What was decided since the last call, outside of steps."""
        taken, self._decisions = self._decisions, []
        return taken
