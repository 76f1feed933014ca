# ruff: noqa: RUF001 - look-alike punctuation is what this module is about
"""What a list says of its entries behind their names: `Louvre - a museum of art`, `Orsay: Paintings in a station.`

Names hold dashes and colons, too ("Queen - Bohemian Rhapsody", "Star Wars: A New Hope"). So nothing is cut unless the
first entries all go on so, with different names, in words that are no title.
"""

import re
from collections.abc import Callable

EVIDENCE = 3
_MANY_WORDS = 6
_FEW_WORDS = 3
_SEPARATORS = (re.compile(r" [-–—] (?=\S)"), re.compile(r"(?<=\S): (?=\S)"))


class Descriptions:
    """Passes entries on to `accept`, without their descriptions if this is a list that has them.

    An entry that has one is held back until the first three are there; the first that has none ends the question.
    """

    def __init__(self, accept: Callable[[str, bool], None]) -> None:
        self._accept = accept
        self.forget()

    def forget(self) -> None:
        """Start again: what was taken so far was no part of the answer."""
        self._held: list[tuple[str, bool]] = []
        self._separator: re.Pattern[str] | None = None
        self._settled = False

    def take(self, body: str, marked: bool) -> None:
        if self._settled:
            self._accept(self._name(body), marked)
            return
        self._held.append((body, marked))
        if len(self._held) == EVIDENCE or not any(_described(body, each) for each in _SEPARATORS):
            self.settle()

    def settle(self) -> None:
        """No more entries, or something else: decide by those that are there."""
        if self._settled:
            return
        bodies = [body for body, _ in self._held]
        fitting = (each for each in _SEPARATORS if len(bodies) > 1 and _are_described(bodies, each))
        self._separator = next(fitting, None)
        self._settled = bool(bodies)
        held, self._held = self._held, []
        for body, marked in held:
            self._accept(self._name(body), marked)

    def _name(self, body: str) -> str:
        return _name_before(body, self._separator) if self._separator else body


def _name_before(body: str, separator: re.Pattern[str]) -> str:
    """Up to what begins small, as a name may hold a dash itself; else up to the first."""
    cuts = [(body[: found.start()], body[found.end() :]) for found in separator.finditer(body)]
    return next((name for name, rest in cuts if rest[:1].islower()), cuts[0][0] if cuts else body)


def _are_described(bodies: list[str], separator: re.Pattern[str]) -> bool:
    names = {_name_before(body, separator).casefold() for body in bodies}
    return len(names) == len(bodies) and all(_described(body, separator) for body in bodies)


def _described(body: str, separator: re.Pattern[str]) -> bool:
    """Whether what stands behind a separator is no title: it begins small, or is a sentence of many words."""
    cuts = list(separator.finditer(body))
    if not cuts or body.startswith("**"):
        return False
    if any(body[found.end()].islower() for found in cuts):
        return True
    words = body[cuts[0].end() :].split()
    small = sum(word[:1].islower() for word in words)
    return 2 * small > len(words) and (len(words) >= _MANY_WORDS or (body[-1] == "." and len(words) >= _FEW_WORDS))
