"""The words a producer asks with. Pure."""

from __future__ import annotations

NAMING_RULES = (
    "Every entry must be a real, distinct thing of this topic. Use the name most people use, in its usual "
    "spelling; no numbering, no comments, no headings."
)


def producer_prompt(topic: str, prompt: str, partition: str) -> str:
    """The standing instruction of one producer: the topic, the user's own prompt, the rules, and the part of the
    topic that this producer is asked for."""
    parts = [f"Topic: {topic}", prompt.strip(), NAMING_RULES]
    if partition:
        parts.append(f"List only this part of the topic: {partition}.")
    return "\n\n".join(part for part in parts if part)
