"""An environment that is wrong, as who starts a process reads it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from orchestration.wrong_settings import explained

PROCESSES = [("manage.py", "run_orchestrator"), ("manage.py", "check"), ("-m", "orchestration.portal.server")]
WRONG = [
    ({"DATABASE_URL": "garbage"}, "DATABASE_URL is no address of a database: use postgresql://"),
    ({"DJANGO_ALLOWED_HOSTS": "igentai.example", "DJANGO_SECRET_KEY": ""}, "DJANGO_SECRET_KEY must be set, too: to"),
]


@pytest.mark.parametrize("process", PROCESSES, ids=" ".join)
@pytest.mark.parametrize(("environ", "words"), WRONG, ids=["database", "secret key"])
def test_a_wrong_environment_is_explained_in_one_line(process, environ, words):
    ended = subprocess.run(
        [sys.executable, *process],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    [line] = ended.stderr.splitlines()
    assert line.startswith("igentai cannot start: ")
    assert words in line
    assert ended.returncode == 2


@pytest.mark.parametrize("error", [ImproperlyConfigured("of an app"), ValueError("of anything")])
def test_other_errors_are_not_hidden(error):
    with pytest.raises(type(error), match="of an"), explained():
        raise error
