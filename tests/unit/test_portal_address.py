"""Where an engine's portal is, by its flags."""

import os
import socket

import pytest

from orchestration.lease import Owner, this_process
from orchestration.portal_address import portal_by_flags, portal_of


@pytest.mark.parametrize(
    ("flags", "portal"),
    [
        ("", "http://127.0.0.1:8000/"),
        ("--port 8001", "http://127.0.0.1:8001/"),
        ("-p 8001 -n 3 --outputs elsewhere", "http://127.0.0.1:8001/"),
        ("--bind=::1 --port=8001", "http://[::1]:8001/"),
        ("--port 0", ""),
        ("--topic Paris", ""),
        ("--topic Paris --port 8001", "http://127.0.0.1:8001/"),
        ("--port ninety", ""),
    ],
)
def test_the_flags_say_where_it_is(flags, portal):
    assert portal_by_flags(flags.split()) == portal


def test_of_a_process_that_is_no_engine_nothing_is_known():
    assert portal_of(this_process()) == ""


def test_a_process_that_has_the_number_of_an_engine_elsewhere_is_not_looked_at():
    assert portal_of(Owner("elsewhere", os.getpid(), "another boot 123")) == ""
    assert portal_of(Owner(socket.gethostname(), 2**22 + 1, "")) == ""
