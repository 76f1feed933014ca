"""The page of the benchmarks: the table, and what each part of it measures."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from bench import clients, entries, ingest, viewers, viewers_world, worker
from bench.bare import ROWS_PER_STATEMENT
from bench.table import Row, markdown


def page(rows: Sequence[Row]) -> str:
    """As docs/benchmarks.md has it."""
    parts = (_about_ingest(), _about_worker(), _about_clients(), _about_entries(), ABOUT_MEMORY, _about_viewers())
    return f"""# Benchmarks

`make bench` measures this table and writes this page; `python -m bench PART` measures one part. Each figure stands
beside a ceiling or a floor that was measured in the same run: the machine may be slow or busy, the ratio still tells.
What igentai is for, new entries for the money, has a page of its own: [yield](yield.md), by `make bench-yield`.

Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on {os.cpu_count()} cores.

{markdown(rows)}{"".join(parts).rstrip()}
"""


ABOUT_MEMORY = """
**Known keys** live in the engine's memory, each with the id of its entry.
"""


def _about_ingest() -> str:
    return f"""
**Ingest** is the whole path: five producer processes push batches of {ingest.BATCH} over the link as fast as
acknowledgements allow, half of the candidates repeating one of {ingest.KNOWN:,} known entries in another spelling.
The producers do what the product's do with an answer that has arrived: keys, the filter of known keys, texts that are
asked for. The engine is the product's, with its files, statistics and supervision; the time ends when every batch is
acknowledged, which is when every repeat is in its request; "with the counts", when they have been added up in the
entries, too. The bare database inserts the same candidates, keys worked out beforehand, {ROWS_PER_STATEMENT} to a
statement, each durable. Medians of {ingest.ROUNDS} rounds; in brackets the lowest and the highest ratio.

The ratio depends on the machine: on two cores, what the engine and the producers do runs beside the database as far
as there is room. What repeats something never reaches the database of the engine; the bare one looks it up. New
entries reach PostgreSQL by COPY; the bare one inserts all, with ON CONFLICT, and its driver binds lists as text by
itself. The bare SQLite syncs its log with every commit, as ours, and moves it into the file as often as it likes.
So it was in the trial that the goals come from ([why](decisions/0012-what-ingest-is-held-against.md)). The rows
without a goal say what remains beside a bare database that is used better: with arrays in binary, or with the
options of our SQLite, whose log is moved every 64 MB. New keys are spread over the whole index, so that nearly each
of them writes a page of its own; what was written several times is then moved once.

A run with language models brings a few hundred candidates a second.
"""


def _about_worker() -> str:
    return f"""
**A producer process** is `python -m producers.worker`, from its start to its first message, and its resident memory
after {worker.REQUESTS} requests to a simulated provider and to an OpenAI-compatible server on the same machine.
"""


def _about_clients() -> str:
    return f"""
**openai, anthropic and gemini** compare our adapter with the vendor's own asynchronous client, which retries nothing
and streams the same answer: {clients.ENTRIES} entries in {clients.EVENTS} events of {clients.EVENT_SIZE} characters,
over HTTP, from a scripted server on this machine. Server and client are processes of their own, a new client for each
round; ours and the vendor's take turns. Processor time is user and system time of the client's process for an answer,
from the question until all its text was handed out: the mean of {clients.ANSWERS} answers after {clients.WARM_UP} of
warm-up. What a producer makes of the text is not in it. Event by event, the server pauses {clients.PAUSE * 1000:g} ms
before each, so that each is sent by itself, as from a model: the vendors' clients read each by itself, ours what has
come every 40 ms. At once, the whole answer comes in one piece, and little but the decoding is left. The start is wall
time from the spawn: to a client that could be asked (ours opens its pool of connections with the first question), and
to the first text of an answer. Memory is what is resident after the last answer. Medians of {clients.ROUNDS} rounds.
"""


def _about_entries() -> str:
    return f"""
**Entries** is the page that lists them, as Django's test client gets it as an administrator, from databases of three
sizes, which are asked in turn: medians of {entries.ROUNDS} rounds, of the times and of the ratios within a round. The
deep page is at a tenth of the list from its old end; every {entries.SHARE}th request is of the provider that is
filtered by; the search finds one entry in thirty. A search for what is not there looks through the list until its
time, under a second, is up, and says how far it came.
"""


def _about_viewers() -> str:
    return f"""
**The live page** is watched by WebSocket clients of one process, while another process finds {viewers_world.A_SECOND}
entries a second for {viewers.SECONDS:g} seconds, each in a commit of its own, in a run of
{viewers_world.PRODUCERS} producers and {viewers_world.PROVIDERS} providers. The delay is from the end of the commit
to the message at the client; every entry has to arrive at every client. The poller looks four times a second, with
200 viewers about twice, and half of such a pause is waited on average. The clients share the machine with portal and
database.
"""
