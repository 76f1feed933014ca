"""How a topic is, from the live page's own questions, so that words and rules are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from igentai_site.api.schemas import (
    CommandOut,
    EstimatesOut,
    Headline,
    Interval,
    ListOut,
    ProducerOut,
    ProviderOut,
    RunOut,
    StatusOut,
)
from orchestration.models import ProviderHealth, RunFigures
from orchestration.portal import queries
from orchestration.portal.present import buttons, headline

COUNTS = ("requests", "failed_requests", "candidates", "unique")
RATES = ("novelty_rate", "cost_usd", "unique_per_dollar")


def status_of(topic_id: int) -> StatusOut | None:
    """None when there is no such topic."""
    state = queries.page_state(topic_id)
    if state is None:
        return None
    data = _newest_figures(topic_id)
    return StatusOut(
        topic=topic_id,
        name=state.topic.name,
        state=Headline(**asdict(headline(state.topic, state.run))),
        run=run_values(state.run),
        present_list=ListOut(**asdict(state.list)),
        estimates=estimates_in(data),
        providers=providers_in(data, _healths()),
        producers=[ProducerOut.model_validate(each) for each in state.producers],
        commands={
            name: CommandOut(label=button.label, objection=button.objection)
            for name, button in buttons(state.topic, state.run).items()
        },
        engine_running=state.engine_running,
    )


def run_values(run: queries.RunState | None) -> RunOut | None:
    if run is None:
        return None
    return RunOut(
        **{name: value for name, value in asdict(run).items() if name in RunOut.model_fields},
        novelty_rate=run.unique / run.candidates if run.candidates else None,
        unique_per_minute=run.unique * 60 / run.active_seconds if run.active_seconds else None,
    )


def estimates_in(data: Mapping[str, Any]) -> EstimatesOut:
    """Of what the engine wrote down; null where it has not yet, or knows too little."""
    told = data.get("estimates", {})
    return EstimatesOut(
        **{name: Interval(**told.get(name, {})) for name in ("coverage", "mass_coverage", "price_of_next_100_usd")},
        probes=told.get("probes", 0),
    )


def providers_in(data: Mapping[str, Any], healths: Mapping[str, tuple[str, str]]) -> list[ProviderOut]:
    told = {name: scopes.get("run") or {} for name, scopes in data.get("providers", {}).items()}
    return [
        ProviderOut(
            name=name,
            **_figures(figures),
            health=healths.get(name, ("", ""))[0],
            detail=healths.get(name, ("", ""))[1],
        )
        for name, figures in sorted(told.items())
    ]


def _figures(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told.get(name, 0) for name in COUNTS} | {name: told.get(name) for name in RATES}


def _newest_figures(topic_id: int) -> dict[str, Any]:
    newest = RunFigures.objects.filter(run__topic=topic_id).order_by("-run__number").values_list("data", flat=True)
    return newest.first() or {}


def _healths() -> dict[str, tuple[str, str]]:
    rows = ProviderHealth.objects.values_list("provider__name", "state", "detail")
    return {name: (state, detail) for name, state, detail in rows}
