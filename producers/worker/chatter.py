# ruff: noqa: RUF001 - look-alike punctuation is what this module is about
"""What models say around a list: openings, closings and prose, told from entries that look like them."""

import re

_POLITE = (
    "sure|sure thing|certainly|of course|absolutely|okay|ok|alright|gladly|got it|no problem|understood|great"
    "|definitely|bien sûr|avec plaisir"
    "|claro|por supuesto|con (?:mucho )?gusto|natürlich|(?:sehr )?gerne|mit vergnügen|certo"
)
_INTERJECTION = re.compile(rf"certainly|(?:{_POLITE}) ?[!.,]", re.I)
_HERE_GOES = re.compile(rf"(?:(?:{_POLITE}) ?[!.,:] ?)?here (?:goes|we go|you go|it is|they are) ?[!.:…]*", re.I)
_EAGER = re.compile(
    r"(?:no worries|(?:happy|glad) to (?:help|assist)|(?:my|with) pleasure|(?:great|good|excellent) question)[!.]",
    re.I,
)
_OPENER = re.compile(
    rf"(?:{_POLITE}|here (?:are|is|you)|here['’]s|below (?:are|is)|the following|as requested"
    r"|i['’](?:ve|ll) \w+|i (?:have|will|can) (?:\w+ed|list|provide|help|give|suggest)"
    r"|i(?:['’]m| am) (?:sorry|afraid|unable|not able)|i can(?:no|['’])t|sorry,? but|unfortunately|as an ai"
    r"|i apologi[sz]e|my apologies|let me (?:list|give|provide|share|help|think|start|begin|try|see|recall)"
    r"|i(?:['’]d| would) (?:be (?:more than )?(?:happy|glad|delighted|pleased)|love) to"
    r"|i(?:['’]m| am) (?:more than )?(?:happy|glad|delighted|pleased) to"
    r"|voici|voilà|aquí|a continuación|hier (?:sind|ist|kommen|zijn)|ecco|aqui est\w+|com certeza|natuurlijk"
    r"|oto|вот|конечно)(?!\w)",
    re.I,
)
# So plain that it needs no full stop to be told from a title.
_REFUSAL = re.compile(
    r"(?:i(?:['’]m| am) sorry,? (?:but )?|sorry,? (?:but )?)?"
    r"i(?: can(?:no|['’])t|(?:['’]m| am) (?:unable|not able) to| won['’]t)"
    r" (?:help|assist|provide|list|fulfil|comply|generate|answer|continue|do that|share)",
    re.I,
)
_OPENER_UNSPACED = re.compile(r"以下|当然|好的|这里|はい|もちろん|다음은|물론")
_LISTING = re.compile(
    r"\d|\b(?:list|more|additional|another|liste|lista|más|mais|weitere|autres|altri|ещё|список)\b", re.I
)
_CLOSER = re.compile(
    r"(?:i hope|hope (?:this|that|these)|(?:please )?let me know|(?:please )?feel free|would you like"
    r"|do you (?:want|need)|if you(?:['’]d| would| want| need| have)|is there anything|shall i|should i"
    r"|want more|need more|keep in mind|disclaimer|this (?:is|list)|these (?:are|entries)"
    r"|please (?:verify|check|confirm|note)"
    r"|that concludes|that['’]s (?:all|everything) (?:i|we|there|that|of|for|the)"
    r"|there you have it|thank you|thanks for|i can (?:also|provide)|in total"
    r"|i(?:['’]ve| have) (?:included|listed)"
    r"|j['’]espère|n['’]hésitez|si vous|voulez-vous|souhaitez|espero|si (?:quieres|necesitas|deseas)"
    r"|te gustaría|ich hoffe|lass mich|lassen sie|wenn (?:du|sie)|möchten sie|möchtest du|spero|se vuoi"
    r"|fammi sapere|надеюсь|если)(?!\w)",
    re.I,
)
_CLOSER_UNSPACED = re.compile(r"以上|希望|如果|请注意|ご参考|참고")
# That there is nothing more; so plain that it needs no full stop either.
_EXHAUSTED = re.compile(
    r"(?:(?:sorry|unfortunately),? (?:but )?)?"
    r"(?:there (?:are|is|were|was) no (?:more|other|others|further|additional|new|remaining)\b"
    r"|no (?:more|other|further|additional|new) (?:entries|items|results|names|examples|matches)\b"
    r"|i (?:could not|couldn['’]t|can(?:no|['’])t|do not|don['’]t|did not|didn['’]t)"
    r" (?:find|know|have|recall|see|think of)(?: of)? (?:any|more|other|further)\b)",
    re.I,
)
# An answer that consists of nothing else says that it has no entries.
_NOTHING = re.compile(
    r"none(?: (?:found|left|known|available|remaining|more))?|n/a|n\.a|not applicable|nothing (?:found|more|else)"
    r"|no (?:(?:more|other|further|additional|new|such) )?(?:entries|items|results|matches|names)(?: (?:found|left))?"
    r"|no more|aucune?|keine|ninguno|ninguna|nessuno",
    re.I,
)
_NOTE = re.compile(r"(?:please )?note(?::| that)|nota:|hinweis:|remarque ?:|примечание:", re.I)
_SIGN_OFF = re.compile(
    r"(?:enjoy|good luck|done|that['’]s (?:all|it)|end of (?:the )?list|and (?:so )?many more)[!.)]+", re.I
)
# Behind a list these need no full stop.
_AND_MORE = re.compile(
    r"(?:\.{3}|…)? ?(?:and |& )?(?:so )?(?:many|several|lots|plenty|countless) (?:more|others)|and so on"
    r"|(?:that is the )?end of (?:the |this )?list|et cetera|etc",
    re.I,
)
_COUNTED = re.compile(
    r"(?:grand )?total(?: (?:number|count|entries|items|names)(?: of \w+)?)? ?[:=] ?\d[\d,.]*(?: \w+){0,3}\.?", re.I
)
_BREAK = re.compile(
    r"\((?:list )?(?:continued|continues|continuing|cont['’]?d|cont\.|to be continued|end of (?:the )?list"
    r"|and (?:so on|so forth|(?:many )?more))\b[^()]*\)\.?",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?:…。！？：][)\]\"'”’*_]*$")
