"""What a viewer may say."""

import pytest

from orchestration.portal.protocol import Malformed, Painted, Replay, parse


def test_a_question_and_an_echo_are_understood():
    assert parse('{"type":"replay","cursor":12}') == Replay(cursor=12)
    assert parse('{"type":"painted","messages":3}') == Painted(messages=3)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"type":"replay"}',
        '{"type":"replay","cursor":-1}',
        '{"type":"replay","cursor":1.5}',
        '{"type":"replay","cursor":true}',
        '{"type":"replay","cursor":"1"}',
        '{"type":"replay","cursor":9223372036854775808}',
        '{"type":"replay","cursor":' + "9" * 900 + "}",
        '{"type":"replay","cursor":1,"topic":2}',
        '{"type":"painted","messages":null}',
        '{"type":"drop","table":"topics"}',
        "[" * 900,
        '{"type":"replay","cursor":1}' + " " * 1000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(Malformed):
        parse(text)
