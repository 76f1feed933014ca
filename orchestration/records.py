"""What is observed of runs, producers and providers beside the entries. Every method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from orchestration import lease
from orchestration.logic import parts
from orchestration.logic.decisions import Decision
from orchestration.logic.tree import Node
from orchestration.models import Decision as DecisionRow
from orchestration.models import ProviderHealth, Run, RunFigures
from orchestration.weights import keep_weights
from producers.models import Producer, Provider, ProviderWeight
from topics.models import Topic, TopicPartition


class Records:
    """Written with the engine's pen: `epoch` is its lease; with another epoch in the database nothing is written."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    @transaction.atomic
    def record_health(self, healths: Sequence[ProviderHealth]) -> None:
        """How the providers are."""
        lease.fence(self.epoch)
        # A provider that nobody has used yet may have been deleted meanwhile.
        there = set(
            Provider.objects.filter(pk__in=[each.provider_id for each in healths]).values_list("pk", flat=True)
        )
        ProviderHealth.objects.bulk_create(
            [each for each in healths if each.provider_id in there],
            update_conflicts=True,
            unique_fields=["provider"],
            update_fields=["state", "detail", "paused_until", "failures", "in_flight", "limit", "updated_at"],
        )

    @transaction.atomic
    def record_progress(self, run_id: int, active_seconds: float, state: str, warning: str = "") -> None:
        lease.fence(self.epoch)
        under_way = Run.objects.filter(id=run_id, ended_at=None)
        # A run's last state comes with its end, and only then.
        if state in (Run.State.ENDED, Run.State.FAILED):
            under_way.update(active_seconds=active_seconds, warning=warning)
        else:
            under_way.update(active_seconds=active_seconds, state=state, warning=warning)

    @transaction.atomic
    def record_decisions(self, run_id: int, decisions: Sequence[Decision]) -> None:
        """Steps of the optimiser, in order; nothing, if the run has been deleted."""
        lease.fence(self.epoch)
        if not Run.objects.filter(pk=run_id).exists():
            return
        now = timezone.now()
        DecisionRow.objects.bulk_create(
            DecisionRow(
                run_id=run_id,
                at=now,
                kind=each.kind.value,
                subject=each.subject[:200],
                before=each.before,
                after=each.after,
                reason=each.reason,
            )
            for each in decisions
        )

    @transaction.atomic
    def record_weights(
        self, run_id: int, weights: Mapping[int, Mapping[str, float]], left: Mapping[tuple[int, str], float]
    ) -> None:
        """The optimiser's weights, by slot and provider; those that people hold fast, or have changed since the
        optimiser `left` them there, stay as they are."""
        lease.fence(self.epoch)
        keep_weights(run_id, weights, left)

    @transaction.atomic
    def pin_weights(self, run_id: int, pins: Sequence[tuple[int, str]]) -> None:
        """People have changed these weights, by slot and provider: the optimiser leaves them alone from now on."""
        lease.fence(self.epoch)
        for slot, name in pins:
            ProviderWeight.objects.filter(producer__run=run_id, producer__slot=slot, provider__name=name).update(
                pinned=True
            )

    @transaction.atomic
    def record_partitions(self, topic_id: int, nodes: Sequence[Node]) -> None:
        """The parts of a topic and what has become of each; nothing, if the topic has been deleted."""
        lease.fence(self.epoch)
        if not Topic.objects.filter(pk=topic_id).exists():
            return
        TopicPartition.objects.bulk_create(
            [
                TopicPartition(
                    topic_id=topic_id,
                    words=node.part.words,
                    parent=node.parent,
                    data=parts.as_data(node.part),
                    state=node.state.value,
                    by_person=node.by_person,
                )
                for node in nodes
            ],
            update_conflicts=True,
            unique_fields=["topic", "words"],
            update_fields=["state", "data", "parent"],
        )

    @transaction.atomic
    def record_figures(self, run_id: int, data: dict[str, Any]) -> None:
        """The run in figures, for whoever looks at it; nothing, if the run has been deleted."""
        lease.fence(self.epoch)
        RunFigures.objects.filter(run_id=run_id).update(data=data, updated_at=timezone.now())

    @transaction.atomic
    def set_budget(self, run_id: int, budget: Decimal | None) -> None:
        """The run has another budget from now on; an engine that goes on with it will know."""
        lease.fence(self.epoch)
        Run.objects.filter(id=run_id, ended_at=None).update(budget_usd=budget)

    @transaction.atomic
    def end_run(self, run_id: int, active_seconds: float, reason: str, detail: str, *, failed: bool) -> None:
        """Close a run with its stated reason."""
        lease.fence(self.epoch)
        Run.objects.filter(id=run_id, ended_at=None).update(
            state=Run.State.FAILED if failed else Run.State.ENDED,
            active_seconds=active_seconds,
            stop_reason=reason,
            stop_detail=detail[:500],
            ended_at=timezone.now(),
        )

    @transaction.atomic
    def record_producers(self, producers: Sequence[Producer]) -> None:
        """Write what is known of the producers: their processes, when they were last heard of, what they ask for."""
        lease.fence(self.epoch)
        columns = ["state", "detail", "pid", "restarts", "last_seen_at", "partition", "prompt"]
        Producer.objects.bulk_update(producers, columns)
