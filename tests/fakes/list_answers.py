"""A script that behaves like a model which knows a world, in the OpenAI dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.fakes.replies import Events, Json, Reply, Status, Streamed

Writer = Callable[[Sequence[str]], str]

FORMATS: Sequence[Writer] = (
    lambda entries: "\n".join(entries) + "\n",
    lambda entries: "\n".join(f"{place}. {entry}" for place, entry in enumerate(entries, 1)),
    lambda entries: "Here you are:\n\n" + "\n".join(f"- **{entry}**" for entry in entries) + "\n\nAny more?",
    lambda entries: "```\n" + "\n".join(entries) + "\n```",
    lambda entries: json.dumps(list(entries), ensure_ascii=False),
    lambda entries: "```json\n" + json.dumps({"entries": list(entries)}, indent=2) + "\n```",
)

# Spellings that any sensible normal form takes for the same.
SPELLINGS: Sequence[Callable[[str], str]] = (
    str.upper,
    lambda entry: f"{entry}.",
    lambda entry: f"  {entry.replace(' ', '  ')} ",
    str.casefold,
)

# Each n-th request meets this fault. Retry-After is 0, so that tests need not wait for long.
FAULTS: Mapping[int, Reply] = {
    5: Status(429, {"error": {"message": "Slow down", "type": "requests"}}, (("retry-after", "0"),)),
    7: Status(500, {"error": {"message": "Oops", "type": "server_error"}}),
    11: Events(('{"choices": [{"delta"', "<html>")),
    13: Streamed(("I cannot help with that, but have a nice day",), usage=(50, 10)),
}


@dataclass
class ListAnswers:
    """A script that behaves like a model which knows `world`: see `list_answers`."""

    world: Sequence[str]
    per_answer: int
    repeats: int
    faults: Mapping[int, Reply]
    given: int = 0
    answers: int = 0

    def __call__(self, number: int, request: Json) -> Reply:
        fault = next((reply for nth, reply in self.faults.items() if number % nth == 0), None)
        return fault or self._answer(request)

    def _answer(self, request: Json) -> Reply:
        size = min(self.per_answer, _asked_for(request))
        old = self._respelled()[:size]
        new = self.world[self.given : self.given + size - len(old)]
        text = FORMATS[self.answers % len(FORMATS)]([*new, *old])
        self.given += len(new)
        self.answers += 1
        tokens_in = sum(len(str(message["content"])) for message in request.get("messages", ())) // 4
        pieces = tuple(text[start : start + 17] for start in range(0, len(text), 17))
        return Streamed(pieces, usage=(tokens_in, len(text) // 4))

    def _respelled(self) -> list[str]:
        """Entries given before, other ones in each answer, in other spellings."""
        if not self.given:
            return []
        places = [(self.answers * self.repeats + step) % self.given for step in range(self.repeats)]
        return [SPELLINGS[place % len(SPELLINGS)](self.world[place]) for place in dict.fromkeys(places)]


def list_answers(
    world: Sequence[str],
    *,
    per_answer: int = 20,
    repeats: int = 5,
    faults: Mapping[int, Reply] = FAULTS,
) -> ListAnswers:
    """A script that names the entries of `world` in order, as a model would.

    Each answer holds up to `per_answer` entries (fewer if the prompt asks for fewer) in the next of FORMATS;
    `repeats` of them were given before and come in one of SPELLINGS. When the world is told, only repeats
    follow. Every n-th request meets one of `faults` instead, which costs no entry. The same requests get the
    same replies.
    """
    return ListAnswers(world, per_answer, repeats, faults)


def _asked_for(request: Json) -> int:
    """How many entries the last message wants: the question says "List 60 more entries"."""
    messages = request.get("messages") or [{"content": ""}]
    found = re.findall(r"\b[Ll]ist (\d+)", str(messages[-1]["content"]))
    return int(found[-1]) if found else 1_000
