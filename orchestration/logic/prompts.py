"""The words a producer asks with, put together from parts: what never changes stands first. Pure.

A vendor's prompt cache serves the beginning of a question that it has seen before, so the order is: the task and the
user's own words, the naming rules, the style, the part of the topic; behind them the producer puts the exclusions and
the number of entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from orchestration.logic.parts import LONGEST_NAME, category

NAMING_RULES = (
    "Every entry must be a real, distinct thing of this topic. Use the name most people use, in its usual "
    "spelling; no numbering, no comments, no headings."
)

PLAIN = "plain"
# The ways to ask, by name; `anchors` gets its words from the run's randomness.
STYLES: Mapping[str, str] = {
    PLAIN: "",
    "lesser_known": "Leave out the best-known entries, which everybody names first: list lesser-known ones.",
    "verbalized": (
        "For each entry, silently judge how probable it is that a typical list would name it; list entries from the "
        "tail, whose probability is below 10 percent."
    ),
    "anchors": "Let these words suggest directions to look in, without naming them: {anchors}.",
    "languages": (
        "Think of sources in other languages than English, too, and of entries that are better known there; give "
        "every entry by its usual English name, or its own name where it has none."
    ),
}
ANCHORS = (
    "river", "winter", "copper", "night", "border", "market", "tower", "paper", "island", "glass", "festival",
    "stone", "engine", "garden", "salt", "harvest", "bridge", "mirror", "desert", "music", "railway", "harbour",
    "wool", "thunder", "museum", "valley", "lantern", "chalk", "orchard", "needle", "canal", "feather", "marble",
    "storm",
    "ladder", "pottery", "saddle", "lighthouse", "honey", "compass", "velvet", "quarry",
)  # fmt: skip

DIVISION_COUNT = 12
DIVISION = (
    "Divide this topic into {count} categories that together cover all of it and overlap as little as possible. "
    "Answer with the names of the categories only, each of one to five words, one per line, without numbers or "
    "comments."
)
# Dashes, bullets, and numbers with a stop behind them: "3." but not "3D films" or "19th century".
LIST_MARK = re.compile(r"^(?:[\s\-*•]|\d{1,3}[.)](?!\d))+")


def styles_for(rng: Random) -> dict[str, str]:
    """The words of each style in a run; `rng` chooses the anchor words."""
    anchors = ", ".join(rng.sample(ANCHORS, 5))
    return {name: words.format(anchors=anchors) for name, words in STYLES.items()}


def producer_prompt(topic: str, prompt: str, partition: str, style: str = "") -> str:
    """The standing instruction of one producer: the topic, the user's own prompt, the rules, the style in words, and
    the part of the topic that this producer is asked for."""
    parts = [f"Topic: {topic}", prompt.strip(), NAMING_RULES, style]
    if partition:
        parts.append(f"List only this part of the topic: {partition}.")
    return "\n\n".join(part for part in parts if part)


def division_prompt(topic: str, prompt: str, count: int = DIVISION_COUNT) -> str:
    """The question for a division of the topic."""
    parts = [f"Topic: {topic}", prompt.strip(), DIVISION.format(count=count)]
    return "\n\n".join(part for part in parts if part)


def category_names(answer: Sequence[str], most: int = 24) -> tuple[str, ...]:
    """The categories that an answer to `division_prompt` names, each once."""
    lines = (LIST_MARK.sub("", text).strip(" .:;,*") for text in answer)
    names = (category(line).name for line in lines if len(line) <= LONGEST_NAME)
    usable = {name.casefold(): name for name in names if len(name) > 1}
    return tuple(usable.values())[:most]