_MINOR_WORDS = frozenset(
    re.split(" ", "a an the of in on to for and or with at by from de la le du des el y und der die das")
)
_ASIDE_WORDS = 3
_FEW_WORDS = 4
_MANY_WORDS = 6


def is_opener(text: str) -> bool:
    """Whether the first line of an answer is the model clearing its throat."""
    if _INTERJECTION.fullmatch(text):
        return True
    if _OPENER_UNSPACED.match(text):
        return bool(_SENTENCE_END.search(text) or _LISTING.search(text))
    if _is_title(text):
        return False
    if _REFUSAL.match(text) or _EXHAUSTED.match(text) or _EAGER.fullmatch(text) or _HERE_GOES.fullmatch(text):
        return True
    if not _OPENER.match(text):
        return False
    begins_politely = _INTERJECTION.match(text) and len(text.split()) >= _FEW_WORDS
    return bool(begins_politely or _LISTING.search(text)) or _is_sentence(text, _FEW_WORDS)


def without_interjection(text: str) -> str:
    """`Sure! Louvre, Orsay` without its first word."""
    found = _INTERJECTION.match(text)
    return text[found.end() :].lstrip() if found else text


def is_closer(text: str) -> bool:
    """Whether the last line of an answer takes leave of the reader."""
    text = text.lstrip("(*_[").strip()
    if _AND_MORE.fullmatch(text.rstrip(" .!…)*_]")):
        return True
    if _SIGN_OFF.fullmatch(text) or _COUNTED.fullmatch(text.rstrip(")*_]")):
        return True
    if _EXHAUSTED.match(text):
        return not _is_title(text)
    if _CLOSER_UNSPACED.match(text):
        return bool(_SENTENCE_END.search(text))
    if _NOTE.match(text):
        return len(text.split()) >= _FEW_WORDS and not _is_title(text)
    return bool(_CLOSER.match(text)) and _is_sentence(text, _FEW_WORDS) and not _is_title(text)


def is_break(text: str) -> bool:
    """A stage direction of its own between entries or behind them: `(continued)`."""
    return bool(_BREAK.fullmatch(text.strip("*_")))


def is_prose(text: str) -> bool:
    """A whole sentence in sentence case, whatever it says."""
    return _is_sentence(text, _MANY_WORDS) and not text.endswith("?") and not _is_title(text)


def is_aside(text: str) -> bool:
    """A short sentence in sentence case; only its place can tell whether it is an entry."""
    return text.endswith((".", "!")) and len(text.split()) >= _ASIDE_WORDS and not _is_title(text)


def is_lead(text: str) -> bool:
    """Whether this, before a colon, announces what follows rather than being the first half of a title."""
    return bool(text) and not _is_title(text)


def is_nothing(text: str) -> bool:
    """Whether this, as a whole answer, says that there are no entries: `None.`"""
    return bool(_NOTHING.fullmatch(text.strip("*_`()[]\"'.! ")))


def _is_sentence(text: str, words: int) -> bool:
    return bool(_SENTENCE_END.search(text)) and len(text.split()) >= words


def _is_title(text: str) -> bool:
    """In Title Case, as chatter never is: "Would You Like to Swing on a Star?" is a song."""
    words = [word.lstrip("\"'“‘(*_[") for word in text.split()]
    return any(char.isupper() for char in text) and not any(
        word[:1].islower() and word.lower() not in _MINOR_WORDS for word in words
    )
