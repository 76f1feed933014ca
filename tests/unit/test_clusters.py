"""The embedding of names, by a stand-in for the optional extra, and what becomes of its clusters in a run."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

import pytest

from orchestration import clusters
from orchestration.clusters import INSTALL, examples_of_clusters, missing_for_clusters
from orchestration.logic.asking import Outcome, Settings
from orchestration.logic.decisions import DecisionKind
from orchestration.logic.effort import Rated
from orchestration.logic.steering import Steering
from orchestration.runtime.clustering import Clustering

# As wordllama 0.4 is called; its vectors are arrays of numpy. A name's first word gives the direction.
STAND_IN = """
class Vectors(list):
    def tolist(self):
        return [list(vector) for vector in self]

class WordLlama:
    def __init__(self, **options):
        self.options = options

    @classmethod
    def load(cls, **options):
        return cls(**options)

    def embed(self, texts):
        kinds = ("Museum", "River", "Station", "Odd")
        if "broken" in texts:
            raise RuntimeError("no such tensor")
        return Vectors([float(text.startswith(kind)) for kind in kinds] for text in texts)
"""
NAMES = [f"{kind} {number}" for number in range(60) for kind in ("Museum", "River", "Station")]


@pytest.fixture
def extra(tmp_path, monkeypatch):
    """A module of the extra's name, in its place."""
    (tmp_path / "wordllama.py").write_text(STAND_IN)
    monkeypatch.delitem(sys.modules, "wordllama", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    clusters._model.cache_clear()
    yield tmp_path
    clusters._model.cache_clear()
    sys.modules.pop("wordllama", None)


@pytest.fixture
def no_extra(monkeypatch):
    monkeypatch.setattr(clusters, "find_spec", lambda name: None)


def mind_with(names: list[str]) -> Steering:
    mind = Steering(Settings("Paris", partition="semantic"), {"a": Rated("a", 1e-6, 4e-6)}, range(3), Random(1))
    mind.begin()
    new = list(enumerate(names))
    mind.record(Outcome(0, "a", "", "plain", len(new), new, (), cost=0.01, seconds=1.0))
    return mind


async def looked(mind: Steering):
    clustering = Clustering()
    assert clustering.look(1, mind) == []
    for task in clustering._tasks.values():
        await asyncio.wait([task])
    return clustering.look(1, mind)


def test_what_to_install_is_said_where_it_is_missing(no_extra):
    assert missing_for_clusters() == f"semantic clusters need an extra that is not installed: {INSTALL}"


def test_nothing_is_said_where_it_is_there(extra):
    assert missing_for_clusters() == ""


def test_each_cluster_is_told_by_three_of_its_names(extra):
    groups = examples_of_clusters(NAMES, seed=1)
    assert {len(group) for group in groups} == {3}
    assert {frozenset(name.split()[0] for name in group) for group in groups} == {
        frozenset({kind}) for kind in ("Museum", "River", "Station")
    }


def test_names_that_are_like_no_others_are_no_cluster(extra):
    assert len(examples_of_clusters([*NAMES, "Odd 1", "Odd 2"], seed=1)) == 3


def test_the_weights_are_those_of_the_package_and_nothing_is_downloaded(extra):
    options = clusters._model().options
    assert options == {"cache_dir": Path(extra), "trunc_dim": 64, "disable_download": True}


def test_the_installed_command_is_there():
    assert (Path(__file__).parents[2] / INSTALL.split()[-1]).is_file()


async def test_a_run_is_divided_into_clusters_by_the_next_look(extra):
    mind = mind_with(NAMES)
    (division,) = await looked(mind)
    assert division.kind == DecisionKind.DIVISION
    assert {node.part.kind for node in mind.tree} == {"all", "cluster"}
    assert len(mind.tree.nodes) == 4


async def test_too_short_a_list_is_left_alone(extra):
    assert await looked(mind_with(NAMES[:100])) == []


async def test_without_the_extra_the_whole_is_explored_and_a_decision_says_so_once(no_extra):
    mind, clustering = mind_with(NAMES), Clustering()
    (decision,) = clustering.look(1, mind)
    assert INSTALL in decision.reason
    assert clustering.look(1, mind) == []
    assert mind.tree.open_parts() == [""]


async def test_when_the_extra_fails_the_run_goes_on_without_it(extra):
    mind = mind_with([*NAMES, "broken"])
    (decision,) = await looked(mind)
    assert "no such tensor" in decision.reason
    assert not mind.clusters_wanted


async def test_a_run_that_is_over_is_forgotten(extra):
    clustering = Clustering()
    clustering.look(1, mind_with(NAMES))
    clustering.forget(1)
    clustering.forget(2)
    assert not clustering._tasks
