"""Semantic clusters are refused where what they need is not installed: in the portal and on the command line."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from orchestration import clusters
from orchestration.clusters import INSTALL
from tests.factories import TopicFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def installed(monkeypatch):
    """Call with what there is of the extra."""
    return lambda found: monkeypatch.setattr(clusters, "find_spec", lambda name: found)


def saved(client, partition):
    client.force_login(UserFactory(admin=True))
    topic = TopicFactory()
    address = reverse("admin:topics_topic_change", args=[topic.pk])
    form = client.get(address).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields}
    formsets = client.get(address).context["inline_admin_formsets"]
    counts = {f"{each.formset.prefix}-{which}_FORMS": 0 for each in formsets for which in ("TOTAL", "INITIAL")}
    data = {name: "" if value is None else value for name, value in fields.items()}
    return topic, client.post(address, {**data, **counts, "partition": partition})


def test_the_form_says_what_to_install(client, installed):
    installed(None)
    topic, response = saved(client, "semantic")
    (complaint,) = response.context["adminform"].form.errors["partition"]
    assert complaint == f"Semantic clusters need an extra that is not installed: {INSTALL}."
    topic.refresh_from_db()
    assert topic.partition == "auto"


@pytest.mark.parametrize(("partition", "found"), [("semantic", "something"), ("category", None)])
def test_the_form_takes_what_can_be_done(client, installed, partition, found):
    installed(found)
    topic, response = saved(client, partition)
    assert response.status_code == 302
    topic.refresh_from_db()
    assert topic.partition == partition


def test_the_command_line_says_what_to_install(installed):
    installed(None)
    with pytest.raises(CommandError, match=f"--partition semantic: .*{INSTALL}") as refusal:
        call_command("run_orchestrator", topic="Museums", partition="semantic")
    assert refusal.value.returncode == 2
