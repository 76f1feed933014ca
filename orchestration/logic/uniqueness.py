"""Which candidates of a batch are new, by the keys that are known. Pure. What a key is, producers.link.keys says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.logic.reviews import Reviews
from producers.link.keys import all_clean, clean, key_of, parted

New = tuple[bytes, str, int]  # key, text, attribute id
NO_KEYS: Mapping[bytes, int] = {}
NO_GROUPS: Mapping[bytes, tuple[bytes, ...]] = {}


@dataclass
class TopicKeys:
    """The keys of a topic's list that are known in memory: an accelerator; the database has the last word.

    `known` leads from key to attribute id. `seen` counts repeats by attribute id that are not yet in the
    attributes' own counts; `writing` is what a transaction is about to add to them, and up to which request.
    `beside` are keys that are no entries of the list and yet never new, because of the `reviews`: entries that people
    rejected before this list, with ids that no attribute has, and other spellings of entries that they corrected.
    `revision` counts the changes that are no `add`: what was decided before such a change may be wrong after it.
    """

    topic_id: int
    known: dict[bytes, int] = field(default_factory=dict)
    seen: Counter[int] = field(default_factory=Counter)
    writing: tuple[int, Counter[int]] | None = None
    reviews: Reviews = field(default_factory=Reviews)
    beside: dict[bytes, int] = field(default_factory=dict)
    revision: int = field(default=0, compare=False)
    _rejected: int = 0

    @property
    def entries(self) -> int:
        """The length of the list, without what people have rejected of it."""
        return len(self.known) - self._rejected

    def review(self, reviews: Reviews) -> None:
        """This is what people say from now on."""
        self.reviews = reviews
        self.settle()

    def settle(self) -> None:
        """Let the reviews hold for all that is known; after `known` was changed other than by `add`."""
        beside: dict[bytes, int] = {}
        for key in self.reviews.same:
            if (attribute_id := self.known.get(key)) is not None:
                self._repeat_spellings(beside, key, attribute_id)
        for key, review_id in self.reviews.rejected.items():
            if key not in self.known:
                for each in (key, *self.reviews.same.get(key, ())[:1]):
                    beside.setdefault(each, review_id)
        self._rejected = sum(key in self.known for key in self.reviews.rejected)
        self.beside = beside
        # Last: another thread may be deciding by what was there until now.
        self.revision += 1

    def add(self, new: Sequence[New]) -> None:
        """These are entries of the list from now on."""
        self.known.update({key: attribute_id for key, _, attribute_id in new})
        if self.reviews.same:
            for key, _, attribute_id in new:
                self._repeat_spellings(self.beside, key, attribute_id)

    def _repeat_spellings(self, beside: dict[bytes, int], key: bytes, attribute_id: int) -> None:
        for each in self.reviews.same.get(key, ()):
            if each not in self.known:
                beside.setdefault(each, attribute_id)

    def begin_writing(self, mark: int) -> Counter[int]:
        """The counts that are about to be written, up to the request `mark`; repeats are counted anew from here."""
        counts, self.seen = self.seen, Counter()
        self.writing = (mark, counts)
        return counts

    def end_writing(self, mark: int | None) -> None:
        """The attributes' counts hold every request up to `mark`: what was to be written is written, or due again.

        Asked before each writing, too, as an error may have hidden that the last one was carried out.
        """
        writing, self.writing = self.writing, None
        if writing is not None and writing[0] != mark:
            self.seen.update(writing[1])

    def clear(self) -> None:
        """Forget everything: the list was replaced."""
        self.known.clear()
        self.seen.clear()
        self.writing = None
        self.settle()


@dataclass(frozen=True, slots=True)
class Sifted:
    """A batch by the light of the known keys: what is new, and the ids of what was repeated.

    `repeated` are the texts of the repeats, empty where only the key arrived. `unknown` are keys that arrived without
    their texts and are not known after all: with any of them nothing else of the batch has been looked at.
    """

    new: tuple[New, ...]
    repeats: tuple[int, ...]
    repeated: tuple[str, ...]
    rejected: int
    unknown: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyed:
    """The candidates of a batch that can be entries, each as key and text, and how many cannot.

    `textless`: keys that their producer takes for known. `last`: their texts will not come any more; those that are
    not known are given up.
    """

    entries: tuple[tuple[bytes, str], ...]
    rejected: int
    textless: tuple[bytes, ...] = ()
    last: bool = False

    def __len__(self) -> int:
        return len(self.entries) + len(self.textless)


def keyed(candidates: Sequence[str], keys: bytes, *, last: bool = False, same_keys: bool = True) -> Keyed:
    """Look the candidates of a batch over. `keys` has those of the candidates, and then those without texts.

    What a key is its producer has worked out. Where `same_keys` is not sure, or where a text is not as a producer
    leaves it, that is done again.
    """
    given = parted(keys)
    textless = tuple(given[len(candidates) :])
    if same_keys and all_clean(candidates):
        entries = tuple(zip(given, candidates, strict=False))
        return Keyed(entries, len(candidates) - len(entries), textless, last)
    kept = []
    for key, candidate in zip(given, candidates, strict=False):
        text = clean(candidate)
        if text is not None:
            kept.append((key if same_keys and text == candidate else key_of(text), text))
    return Keyed(tuple(kept), len(candidates) - len(kept), textless, last)


def sift(
    batch: Keyed,
    known: Mapping[bytes, int],
    pending: dict[bytes, int],
    next_id: int,
    *,
    beside: Mapping[bytes, int] = NO_KEYS,
    before: Mapping[bytes, int] = NO_KEYS,
    same: Mapping[bytes, tuple[bytes, ...]] = NO_GROUPS,
) -> Sifted:
    """Tell new candidates from repeats.

    `pending` are keys found new earlier in the same commit; the new ones of this batch are added to it, with ids
    from `next_id` upwards. `beside` are keys that only repeat something, too, `before` those that the commit before
    this one is about to make known, and `same` the spellings of one entry.
    """
    found = [known.get(key) or beside.get(key) or before.get(key) or pending.get(key) for key in batch.textless]
    unknown = tuple(key for key, attribute_id in zip(batch.textless, found, strict=True) if attribute_id is None)
    if unknown and not batch.last:
        return Sifted((), (), (), 0, unknown)
    new: list[New] = []
    repeats = [attribute_id for attribute_id in found if attribute_id is not None]
    repeated = [""] * len(repeats)
    for key, text in batch.entries:
        attribute_id = known.get(key) or beside.get(key) or before.get(key) or pending.get(key)
        if attribute_id is not None:
            repeats.append(attribute_id)
            repeated.append(text)
            continue
        pending[key] = next_id
        for each in same.get(key, ()):
            pending.setdefault(each, next_id)
        new.append((key, text, next_id))
        next_id += 1
    return Sifted(tuple(new), tuple(repeats), tuple(repeated), batch.rejected + len(unknown))
