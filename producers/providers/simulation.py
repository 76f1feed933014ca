"""What a simulated model answers: pure, and repeatable from its arguments.

An answer is decided in steps: what goes wrong, which entries are meant, how they are written, how it is
paced. Each step has its own stream of randomness: other error rates leave the entries as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nsmallest
from math import ceil, inf, log
from random import Random
from typing import Literal

from producers.providers.base import Finished, Question, Usage
from producers.providers.manners import categories, styled
from producers.providers.personalities import Personality
from producers.providers.wording import phrased, written_by
from producers.providers.worlds import belongs, folded, stable_random, stable_share, strays, world_for

FaultKind = Literal["rate_limited", "server_fault", "bad_answer"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that the provider raises, after whatever it has said."""

    kind: FaultKind
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, and the seconds it takes to come."""

    text: str
    pause: float


@dataclass(frozen=True, slots=True)
class Answer:
    """All that happens after a question, in order: `wait` seconds, pieces, usage, end or fault.

    `meant` are the entries in the spelling of their world, `written` the same as the model spells them; both
    are of the whole answer, even where a cut delivers only its head. No end and no fault: the wire was cut.
    """

    wait: float
    pieces: tuple[Piece, ...] = ()
    usage: Usage | None = None
    finished: Finished | None = None
    fault: Fault | None = None
    meant: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is delivered."""
        return "".join(piece.text for piece in self.pieces)


def compose_answer(
    question: Question, who: Personality, *, seed: int = 0, world_size: int | None = None, errors: float = 1.0
) -> Answer:
    """The answer of `who`, whose error rates are multiplied by `errors`. Equal arguments, equal answers."""

    def draws(purpose: str) -> Random:
        return stable_random(purpose, seed, question.seed, who.name, question.ordinal, folded(question.topic))

    wait = who.first_token * draws("wait").uniform(0.7, 1.4)
    match who.mishap(draws("mishap").random(), errors):
        case "rate_limited":
            return Answer(wait / 4, fault=Fault("rate_limited", draws("fault").uniform(0.5, 2.0)))
        case "server_fault":
            return Answer(wait / 4, fault=Fault("server_fault"))
        case "rubbish":
            return _rubbish(question, wait, draws("rubbish"))
        case mishap:
            whole = _whole(question, who, seed, world_size, wait, draws)
            return _cut(whole, question, draws("cut")) if mishap == "cut" else whole


def _whole(
    question: Question,
    who: Personality,
    seed: int,
    world_size: int | None,
    wait: float,
    draws: Callable[[str], Random],
) -> Answer:
    if question.purpose == "division":
        written = meant = [*categories(question.topic, seed)]
    else:
        known = _asked_in(question.style, who, question.topic, seed, world_size)
        meant = _meant(question, who, known, draws("entries"))
        written = written_by(meant, who.respells, draws("spelling"))
    text = phrased(written, who.bare_list, draws("format"))
    pieces = _pieces(text, who.per_entry * len(written) / max(len(text), 1), draws("pieces"))
    end = Finished("stop", complete=True)
    whole = Answer(wait, pieces, _usage(question, text), end, meant=tuple(meant), written=tuple(written))
    return _bounded(whole, question)


# --- what it knows --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a personality knows of a topic, the most popular first; `rarity` is 1 / weight."""

    entries: tuple[str, ...]
    rarity: tuple[float, ...]
    position: Mapping[str, int]
    off_topic: tuple[str, ...]


@lru_cache(maxsize=64)
def knowledge(who: Personality, topic: str, seed: int, world_size: int | None) -> Knowledge:
    """What `who` knows of `topic`: about its share of the world, and more of what is popular."""
    world = world_for(topic, seed, world_size)
    known = [
        (rank, entry)
        for rank, entry in enumerate(world.entries)
        if stable_share("knows", who.name, seed, entry) < _chance_to_know(who.knows, rank, len(world.entries))
    ]
    entries = tuple(entry for _, entry in known)
    rarity = tuple((rank + 1.0) ** who.zipf for rank, _ in known)
    position = {folded(entry): at for at, entry in enumerate(entries)}
    return Knowledge(entries, rarity, position, strays(topic))


@lru_cache(maxsize=64)
def _asked_in(style: str, who: Personality, topic: str, seed: int, world_size: int | None) -> Knowledge:
    """The same knowledge, some of which comes to mind more or less easily when it is asked for in that style."""
    known = knowledge(who, topic, seed, world_size)
    rarity = styled(known.rarity, known.entries, style=style, heeds=who.heeds_styles, seed=seed)
    return known if rarity == known.rarity else replace(known, rarity=rarity)


def _chance_to_know(share: float, rank: int, size: int) -> float:
    """Falls in a straight line from the most popular entry to the least, and is `share` on average."""
    slope = min(share, 1 - share)
    return share + slope * (1 - (2 * rank + 1) / size)


