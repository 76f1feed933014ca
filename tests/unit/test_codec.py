"""Frames of the link: what is a message comes back as it was, and nothing else gets in."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.link import messages
from producers.link.codec import BadFrame, decode_for_engine, decode_for_producer, encode
from producers.link.filters import MOST_PARTS, PART_BYTES
from producers.link.keys import KEY_BYTES, joined
from producers.link.messages import (
    Ack,
    AttributeBatch,
    FilterIncrement,
    FilterPart,
    FilterUse,
    FilterWanted,
    GenerationConfig,
    GenerationMetadata,
    Heartbeat,
    Hello,
    ProviderSpec,
    StartTopic,
    Status,
    Stop,
    TextsWanted,
    UpdateConfiguration,
)

text = st.text(max_size=20)
count = st.integers(0, messages.MAX_COUNT)
share = st.floats(0, 1)
generation = st.builds(
    GenerationConfig,
    request_size=st.integers(1, 1000),
    in_flight=st.integers(1, 64),
    requests_left=st.none() | count,
    routing=text,
    partition=text,
    seed=st.integers(0, 2**48),
)
spec = st.builds(
    ProviderSpec, name=text, kind=text, model=text, base_url=text, key_variable=text,
    options=st.dictionaries(text, st.integers(-9, 9) | text | st.booleans(), max_size=3),
)  # fmt: skip
weights = st.dictionaries(text, share, max_size=3)
texts = st.lists(text, max_size=4).map(tuple)
keys = st.lists(st.binary(min_size=16, max_size=16), max_size=4).map(joined)
metadata = st.builds(
    GenerationMetadata, provider=text, prompt_hash=text, outcome=st.sampled_from(["complete", "cut", "failed"]),
    started_at=st.floats(0, 1e10), response_time_ms=count, tokens_in=count, tokens_out=count,
    tokens_estimated=st.booleans(), bill_unknown=st.booleans(), asked_for=count, rejected=count,
    finish_reason=text, error_kind=text, error=text, terminal=st.booleans(), partition=text,
    partition_coherence=st.none() | share, probe=st.booleans(),
)  # fmt: skip
to_producer = st.one_of(
    st.builds(
        StartTopic, topic=text, prompt=text, providers=st.lists(spec, max_size=3).map(tuple),
        provider_weights=weights, generation=generation, exclusions=texts,
        patience=st.dictionaries(text, st.integers(1, 200), max_size=3),
    ),
    st.builds(
        UpdateConfiguration, prompt=st.none() | text, provider_weights=st.none() | weights,
        exclusions=st.none() | texts, generation=st.none() | generation,
    ),
    st.builds(Stop, reason=text),
    st.builds(Ack, batch_ids=texts),
    st.builds(
        FilterPart, generation=count, version=count, part=st.integers(0, 16), parts=st.integers(1, 17),
        data=st.binary(max_size=50),
    ),
    st.builds(FilterIncrement, generation=count, since=count, keys=keys),
    st.builds(TextsWanted, batch_id=text, keys=keys),
)  # fmt: skip
batches = st.builds(
    AttributeBatch, batch_id=st.text(min_size=1, max_size=40), candidates=texts, metadata=metadata,
    keys=keys.map(lambda keys: bytes(4 * KEY_BYTES) + keys),
    filter=st.none()
    | st.builds(
        FilterUse, checked=count, probable=count, asked_back=count, aborted=st.booleans(), tokens_saved=count
    ),
)  # fmt: skip
to_engine = st.one_of(
    batches,
    st.builds(Hello, pid=st.integers(0, 2**31), started=st.booleans(), protocol=st.integers(0, 9)),
    st.builds(Status, state=text, detail=text),
    st.builds(Heartbeat, in_flight=count, unacknowledged=count),
    st.just(FilterWanted()),
)
BATCH = AttributeBatch(
    batch_id="b",
    candidates=("Louvre",),
    keys=bytes(KEY_BYTES),
    metadata=GenerationMetadata(provider="a", prompt_hash="", outcome="complete", started_at=0.0, response_time_ms=1),
)


@given(to_engine)
def test_what_a_producer_says_arrives_as_it_was(message):
    assert decode_for_engine(encode(message)) == message
    assert decode_for_engine(encode(message).decode()) == message


@given(to_producer)
def test_what_the_engine_says_arrives_as_it_was(message):
    assert decode_for_producer(encode(message)) == message


@given(to_engine | to_producer)
def test_a_frame_names_its_type_and_is_one_line(message):
    frame = encode(message)
    assert json.loads(frame)["type"] == type(message).__struct_config__.tag
    assert b"\n" not in frame


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_nothing_worse(frame):
    for decode in (decode_for_engine, decode_for_producer):
        with pytest.raises(BadFrame):
            decode(frame)


def changed(**changes):
    return json.dumps({**msgspec.to_builtins(BATCH), **changes}).encode()


def with_metadata(**changes):
    return changed(metadata={**msgspec.to_builtins(BATCH.metadata), **changes})


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'"hello"',
        b"[" * 100_000,
        b'{"type":"unheard_of"}',
        b'{"type":"ack","batch_ids":[]}',
        b'{"type":"hello"}',
        b'{"type":"hello","pid":"1"}',
        b'{"type":"hello","pid":1,"more":1}',
        b'{"type":"hello","pid":1.5}',
        b'{"type":"status","state":"\\ud800"}',
        b'{"type":"status","state":"\xff"}',
        json.dumps({"type": "status", "state": "x" * 21}).encode(),
        json.dumps({"type": "status", "state": "asking", "detail": "x" * 501}).encode(),
        b'{"type":"heartbeat","in_flight":-1,"unacknowledged":0}',
        b'{"type":"heartbeat","in_flight":2147483648,"unacknowledged":0}',
        changed(batch_id=""),
        changed(batch_id="x" * 41),
        changed(batch_id=7),
        changed(candidates=["x" * 201]),
        changed(candidates=["x"] * 2_001),
        changed(candidates=[None]),
        changed(candidates="Louvre"),
        changed(surprise=1),
        with_metadata(tokens_in=10**30),
        with_metadata(tokens_in=-1),
        with_metadata(outcome="splendid"),
        with_metadata(error="x" * 501),
        with_metadata(partition_coherence=1.5),
        with_metadata(started_at="noon"),
    ],
    ids=lambda frame: frame[:40].decode(errors="replace"),
)
def test_what_is_no_message_of_a_producer_is_refused(frame):
    with pytest.raises(BadFrame):
        decode_for_engine(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"type":"hello","pid":1}',
        b'{"type":"stop","now":true}',
        b'{"type":"ack","batch_ids":[1]}',
        b'{"type":"update_configuration","provider_weights":{"a":1.5}}',
        b'{"type":"update_configuration","generation":{"in_flight":0}}',
        b'{"type":"update_configuration","generation":{"request_size":1001}}',
        b'{"type":"start_topic","topic":"museums"}',
    ],
)
def test_what_is_no_message_of_the_engine_is_refused(frame):
    with pytest.raises(BadFrame):
        decode_for_producer(frame)


def test_a_refusal_is_short_whatever_was_sent():
    with pytest.raises(BadFrame) as refusal:
        decode_for_engine(json.dumps({"type": "x" * 10_000}))
    assert len(str(refusal.value)) <= 200


def test_the_largest_batch_fits_a_frame():
    most = messages.MAX_CANDIDATES
    widest = AttributeBatch(
        batch_id="b",
        candidates=("\U0001f600" * messages.MAX_CANDIDATE_LENGTH,) * most,
        keys=bytes(most * KEY_BYTES),
        metadata=BATCH.metadata,
    )
    assert len(encode(widest)) < messages.MAX_FRAME_BYTES


def test_a_prompt_is_known_by_a_hash_that_fits_its_field():
    assert len(messages.prompt_hash("Name museums.")) == 32
    assert messages.prompt_hash("a") != messages.prompt_hash("b")
    assert messages.prompt_hash("\ud800")


@pytest.mark.parametrize("keys", [b"", bytes(KEY_BYTES - 1), bytes(KEY_BYTES + 1)])
def test_a_batch_that_lacks_a_key_or_a_part_of_one_is_refused(keys):
    frame = msgspec.json.decode(encode(BATCH)) | {"keys": keys}
    with pytest.raises(BadFrame):
        decode_for_engine(msgspec.json.encode(frame))


def test_the_largest_pieces_of_a_filter_fit_into_a_frame():
    part = FilterPart(generation=1, version=1, part=0, parts=MOST_PARTS, data=bytes(PART_BYTES))
    increment = FilterIncrement(generation=1, since=0, keys=bytes(messages.MAX_NEW_KEYS * KEY_BYTES))
    assert all(len(encode(each)) < messages.MAX_FRAME_BYTES for each in (part, increment))
