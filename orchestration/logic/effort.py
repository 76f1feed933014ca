"""What a request takes: money, time, or both, as people want to save the one or the other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.logic.asking import USUAL_SIZE
from orchestration.logic.exclusions import Worth
from orchestration.logic.forgetting import Fading
from orchestration.logic.pricing import TOKENS_OF_AN_ENTRY

# An hour costs next to nothing, but not nothing: where no money is spent, time decides.
USD_A_SECOND = 1e-6
# Before anything is known of a provider: the tokens of a question, and the time of an answer.
QUESTION_TOKENS = 300
SECONDS_A_REQUEST, SECONDS_AN_ENTRY = 1.0, 0.03
# A model reads so much faster than it writes.
SECONDS_A_TOKEN_IN = 2e-4
FIRST_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Rated:
    """A provider as far as its price is concerned: USD for a token, in and out."""

    name: str
    token_in: float = 0.0
    token_out: float = 0.0
    takes_temperature: bool = False

    def cost_of(self, size: int) -> float:
        """About what a plain request for so many entries costs, in USD."""
        return QUESTION_TOKENS * self.token_in + size * TOKENS_OF_AN_ENTRY * self.token_out


@dataclass(frozen=True, slots=True)
class Unit:
    """How effort is put in words: so many units, and what they are."""

    size: float
    words: str


@dataclass
class Effort:
    """Turns money and time into one number. `cost`: money; `speed`: time; `balanced`: both, as much of the one as of
    the other. `priced`: some provider takes money."""

    objective: str = "cost"
    priced: bool = False
    spent: float = 0.0
    seconds: float = 0.0

    def of(self, cost: float, seconds: float) -> float:
        """The effort of a request that is over; it moves the balance of the two."""
        self.spent += cost
        self.seconds += seconds
        return self._mixed(cost, seconds)

    def of_request(self, rated: Rated, sums: Fading) -> float:
        """The effort of the provider's next request."""
        if sums.requests and sums.effort:
            return sums.effort / sums.requests
        return self._guess(rated, USUAL_SIZE)

    def for_size(self, rated: Rated, size: int, excluded: int = 0) -> float:
        """The effort of a request for so many entries, with so many excluded."""
        token = self._mixed(rated.token_in, SECONDS_A_TOKEN_IN)
        return self._guess(rated, size) + excluded * TOKENS_OF_AN_ENTRY * token

    def candidates_for(self, rated: Rated, sums: Fading, size: int) -> float:
        """Candidates for a unit of effort, from what the provider took lately and, at first, from its price."""
        guess = self._guess(rated, size)
        candidates = sums.candidates + FIRST_WEIGHT * size
        return candidates / max(sums.effort + FIRST_WEIGHT * guess, 1e-12)

    def worth_of_exclusions(self, rated: Rated, sums: Fading, size: int) -> Worth:
        """What a token of an exclusion list costs, and what a candidate does."""
        token = self._mixed(rated.token_in, SECONDS_A_TOKEN_IN)
        return Worth(token, 1 / self.candidates_for(rated, sums, size))

    @property
    def unit(self) -> Unit:
        if self.objective == "cost":
            return (
                Unit(1.0, "a dollar")
                if self.spent or self.priced
                else Unit(60 * USD_A_SECOND, "a minute of a request")
            )
        return Unit(
            60.0, "a minute of a request" if self.objective == "speed" else "a minute's worth of time and money"
        )

    def _guess(self, rated: Rated, size: int) -> float:
        return self._mixed(rated.cost_of(size), SECONDS_A_REQUEST + size * SECONDS_AN_ENTRY)

    def _mixed(self, cost: float, seconds: float) -> float:
        match self.objective:
            case "speed":
                return seconds
            case "balanced":
                return seconds + cost * (self.seconds / self.spent if self.spent else 0.0)
            case _:
                return cost + seconds * USD_A_SECOND