# --- which entries --------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _inside(known: Knowledge, partition: str) -> tuple[bool, ...]:
    return tuple(belongs(entry, partition) for entry in known.entries)


def _meant(question: Question, who: Personality, known: Knowledge, rng: Random) -> list[str]:
    """The entries of an answer, in world spelling, those that came to mind first at the head."""
    if not known.entries:
        return []
    chosen = _chosen(question, who, known, rng)
    meant: list[str] = []
    for at in chosen:
        lot = rng.random()
        if lot < who.off_topic:
            meant.append(rng.choice(known.off_topic))
        elif meant and lot < who.off_topic + who.repeats:
            meant.append(rng.choice(meant))
        else:
            meant.append(known.entries[at])
    return meant


def _chosen(question: Question, who: Personality, known: Knowledge, rng: Random) -> list[int]:
    # Exponential keys: the smallest of E/w are a weighted sample without replacement, in order of drawing.
    keys = [-log(1.0 - rng.random()) * rarity for rarity in known.rarity]
    heeded = _heeded(question.exclusions, who.obeys_exclusions, known, rng)
    inside = _inside(known, question.partition)
    wandering = sum(rng.random() >= who.obeys_partition for _ in range(question.count)) if question.partition else 0
    fresh = [at for at, member in enumerate(inside) if member and at not in heeded]
    chosen = nsmallest(question.count - wandering, fresh, key=keys.__getitem__)
    if wandering:
        beyond = [at for at, member in enumerate(inside) if not member and at not in heeded]
        chosen = sorted(chosen + nsmallest(wandering, beyond, key=keys.__getitem__), key=keys.__getitem__)
    return chosen + _again(question.count - len(chosen), known, inside, rng)


def _heeded(exclusions: Sequence[str], obedience: float, known: Knowledge, rng: Random) -> set[int]:
    places = (known.position.get(folded(entry)) for entry in exclusions)
    return {at for at in places if at is not None and rng.random() < obedience}


def _again(count: int, known: Knowledge, inside: Sequence[bool], rng: Random) -> list[int]:
    """A model that has nothing new left names the popular ones again, rather than fewer than it was asked."""
    if count <= 0:
        return []
    familiar = [at for at, member in enumerate(inside) if member] or list(range(len(inside)))
    return rng.choices(familiar, weights=[1 / known.rarity[at] for at in familiar], k=count)


# --- how it is told -------------------------------------------------------------------------------

CHARACTERS_PER_TOKEN = 4


def _pieces(text: str, pace: float, rng: Random) -> tuple[Piece, ...]:
    """`text` in uneven pieces that respect neither lines nor words, `pace` seconds a character."""
    pieces = []
    start = 0
    while start < len(text):
        part = text[start : start + rng.randint(40, 240)]
        pieces.append(Piece(part, pace * len(part)))
        start += len(part)
    return tuple(pieces)


def _bounded(whole: Answer, question: Question) -> Answer:
    """`whole`, or the head of it that is as long as the question allows."""
    room = (question.max_tokens_out or inf) * CHARACTERS_PER_TOKEN
    if len(whole.text) <= room:
        return whole
    pieces = []
    for piece in whole.pieces:
        pieces.append(replace(piece, text=piece.text[: int(room)]))
        room -= len(pieces[-1].text)
        if room <= 0:
            break
    head = replace(whole, pieces=tuple(pieces), finished=Finished("length", complete=False))
    return replace(head, usage=_usage(question, head.text))


def _usage(question: Question, text: str) -> Usage:
    return Usage(ceil(len(question.text) / CHARACTERS_PER_TOKEN), ceil(len(text) / CHARACTERS_PER_TOKEN))


# --- what goes wrong ------------------------------------------------------------------------------

_RUBBISH = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    '{"error": {"message": "upstream connect error or disconnect before headers"}}',
    "I'm sorry, but I can't help with that.",
    "\ufffd" * 400,
)


def _rubbish(question: Question, wait: float, rng: Random) -> Answer:
    """No answer at all: half the time not even in the provider's format."""
    if rng.random() < 0.5:
        return Answer(wait, fault=Fault("bad_answer"))
    text = rng.choice(_RUBBISH)
    return Answer(wait, (Piece(text, 0.0),), _usage(question, text), Finished("stop", complete=True))


def _cut(whole: Answer, question: Question, rng: Random) -> Answer:
    """The head of `whole`, ending anywhere: at a length limit, which it reports, or where the wire broke."""
    count = ceil(len(whole.pieces) * rng.uniform(0.1, 0.9))
    *kept, last = whole.pieces[:count] or (Piece("", 0.0),)
    kept.append(replace(last, text=last.text[: len(last.text) // 2]))
    head = replace(whole, pieces=tuple(kept), usage=None, finished=None)
    if rng.random() < 0.5:
        return head
    return replace(head, usage=_usage(question, head.text), finished=Finished("length", complete=False))
