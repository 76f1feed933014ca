"""What a commit would be, decided from memory while the database is busy with the one before. Nothing is written.

A draft is a guess that nearly always comes true. The store takes it only if the commit before came out as it was
drafted and nothing else has changed memory since; otherwise it decides anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from orchestration.arrivals import Arrival, Committed, Identity, RequestRow, request_row, resent, totals_of
from orchestration.bulk import AttributeRow
from orchestration.logic.statistics import Totals
from orchestration.logic.uniqueness import Sifted, TopicKeys, sift
from topics.folding import folded_beside
from topics.models import MAX_ATTRIBUTE_LENGTH

NOTHING_BEFORE: Mapping[int, Mapping[bytes, int]] = {}


@dataclass(frozen=True, slots=True)
class Start:
    """Where a commit begins: the ids that are next, and a mark that no other commit has."""

    attribute_id: int
    request_id: int
    mark: object = field(default_factory=object)


class Draft:
    """The commit that begins at `start`, as far as its batches have arrived.

    `before` are the keys, by topic, that the commit before it adds. `committed` has one for each of `arrivals`, in
    order; `attributes` and `requests` are the rows to insert, `pending` the keys that they add, by topic.
    """

    def __init__(self, start: Start, before: Mapping[int, Mapping[bytes, int]] = NOTHING_BEFORE) -> None:
        self.start = start
        self.arrivals: list[Arrival] = []
        self.committed: list[Committed] = []
        self.attributes: list[AttributeRow] = []
        self.requests: list[RequestRow] = []
        self.pending: dict[int, dict[bytes, int]] = defaultdict(dict)
        self._before = before
        self._seen: set[Identity] = set()
        self._revisions: dict[int, tuple[TopicKeys, int]] = {}
        self._mark = object()

    def __len__(self) -> int:
        return len(self.arrivals)

    @property
    def end(self) -> Start:
        """Where the next commit begins, if this one comes out as it is."""
        start = self.start
        if not self.arrivals:
            return start
        return Start(start.attribute_id + len(self.attributes), start.request_id + len(self.requests), self._mark)

    @property
    def next(self) -> Draft:
        """An empty draft of the commit after this one, to which nothing may be added any more."""
        return Draft(self.end, self.pending)

    @property
    def stored(self) -> list[Committed]:
        """Those that are rows: no resends, and none whose texts are to be asked for."""
        return [each for each in self.committed if each.stored]

    def holds(self, start: Start) -> bool:
        """Memory is as it was when this was drafted, and the commit begins where it was thought to."""
        return self.start == start and all(keys.revision == seen for keys, seen in self._revisions.values())

    def add(self, arrival: Arrival, stored: Collection[Identity] = ()) -> None:
        """Decide on one more batch; `stored` are those that the database has already."""
        self.arrivals.append(arrival)
        self._revisions.setdefault(arrival.keys.topic_id, (arrival.keys, arrival.keys.revision))
        if arrival.identity in self._seen or arrival.identity in stored:
            self.committed.append(resent(arrival))
            return
        sifted = self._sift(arrival)
        if sifted.unknown:
            self.committed.append(Committed(arrival, sifted, Totals()))
            return
        self._seen.add(arrival.identity)
        self._store(Committed(arrival, sifted, totals_of(arrival, sifted)))

    def _sift(self, arrival: Arrival) -> Sifted:
        keys = arrival.keys
        return sift(
            arrival.keyed,
            keys.known,
            self.pending[keys.topic_id],
            self.end.attribute_id,
            beside=keys.beside,
            before=self._before.get(keys.topic_id, {}),
            same=keys.reviews.same,
        )

    def _store(self, committed: Committed) -> None:
        topic_id, request_id = committed.arrival.keys.topic_id, self.end.request_id
        self.committed.append(committed)
        self.requests.append(request_row(request_id, committed))
        self.attributes += [
            (attribute_id, topic_id, key, text, request_id, folded_beside(text, MAX_ATTRIBUTE_LENGTH))
            for key, text, attribute_id in committed.sifted.new
        ]
