"""The worlds and the models of the bench. Settings are tuned on TRAINING alone; the table is about HELD_OUT."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.yields.minds import Drift, Traits
from bench.yields.run import Stage, make_stage
from bench.yields.worlds import make_world


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world and the models that are asked about it; `about` says in a few words what is special."""

    name: str
    about: str
    topic: str
    size: int
    skew: float
    categories: int
    models: tuple[Traits, ...]

    def stage(self, seed: int) -> Stage:
        return make_stage(make_world(self.topic, self.size, self.skew, self.categories, seed), self.models, seed)


def _family(skew: float, overlap: float, obeys: float | None = None) -> tuple[Traits, ...]:
    """Four models at 10 : 3 : 1 : 0.4; the dearer knows more and obeys better, unless all obey alike (`obeys`)."""
    strong = Traits(
        "strong", knows=0.88, overlap=overlap, zipf=skew * 0.9, shuffle=0.3,
        obeys_exclusions=0.97, obeys_partition=0.97, repeats=0.004, off_topic=0.004, price_in=2.5, price_out=10.0,
        per_entry=0.03, failing=0.005, cut=0.005, largest=150, lesser=0.25, anchors=0.3, language=0.4,
        verbalized=0.12,
    )  # fmt: skip
    solid = Traits(
        "solid", knows=0.7, overlap=overlap, zipf=skew, shuffle=0.4, obeys_exclusions=0.93, obeys_partition=0.92,
        repeats=0.01, off_topic=0.008, price_in=0.75, price_out=3.0, largest=110, lesser=0.15, anchors=0.4,
        language=0.0, verbalized=0.0,
    )  # fmt: skip
    light = Traits(
        "light", knows=0.5, overlap=overlap, zipf=skew * 1.1, shuffle=0.5,
        obeys_exclusions=0.88, obeys_partition=0.85, repeats=0.02, off_topic=0.015, price_in=0.25, price_out=1.0,
        per_entry=0.008, largest=100, lesser=0.3, anchors=0.0, language=0.3, verbalized=0.1,
    )  # fmt: skip
    tiny = Traits(
        "tiny", knows=0.35, overlap=overlap, zipf=skew * 1.2, shuffle=0.6,
        obeys_exclusions=0.75, obeys_partition=0.75, repeats=0.04, off_topic=0.03, price_in=0.1, price_out=0.4,
        per_entry=0.006, failing=0.02, cut=0.02, largest=80, lesser=0.0, anchors=0.2, language=0.0, verbalized=0.0,
    )  # fmt: skip
    family = (strong, solid, light, tiny)
    if obeys is None:
        return family
    return tuple(replace(each, obeys_exclusions=obeys, obeys_partition=obeys) for each in family)


def _renamed(models: tuple[Traits, ...], suffix: str) -> tuple[Traits, ...]:
    """Other names are other knowledge: held-out models share no stream of randomness with those of training."""
    return tuple(replace(each, name=f"{each.name}-{suffix}") for each in models)


def _drifting(models: tuple[Traits, ...], at: int, drift: Drift) -> tuple[Traits, ...]:
    return tuple(replace(each, drift=drift) if place == at else each for place, each in enumerate(models))


def _level(models: tuple[Traits, ...]) -> tuple[Traits, ...]:
    return tuple(replace(each, price_in=0.75, price_out=3.0) for each in models)


def _alike(models: tuple[Traits, ...], count: int) -> tuple[Traits, ...]:
    """`count` models that differ in name only."""
    return tuple(replace(models[1], name=f"{models[1].name}-{at}", overlap=1.0) for at in range(count))


_COLLAPSE = Drift(after=12, knows=0.05, obeys_exclusions=0.2, obeys_partition=0.2)

TRAINING = (
    Scenario("t-usual", "prices 10:3:1:0.4", "Lisbon sights", 1_200, 0.9, 11, _family(0.9, 0.5)),
    Scenario("t-large", "a large, skewed world", "Mosaics of antiquity", 3_500, 1.1, 14, _family(1.1, 0.4)),
    Scenario("t-small", "a small world", "Harbour towns", 400, 0.7, 8, _family(0.7, 0.6)),
    Scenario("t-deaf", "nobody obeys", "Alpine huts", 900, 0.8, 9, _family(0.8, 0.5, 0.0)),
    Scenario("t-half", "everybody obeys half", "Jazz cellars", 1_000, 0.8, 10, _family(0.8, 0.5, 0.5)),
    Scenario("t-flat", "all equally popular", "Rose varieties", 1_500, 0.0, 12, _family(0.0, 0.5)),
    Scenario(
        "t-drift", "the second model collapses", "Cheese makers", 1_400, 0.9, 10,
        _drifting(_family(0.9, 0.4), 1, _COLLAPSE),
    ),
    Scenario("t-alike", "four identical models", "Lighthouses", 1_000, 0.9, 10, _alike(_family(0.9, 0.5), 4)),
    Scenario("t-level", "equal prices", "Tapestry workshops", 1_300, 1.0, 13, _level(_family(1.0, 0.3))),
)  # fmt: skip

HELD_OUT = (
    Scenario("usual", "prices 10:3:1:0.4", "Paris attractions", 1_500, 1.0, 12, _renamed(_family(1.0, 0.5), "h")),
    Scenario(
        "large", "a large, skewed world, little overlap", "Baroque organs", 5_000, 1.2, 15,
        _renamed(_family(1.2, 0.3), "h"),
    ),
    Scenario("small", "a small world, much overlap", "Island ferries", 300, 0.8, 8, _renamed(_family(0.8, 0.7), "h")),
    Scenario("deaf", "nobody obeys", "Mountain chapels", 1_000, 0.9, 10, _renamed(_family(0.9, 0.5, 0.0), "h")),
    Scenario("half", "everybody obeys half", "Folk dances", 3_000, 0.9, 9, _renamed(_family(0.9, 0.4, 0.5), "h")),
    Scenario("strict", "everybody obeys always", "Tea houses", 700, 0.9, 12, _renamed(_family(0.9, 0.6, 1.0), "h")),
    Scenario("flat", "all equally popular", "Apple varieties", 2_000, 0.0, 13, _renamed(_family(0.0, 0.5), "h")),
    Scenario(
        "drift", "the model of the best price collapses", "River mills", 2_500, 1.0, 11,
        _drifting(_renamed(_family(1.0, 0.4), "h"), 2, Drift(12, 0.06, 0.3, 0.3)),
    ),
    Scenario(
        "failing", "the best provider fails half the time", "Opera houses", 1_100, 0.9, 10,
        tuple(
            replace(each, failing=0.4, cut=0.15) if place == 1 else each
            for place, each in enumerate(_renamed(_family(0.9, 0.5), "h"))
        ),
    ),
    Scenario(
        "alike", "four identical models", "Stone bridges", 1_200, 1.0, 10,
        _alike(_renamed(_family(1.0, 0.5), "h"), 4),
    ),
    Scenario("level", "equal prices", "Glass workshops", 1_800, 0.8, 14, _renamed(_level(_family(0.8, 0.4)), "h")),
)  # fmt: skip
