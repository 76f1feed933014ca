"""One request: ask a provider, read the answer while it arrives, and say how it went."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from producers.link.messages import MAX_COUNT, FilterUse, GenerationMetadata, Outcome, prompt_hash
from producers.providers.base import Finished, Provider, Question, TextDelta, Usage
from producers.providers.errors import BadAnswer, ContentRefused, EmptyAnswer, ProviderError
from producers.worker.parsing import AnswerParser
from producers.worker.repeats import Listening

CHARACTERS_PER_TOKEN = 4
# Of an answer that is cut off here: no tokenizer in use makes shorter tokens of whole lists, in any script.
CAREFUL_BYTES_PER_TOKEN = 3
STOPPED = "stopped"
REPEATS = "repeats"


@dataclass
class Answer:
    """An answer as far as it has arrived."""

    question: Question
    provider: str
    listening: Listening
    parser: AnswerParser = field(default_factory=AnswerParser)
    characters: int = 0
    size: int = 0  # in bytes
    usage: Usage | None = None
    finished: Finished | None = None
    error: ProviderError | None = None
    stopped: bool = False
    aborted: bool = False
    started_at: float = field(default_factory=time.time)
    started: float = field(default_factory=time.monotonic)

    def take(self, event: TextDelta | Usage | Finished) -> None:
        if isinstance(event, TextDelta):
            self.characters += len(event.text)
            self.size += len(event.text.encode(errors="replace"))
            self.aborted = not self.listening.hear(self.parser.feed(event.text))
        elif isinstance(event, Usage):
            self.usage = event
        else:
            self.finished = event

    def close(self) -> None:
        complete = self.finished is not None and self.finished.complete
        self.listening.hear(self.parser.finish(complete=complete))

    @property
    def outcome(self) -> Outcome:
        if self.error is None and self.finished is not None and self.finished.complete:
            return "complete"
        return "cut" if self.listening.heard or self.stopped else "failed"

    @property
    def fault(self) -> tuple[str, str]:
        """What went wrong, as a stable word and in words; both empty where nothing did."""
        if self.error is not None:
            return self.error.kind, str(self.error)
        if self.outcome != "failed":
            return "", ""
        ended = "ended at its limit" if self.finished else "broke off"
        return BadAnswer.kind, f"the answer {ended} before its first entry"


async def ask(provider: Provider, name: str, question: Question, listening: Listening) -> Answer:
    """Ask and read to the end, or as long as `listening` finds it worth hearing.

    A cancellation ends the answer early, too; what has arrived is kept: it is paid for.
    """
    answer = Answer(question, name, listening)
    try:
        # Closing matters: a stream left to the garbage collector would hold its connection.
        async with aclosing(provider.stream(question)) as events:
            async for event in events:
                answer.take(event)
                if answer.aborted:
                    break
    except ProviderError as error:
        answer.error = error
    except asyncio.CancelledError:
        # Only the worker cancels requests, when it stops; the partial answer is its last word.
        answer.stopped = True
    answer.close()
    return answer


def metadata_of(answer: Answer) -> GenerationMetadata:
    """The request in the words of the link; tokens are estimated where the provider reported none."""
    question, error, (kind, words) = answer.question, answer.error, answer.fault
    usage, estimated = _usage(answer)
    return GenerationMetadata(
        provider=answer.provider,
        prompt_hash=prompt_hash(question.prompt),
        outcome=answer.outcome,
        started_at=answer.started_at,
        response_time_ms=round((time.monotonic() - answer.started) * 1000),
        tokens_in=min(usage.tokens_in, MAX_COUNT),
        tokens_out=min(usage.tokens_out, MAX_COUNT),
        tokens_cached=min(usage.tokens_cached, MAX_COUNT),
        tokens_estimated=estimated,
        bill_unknown=_is_bill_unknown(answer),
        asked_for=question.count,
        rejected=answer.parser.rejected + answer.listening.rejected,
        finish_reason=_plain(_finish_reason(answer))[:40],
        error_kind=kind,
        error=_plain(words)[:500],
        terminal=bool(error and error.terminal),
        retry_after=error.retry_after if error else None,
        partition=question.partition[:200],
        style=question.style[:30],
        probe=question.probe,
        temperature=question.temperature,
        purpose=question.purpose,
    )


def filter_use_of(answer: Answer, metadata: GenerationMetadata) -> FilterUse:
    """What cutting the answer saved: what its entries took so far, for those that were not heard."""
    if not answer.aborted:
        return FilterUse()
    heard = answer.listening.heard
    saved = max(answer.question.count - heard, 0) * metadata.tokens_out // max(heard, 1)
    return FilterUse(aborted=True, tokens_saved=min(saved, MAX_COUNT))


def _usage(answer: Answer) -> tuple[Usage, bool]:
    """The tokens, and whether they are an estimate. Before its end a provider has not counted all it has sent."""
    estimate = _estimated_usage(answer)
    if answer.usage is None:
        return estimate, True
    if answer.finished is None and estimate.tokens_out > answer.usage.tokens_out:
        return replace(answer.usage, tokens_out=estimate.tokens_out), True
    return answer.usage, False


def _is_bill_unknown(answer: Answer) -> bool:
    """Whether the provider may have generated more than arrived, and told nobody how much.

    It broke off, or fell silent, or answered rubbish. Not so where it never began, where it counted its tokens at
    the end, and where the answer was cut off here: that is estimated.
    """
    error = answer.error
    if answer.stopped or answer.aborted or answer.finished is not None:
        return False
    if answer.usage is not None and isinstance(error, EmptyAnswer | ContentRefused):
        return False  # these are found at the end
    # Some count what they have said so far at the beginning, when that is nothing.
    is_counted = answer.characters > 0 and not _usage(answer)[1]
    return not is_counted and (error is None or error.may_be_billed or answer.characters > 0)


def _estimated_usage(answer: Answer) -> Usage:
    if answer.error is not None and answer.characters == 0 and not answer.error.may_be_billed:
        return Usage(0, 0)
    question = answer.question
    if answer.stopped or answer.aborted:
        tokens_in = -(-len(question.text.encode(errors="replace")) // CAREFUL_BYTES_PER_TOKEN)
        tokens_out = -(-answer.size // CAREFUL_BYTES_PER_TOKEN)
    else:
        tokens_in = len(question.text) // CHARACTERS_PER_TOKEN
        tokens_out = -(-answer.characters // CHARACTERS_PER_TOKEN)
    bound = question.max_tokens_out
    return Usage(tokens_in, tokens_out if bound is None else min(tokens_out, bound))


def _finish_reason(answer: Answer) -> str:
    if answer.stopped:
        return STOPPED
    if answer.aborted:
        return REPEATS
    return answer.finished.reason if answer.finished else ""


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
