"""What the lines of an answer tell of its style, before it is settled."""

from itertools import pairwise

from producers.worker.chatter import is_aside, is_closer, is_opener, is_prose
from producers.worker.line_reading import Kind, Line
from producers.worker.numbering import follows

PLAIN_EVIDENCE = 5  # unmarked lines that make a plain list; a preamble with headings has fewer
MARKED_EVIDENCE = 2


def count_markers(lines: list[Line]) -> int:
    """How many lines carry markers that agree: "(500) Days of Summer" and "1. FC Köln" do not."""
    among_entries = any(map(looks_like_entry, lines))
    numbered = [line for line in lines if line.kind is Kind.NUMBERED]
    agreeing = sum(follows(*pair, resumes=not among_entries) for pair in pairwise(numbered))
    return sum(line.kind is Kind.MARKED for line in lines) + min(len(numbered), 1) + agreeing


def looks_like_entry(line: Line) -> bool:
    is_chatter = is_prose(line.body) or is_opener(line.body) or is_closer(line.body)
    return line.kind is Kind.PLAIN and not is_chatter


def is_description(line: Line) -> bool:
    return line.body.endswith((".", "!", "?", "…"))


def is_marked_list(whole: list[Line]) -> bool:
    """One marked line is a list of one, unless it stands among unmarked entries."""
    entries = list(map(looks_like_entry, whole))
    any_marked = any(line.kind is not Kind.PLAIN for line in whole)
    return any_marked and not (entries[-1] and sum(entries) >= MARKED_EVIDENCE)


def has_bold_entries(plain: list[Line]) -> bool:
    """Whether bold lines are the entries: where besides chatter only descriptions stand between them."""
    bold = sum(line.is_bold for line in plain)
    others = [line for line in plain if not (line.is_bold or is_opener(line.body) or is_closer(line.body))]
    return bold > 0 if not others else bold > 1 and all(map(is_description, others))


def is_set_apart(held: list[Line]) -> bool:
    """A first line in its own paragraph, and the only sentence: "What a city!" before the list of its sights."""
    lines = [line for line in held if not line.is_bold]
    if len(lines) <= MARKED_EVIDENCE + 1 or held[0] is not lines[0]:
        return False
    opener, second, *others = lines
    first_gap = next((line.gap for line in held[1:]), False)
    return (
        opener.kind is Kind.PLAIN
        and is_aside(opener.body)
        and (first_gap or second.gap)
        and not any(line.gap for line in others)
        and not any(map(is_description, lines[1:-1]))
    )
