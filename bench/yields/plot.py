"""The plot docs/images/yield.svg: equal figures, equal bytes."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.yields.figures import NEAR, TIGHT, by_scenario, stronger_uniform
from bench.yields.measures import FULL_LIST, LIFETIME, ORACLE, OURS, SINGLE, STEPS, UNIFORM, Outcome

COLOURS = {
    OURS: "#c2185b",
    ORACLE: "#212121",
    UNIFORM: "#1976d2",
    LIFETIME: "#388e3c",
    SINGLE: "#f57c00",
    FULL_LIST: "#757575",
}
COLUMNS = 3


def draw(outcomes: Sequence[Outcome], path: Path) -> None:
    """A panel for each scenario: the share found of what the models know over the money spent, medians."""
    matplotlib = importlib.import_module("matplotlib")  # late: the rest of the bench works without it
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "igentai", "svg.fonttype": "none", "font.size": 8})
    plt = importlib.import_module("matplotlib.pyplot")
    groups = by_scenario(outcomes)
    rows = -(-len(groups) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(9, 2.4 * rows), sharex=True, sharey=True, squeeze=False)
    for axis in axes.flat[len(groups) :]:
        axis.axis("off")
    for axis, (name, group) in zip(axes.flat, groups.items(), strict=False):
        _panel(axis, name, group)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), frameon=False)
    figure.supxlabel("money spent, as a share of the greater budget; dotted: the tight budget (simulated)")
    figure.supylabel("share found of what the models know (simulated)")
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _panel(axis: object, name: str, group: Sequence[Outcome]) -> None:
    for policy, colour in COLOURS.items():
        source = stronger_uniform(group, NEAR) if policy == UNIFORM else policy
        shares = [median(column) for column in zip(*(each.curves[source] for each in group), strict=True)]
        axis.plot(STEPS, shares, color=colour, label=policy, linewidth=1.8 if policy == OURS else 1.0)  # type: ignore[attr-defined]
    axis.set_title(name, fontsize=9)  # type: ignore[attr-defined]
    tight = median(each.budgets[TIGHT] / each.budgets[NEAR] for each in group)
    axis.axvline(tight, color="#9e9e9e", linestyle=":")  # type: ignore[attr-defined]
    axis.set_xscale("log")  # type: ignore[attr-defined]
    axis.set_ylim(0, 1)  # type: ignore[attr-defined]
    axis.grid(alpha=0.3)  # type: ignore[attr-defined]
