"""Answers whose only line says that there is nothing, or whose only row holds all names: `Louvre, Orsay, …`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.worker.chatter import is_closer, is_lead, is_nothing, is_opener, without_interjection
from producers.worker.line_reading import Kind, Line, split_row


@dataclass(frozen=True, slots=True)
class Sole:
    """What such an answer holds. `chatter`: how many lines, or beginnings of one, are none of it; `is_refused`: it is
    meant as an entry and is none."""

    names: Sequence[str] = ()
    chatter: int = 0
    is_refused: bool = False


def read_sole(held: Sequence[Line], *, announced: bool) -> Sole | None:
    """All lines of an answer, if it is such a one. `announced`: a line that announces them has been dropped."""
    plain = [line for line in held if line.kind is Kind.PLAIN]
    openers = [line for line in plain if is_opener(line.body)]
    around = openers + [line for line in plain[1:] if line not in openers and is_closer(line.body)]
    others = [line for line in held if line not in around]
    if not others and len(around) != 1:
        return None
    sole = _as_one_row(others) if others else around.pop()
    if sole is None:
        return None
    if is_nothing(sole.body):  # behind a marker it is meant as an entry, or nearly so
        is_plain = sole.kind is Kind.PLAIN
        return Sole(chatter=len(around) + is_plain, is_refused=not is_plain)
    if sole.kind is not Kind.PLAIN or sole.is_bold:
        return None
    lead, _, rest = sole.body.partition(": ")
    if is_lead(lead) and (names := split_row(rest, announced=True)):
        return Sole(names, len(around) + 1)
    announced = announced or bool(around) or len(others) > 1
    names = split_row(without_interjection(sole.body), announced=announced) if others else []
    return Sole(names, len(around)) if names else None


def _as_one_row(lines: Sequence[Line]) -> Line | None:
    """A row that goes on behind a comma on the next line is one; other lines are none."""
    if len(lines) > 1 and not all(line.kind is Kind.PLAIN and line.body.endswith(",") for line in lines[:-1]):
        return None
    return replace(lines[-1], body=" ".join(line.body for line in lines))
