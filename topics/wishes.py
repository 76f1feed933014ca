"""What people can want of topics: started, paused, resumed, stopped. The engine reconciles towards it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

if TYPE_CHECKING:
    from topics.models import Topic


class DesiredState(models.TextChoices):
    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"


def _runs_of_this_start() -> models.QuerySet[models.Model]:
    # By name, as this app knows nothing of those above: the engine answers start n with run n.
    runs = apps.get_model("orchestration", "Run")._default_manager
    return runs.filter(topic=OuterRef("pk"), number=OuterRef("starts"))


class TopicQuerySet(models.QuerySet["Topic"]):
    """What people can want of topics. The engine reconciles towards it, at once or when it next runs.

    Each command is an update of the topics that are still as they were when they were read: of two people who press a
    button at the same time one is a moment late, and changes nothing that the other has wanted.
    """

    def wanted(self) -> TopicQuerySet:
        """Topics that should have a run: one at work, or one that is paused."""
        return self.exclude(desired_state=DesiredState.STOPPED)

    def under_way(self) -> TopicQuerySet:
        """Topics that should have a run, paused or not, and whose run, if it has begun, has not ended by itself."""
        return self.wanted().exclude(Exists(_runs_of_this_start().filter(ended_at__isnull=False)))

    def running(self) -> TopicQuerySet:
        """Those under way that are not paused."""
        return self.under_way().filter(desired_state=DesiredState.RUNNING)

    def paused(self) -> TopicQuerySet:
        """Those under way that are paused."""
        return self.under_way().filter(desired_state=DesiredState.PAUSED)

    def start_over(self) -> int:
        """Ask for a new run that replaces the list; returns how many topics were asked.

        One that is asked already, and whose new list has not begun, is left alone: a button was pressed twice.
        """
        begun = _runs_of_this_start().filter(list_number__gt=0)
        asked_already = self.running().filter(replace_list=True).exclude(Exists(begun))
        # Read first: an update cannot look at other tables.
        return self._chosen(_ids(self) - _ids(asked_already)).update(
            desired_state=DesiredState.RUNNING, starts=F("starts") + 1, replace_list=True
        )

    def resume(self) -> int:
        """Let the paused go on, with the run that they have, and ask for a new run that continues the list of the
        others; returns how many topics were asked.

        One that goes on with its list already is left alone: a button was pressed twice. One whose new list was asked
        for and has not begun keeps the list that it has.
        """
        begun = _runs_of_this_start().filter(list_number__gt=0)
        going_on = self.running().filter(Q(replace_list=False) | Exists(begun))
        paused = _ids(self.paused())
        others = _ids(self) - paused - _ids(going_on)
        go_on = self._chosen(paused).filter(desired_state=DesiredState.PAUSED)
        return go_on.update(desired_state=DesiredState.RUNNING) + self._chosen(others).update(
            desired_state=DesiredState.RUNNING, starts=F("starts") + 1, replace_list=False
        )

    def keep_list(self) -> int:
        """Have runs that were to replace a list, and have not begun to, continue it; returns of how many topics."""
        begun = _runs_of_this_start().filter(list_number__gt=0)
        return self._chosen(_ids(self.under_way().exclude(Exists(begun)))).update(replace_list=False)

    def pause(self) -> int:
        """Ask those that run to ask nothing new until they are resumed; returns how many topics were asked."""
        running = self._chosen(_ids(self.running())).filter(desired_state=DesiredState.RUNNING)
        return running.update(desired_state=DesiredState.PAUSED)

    def stop(self) -> int:
        """Ask to stop; returns how many topics were asked."""
        return self.update(desired_state=DesiredState.STOPPED)

    def _chosen(self, ids: set[int]) -> models.QuerySet[Topic]:
        return self.model._default_manager.filter(pk__in=ids)


def _ids(topics: TopicQuerySet) -> set[int]:
    return set(topics.values_list("pk", flat=True))
