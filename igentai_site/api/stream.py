"""A topic's list as NDJSON, read a chunk at a time off the event loop, and sent as fast as the reader takes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec
from django.http import StreamingHttpResponse

from igentai_site.api import listing
from igentai_site.api.auth import Caller, still_allowed, too_many
from igentai_site.api.errors import ApiError, translated
from igentai_site.api.rates import streams
from orchestration.portal import queries
from orchestration.portal.entries import newest_id
from orchestration.portal.present import is_under_way
from orchestration.portal.threads import in_thread
from topics.browsing.filters import Filters

# Their own, so that no crowd of streams delays a live page.
READERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="api-stream")
FIRST_CHUNK, CHUNK = 50, 1000
POLL_SECONDS = 1.0
ALIVE_SECONDS = 15.0
RECHECK_SECONDS = 8.0  # with a poll and the read itself, a right is gone within ten seconds


@dataclass(frozen=True, slots=True)
class Wanted:
    topic_id: int
    after: int
    follow: bool = False
    with_rejected: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """`last`: there is no more, and with `follow` there will be none. `idle`: there is no more yet."""

    rows: tuple[listing.Row, ...]
    last: bool
    idle: bool


@dataclass
class Reader:
    """Reads what is wanted, in a thread; knows where it is."""

    caller: Caller
    permission: str
    wanted: Wanted
    after: int = field(init=False)
    through: int | None = field(init=False, default=None)
    list_number: int | None = field(init=False, default=None)
    checked_at: float = field(init=False, default_factory=time.monotonic)
    limit: int = field(init=False, default=FIRST_CHUNK)

    def __post_init__(self) -> None:
        self.after = self.wanted.after

    def read(self) -> Chunk:
        """The next entries, none of which a later read has again. Raises ApiError when there may be no more."""
        self._recheck()
        # Asked before the entries are read: nothing is stored after the end of a run.
        may_grow = self.wanted.follow and self._is_under_way()
        self._refuse_another_list()
        if self.through is None and not self.wanted.follow:
            self.through = newest_id(self.wanted.topic_id)
        filters = Filters(topic=self.wanted.topic_id)
        page = listing.page(filters, self.after, self.limit, self.through, with_rejected=True)
        if page.rows:
            self._refuse_another_list()
            self.after = page.rows[-1].id
        self.limit = CHUNK
        at_end = page.next is None
        return Chunk(self._shown(page.rows), last=at_end and not may_grow, idle=at_end)

    def _shown(self, rows: Iterable[listing.Row]) -> tuple[listing.Row, ...]:
        return tuple(row for row in rows if self.wanted.with_rejected or row.verdict != "rejected")

    def _is_under_way(self) -> bool:
        topic = queries.topic_state(self.wanted.topic_id)
        if topic is None:
            raise ApiError(404, "topic_gone", "The topic was deleted.", "List the topics to see which there are.")
        run = queries.run_state(self.wanted.topic_id)
        # A run that was asked to stop still brings what was under way.
        return is_under_way(topic, run) or (run is not None and not run.over)

    def _refuse_another_list(self) -> None:
        """A list that is replaced takes its entries with it: its beginning and the other's end make no list."""
        number = queries.list_state(self.wanted.topic_id).number
        # From none to the first is no replacement.
        if self.list_number and number != self.list_number:
            raise ApiError(
                409, "list_replaced", "The list was replaced by a new one.", "Read the new one from its start."
            )
        self.list_number = number

    def _recheck(self) -> None:
        now = time.monotonic()
        if now - self.checked_at >= RECHECK_SECONDS:
            self.checked_at = now
            refusal = still_allowed(self.caller, self.permission)
            if refusal:
                raise refusal


async def lines(reader: Reader) -> AsyncGenerator[bytes, None]:
    """The text of the stream. Its last line says why, where it ends before its end."""
    # An empty line at once where there is nothing yet: the head of the response goes out with its first byte.
    said_at = float("-inf")
    while True:
        try:
            chunk = await in_thread(READERS, reader.read)
        except Exception as error:
            yield _farewell(translated(error))
            return
        if chunk.rows:
            said_at = time.monotonic()
            yield text(chunk.rows)
        if chunk.last:
            return
        if time.monotonic() - said_at >= ALIVE_SECONDS:
            said_at = time.monotonic()
            yield b"\n"
        if chunk.idle:
            await asyncio.sleep(POLL_SECONDS)


class Lines(StreamingHttpResponse):
    """The stream as a response. It holds one of the caller's places for as long as it is being sent.

    Django does not close a response whose reader has left, but its iterator, and that at once.
    """

    def __init__(self, caller: Caller, permission: str, wanted: Wanted) -> None:
        super().__init__(content_type="application/x-ndjson")
        self["X-Accel-Buffering"] = "no"
        self._caller = caller
        self._lines = lines(Reader(caller, permission, wanted))
        self.streaming_content = self._lines

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        if not streams.open(self._caller.key):
            yield _farewell(too_many_streams())
            return
        try:
            async for part in self._lines:
                yield part
        finally:
            streams.close(self._caller.key)
            await self._lines.aclose()


def too_many_streams() -> ApiError:
    return too_many("Too many streams are open.", "Close one, or read pages instead.")


def text(rows: Iterable[listing.Row]) -> bytes:
    """One entry a line."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _farewell(error: ApiError) -> bytes:
    return msgspec.json.encode(error.body()) + b"\n"
