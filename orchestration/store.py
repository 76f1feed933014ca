"""The only writer of observed rows. Every method is one transaction, and all run in the engine's one writer thread.

A commit takes the batches that arrived during the last one. What it decides from memory, the constraint
`unique(topic, key)` confirms: where the database knows more, memory is corrected and the commit decides again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import F, Max

from orchestration import bulk, lease, spending
from orchestration.arrivals import Arrival, Committed, Identity, resent
from orchestration.drafts import Draft, Start
from orchestration.logic.statistics import Totals
from orchestration.logic.uniqueness import TopicKeys
from orchestration.models import EngineLease, Prompt, Request, Run
from orchestration.records import Records
from producers.link.messages import prompt_hash
from topics.models import Attribute, TopicPartition

MOST_DECISIONS = 3


class Store(Records):
    """The engine's pen, with its memory of what was committed."""

    def __init__(self, epoch: int) -> None:
        super().__init__(epoch)
        row = EngineLease.objects.get()
        highest = Attribute.objects.aggregate(highest=Max("id"))["highest"] or 0
        # Not only the requests that are left: those of a deleted topic may be counted in `seen_through`.
        counted = Run.objects.aggregate(highest=Max("seen_through"))["highest"] or 0
        last_request = max(counted, Request.objects.aggregate(highest=Max("id"))["highest"] or 0)
        self._start = Start(max(row.last_attribute_id, highest) + 1, last_request + 1)
        self._in_doubt: Draft | None = None
        self._settled: dict[Identity, Committed] = {}

    @property
    def last_attribute(self) -> int:
        """The highest id that an attribute was ever given."""
        return self._start.attribute_id - 1

    @property
    def last_request(self) -> int:
        """The id of the newest request that was committed."""
        return self._start.request_id - 1

    def save_prompts(self, texts: Collection[str]) -> None:
        """Keep the texts behind prompts' hashes."""
        with transaction.atomic():
            lease.fence(self.epoch)
            Prompt.objects.bulk_create(
                [Prompt(hash=prompt_hash(text), text=text) for text in texts], ignore_conflicts=True
            )

    def draft(self) -> Draft:
        """An empty draft of the next commit, while none is under way; fill it in whatever thread."""
        return Draft(self._start)

    def holding(self, draft: Draft) -> Draft:
        """The draft, or one of the same arrivals that is decided anew if it does not hold any more."""
        return draft if draft.holds(self._start) else self._decide(draft.arrivals)

    def commit(self, arrivals: Sequence[Arrival], draft: Draft | None = None) -> list[Committed]:
        """Store the batches, each once whatever was sent twice; returns one Committed for each, in order.

        One with a key whose text is needed is left out, as if it had not arrived: its Committed says which.
        A `draft` of these arrivals saves the deciding, if it still holds.
        Raises LeaseLost, or a database error. After an error call it again: a commit whose outcome the error hid
        is looked up first, so that it is neither repeated nor forgotten.
        """
        # Each is kept until it has been returned: another error may come before that.
        settled = self._settled
        settled |= self._settle_doubt()
        rest = [arrival for arrival in arrivals if arrival.identity not in settled]
        committed = iter(self._commit(rest, None if settled else draft) if rest else ())
        # A batch that stands twice among the arrivals counts where it stands first.
        seen: set[Identity] = set()
        results = []
        for arrival in arrivals:
            if arrival.identity not in settled:
                results.append(next(committed))
            else:
                results.append(resent(arrival) if arrival.identity in seen else settled[arrival.identity])
                seen.add(arrival.identity)
        for identity in seen:
            del settled[identity]
        return results

    def _settle_doubt(self) -> dict[Identity, Committed]:
        """What the last commit decided, if the database took it although an error came back; else nothing."""
        in_doubt, self._in_doubt = self._in_doubt, None
        if in_doubt is None:
            return {}
        try:
            taken = Request.objects.filter(id__gte=self._start.request_id).exists()
        except DatabaseError:
            self._in_doubt = in_doubt
            raise
        if not taken:
            return {}
        self._remember(in_doubt)
        return {each.arrival.identity: each for each in in_doubt.stored}

    def _commit(self, arrivals: Sequence[Arrival], draft: Draft | None = None) -> list[Committed]:
        for _ in range(MOST_DECISIONS):
            try:
                committed = self._try_commit(arrivals, draft)
            except bulk.KeysTaken:
                self._in_doubt = None
                self._reload_keys(arrivals)
                continue
            self._in_doubt = None
            self._remember(committed)
            return committed.committed
        raise bulk.KeysTaken("the database refuses keys that it does not have")

    def _try_commit(self, arrivals: Sequence[Arrival], draft: Draft | None) -> Draft:
        with transaction.atomic():
            lease.fence(self.epoch)
            stored = bulk.known_resends([arrival.identity for arrival in arrivals])
            if draft is None or stored or not draft.holds(self._start):
                draft = self._decide(arrivals, stored)
            self._in_doubt = draft
            fresh = draft.stored
            bulk.insert_requests(draft.requests)
            unstored = {each.arrival.identity for each in draft.committed if each.unknown}
            reserved = [each for each in arrivals if each.reserved_usd is not None and each.identity not in unstored]
            spending.release([_pair(each) for each in reserved])
            spending.add_lost([_lost(each.arrival) for each in fresh if each.arrival.lost_usd])
            bulk.insert_attributes(draft.attributes)
            _count_in_runs(fresh)
        return draft

    def _decide(self, arrivals: Sequence[Arrival], stored: Collection[Identity] = ()) -> Draft:
        draft = Draft(self._start)
        for arrival in arrivals:
            draft.add(arrival, stored)
        return draft

    def _remember(self, draft: Draft) -> None:
        for each in draft.stored:
            keys, sifted = each.arrival.keys, each.sifted
            keys.add(sifted.new)
            keys.seen.update(sifted.repeats)
        self._start = draft.end

    def _reload_keys(self, arrivals: Iterable[Arrival]) -> None:
        for keys in {id(arrival.keys): arrival.keys for arrival in arrivals}.values():
            bulk.load_keys(keys)

    @transaction.atomic
    def begin_list(self, run_id: int, keys: TopicKeys) -> None:
        """Replace the topic's list by that of this run: from here on the earlier entries are gone."""
        lease.fence(self.epoch)
        EngineLease.objects.update(last_attribute_id=self.last_attribute)
        bulk.delete_attributes(keys.topic_id)
        # What the engine made of the topic goes with the list that taught it; what people want of it stays.
        TopicPartition.objects.filter(topic=keys.topic_id, by_person=False, left_out=False).delete()
        Run.objects.filter(id=run_id).update(
            list_number=F("number"), state=Run.State.RUNNING, seen_through=self.last_request
        )
        transaction.on_commit(keys.clear)

    def write_times_seen(self, keys: TopicKeys) -> None:
        """Bring the attributes' counts up to date with every request committed so far."""
        runs = Run.objects.filter(topic_id=keys.topic_id)
        with transaction.atomic():
            lease.fence(self.epoch)
            keys.end_writing(runs.aggregate(mark=Max("seen_through"))["mark"])
            bulk.add_times_seen(sorted(keys.begin_writing(self.last_request).items()))
            EngineLease.objects.update(last_attribute_id=self.last_attribute)
            # Every run of the topic: an earlier one may have been cut off before its repeats were counted.
            runs.update(seen_through=self.last_request)
        keys.end_writing(self.last_request)

    @transaction.atomic
    def reserve(self, reserved: Sequence[spending.Reserved]) -> None:
        """Set money aside for requests that are about to be permitted."""
        lease.fence(self.epoch)
        spending.reserve(reserved)

    @transaction.atomic
    def release(self, pairs: Sequence[spending.Pair]) -> None:
        """These requests were not made after all."""
        lease.fence(self.epoch)
        spending.release(pairs)

    @transaction.atomic
    def lose(self, pairs: Sequence[spending.Pair]) -> None:
        """Nobody will hear of these requests: their worst counts as spent."""
        lease.fence(self.epoch)
        spending.lose(pairs)

    @transaction.atomic
    def lose_all(self) -> spending.Spending:
        """At the engine's start: what was under way before is lost. Returns what today has cost with it."""
        lease.fence(self.epoch)
        spending.lose_all()
        return spending.spending_today()


def _pair(arrival: Arrival) -> spending.Pair:
    return arrival.producer_id, arrival.batch.metadata.ask_id


def _lost(arrival: Arrival) -> spending.Lost:
    return spending.Lost(arrival.run_id, arrival.provider_id, arrival.lost_usd)


def _count_in_runs(fresh: Iterable[Committed]) -> None:
    by_run: dict[int, Totals] = defaultdict(Totals)
    for each in fresh:
        by_run[each.arrival.run_id] += each.totals
    for run_id, totals in by_run.items():
        bulk.add_to_run(run_id, _counters(totals))


def _counters(totals: Totals) -> dict[str, int | Decimal]:
    return {
        "requests": totals.requests,
        "failed_requests": totals.failed_requests,
        "candidates": totals.candidates,
        "unique": totals.unique,
        "rejected": totals.rejected,
        "tokens_in": totals.tokens_in,
        "tokens_out": totals.tokens_out,
        "cost_usd": totals.cost_usd,
        "unpriced_requests": totals.unpriced,
    }
