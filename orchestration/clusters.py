"""Semantic clusters of what was found, with the optional extra `semantic` (embeddings that run on this machine)."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "pip install -r requirements-semantic.txt"


def missing_for_clusters() -> str:
    """What has to be installed before topics can be divided into semantic clusters; empty: nothing."""
    if find_spec("wordllama") is not None:
        return ""
    return f"semantic clusters need an extra that is not installed: {INSTALL}"
