"""How a simulated model writes its entries: other spellings, lists, JSON, chatter. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

from producers.providers.worlds import SUFFIX, plain

_GUISES = ("{name}", "{at}. {name}", "{at}) {name}", "- {name}", "* {name}", "• {name}", "{at}. **{name}**")
_PREAMBLES = ("Here are {count} more entries:", "Sure! Here is the list you asked for:")
_CLOSINGS = ("Let me know if you would like more!", "I hope this list helps!")
_JSON_SHARE = 0.2
_CHATTER_SHARE = 0.4


def written_by(names: Sequence[str], rate: float, rng: Random) -> list[str]:
    """`names`, each with probability `rate` in another spelling."""
    return [respelled(name, rng) if rng.random() < rate else name for name in names]


def respelled(name: str, rng: Random) -> str:
    """Another spelling of the same entry. The mark of a made-up name is never touched."""
    body = name.removesuffix(SUFFIX)
    mark = name[len(body) :]
    others = {
        *(cased for cased in (body.upper(), body.lower()) if cased.casefold() == body.casefold()),
        plain(body),
        body.replace("'", "\u2019"),
        body.replace("-", " "),
        body.replace(" ", "-", 1),
        body.replace(" ", "  ", 1),
    }
    return rng.choice([*(other + mark for other in sorted(others - {body})), name + "."])


def phrased(names: Sequence[str], bare_list: float, rng: Random) -> str:
    """`names` as the text of an answer: with probability `bare_list` only lines, else in a usual guise."""
    if rng.random() < bare_list:
        return "\n".join(names)
    if rng.random() < _JSON_SHARE:
        body = f"```json\n{json.dumps(list(names), ensure_ascii=False, indent=rng.choice((None, 2)))}\n```"
    else:
        guise = rng.choice(_GUISES)
        body = "\n".join(guise.format(at=at, name=name) for at, name in enumerate(names, 1))
    if rng.random() < _CHATTER_SHARE:
        body = rng.choice(_PREAMBLES).format(count=len(names)) + "\n\n" + body
    if rng.random() < _CHATTER_SHARE:
        body += "\n\n" + rng.choice(_CLOSINGS)
    return body
