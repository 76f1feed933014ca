"""Semantic clusters of what was found, with the optional extra `semantic` (embeddings that run on this machine)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orchestration.logic.clustering import Vector, clustered, clusters_for
from orchestration.logic.parts import EXAMPLES

INSTALL = "pip install -r requirements-semantic.txt"
# Of the 256 numbers of a vector the first 64: the model is made so that they do almost as well.
DIMENSIONS = 64


def missing_for_clusters() -> str:
    """What has to be installed before topics can be divided into semantic clusters; empty: nothing."""
    if find_spec("wordllama") is not None:
        return ""
    return f"semantic clusters need an extra that is not installed: {INSTALL}"


def examples_of_clusters(names: Sequence[str], seed: int) -> list[list[str]]:
    """The most central names of each cluster, the largest cluster first. Takes up to a second of processor time: not
    for the event loop. Raises ImportError where the extra is missing."""
    groups = clustered(_embedded(names), clusters_for(len(names)), seed)
    # Two names that are like no others make no part of a topic.
    return [[names[index] for index in group[:EXAMPLES]] for group in groups if len(group) >= EXAMPLES]


def _embedded(names: Sequence[str]) -> list[Vector]:
    vectors: list[Vector] = _model().embed(list(names)).tolist()
    return vectors


@cache
def _model() -> Any:
    # Late: it takes 0.3 s and some 100 MB, and few topics want it.
    import wordllama

    # The package brings its weights along; without these arguments it would look for them in the network.
    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, trunc_dim=DIMENSIONS, disable_download=True)
