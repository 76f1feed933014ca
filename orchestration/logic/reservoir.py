"""An even sample of a stream whose length nobody knows (Vitter's reservoir). Pure: the randomness is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random


@dataclass
class Reservoir:
    """At most `most` texts; each that came is among them with the same chance. `count`: all that came."""

    rng: Random
    most: int = 2_000
    count: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, texts: Iterable[str]) -> None:
        """So many more have come."""
        for text in texts:
            self.count += 1
            if len(self.texts) < self.most:
                self.texts.append(text)
            elif (at := int(self.rng.random() * self.count)) < self.most:
                self.texts[at] = text
