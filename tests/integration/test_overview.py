"""Files about more than one topic, and folders of topics that no run is writing."""

import json

import pytest
from django.db import OperationalError

from orchestration import lease
from orchestration.runtime import overview
from orchestration.runtime.overview import mend_folder, topics_to_mend, write_overview
from tests.factories import AttributeFactory, ProviderWeightFactory, RequestFactory, RunFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def outputs(transactional_db, tmp_path):
    lease.acquire(lease.this_process())
    return tmp_path / "outputs"


def over(**fields):
    run = RunFactory(over=True, **fields)
    request = RequestFactory(producer__run=run, producer__slot=0, candidates=2, unique=1)
    ProviderWeightFactory(producer=request.producer, provider=request.provider)
    AttributeFactory(request=request, text=f"entry of run {run.number}")
    return run


def mend_all(outputs):
    for topic_id in topics_to_mend():
        mend_folder(outputs, topic_id)


def overview_in(outputs):
    return json.loads((outputs / "global_state.json").read_text())


def test_the_overview_tells_of_the_engine_and_of_the_newest_run_of_each_topic(outputs):
    first = over(topic__name="Museums", number=1, unique=4, candidates=9)
    RunFactory(topic=first.topic, number=2)
    RunFactory(topic__name="Bridges", number=1)
    write_overview(outputs, running=True)
    told = overview_in(outputs)
    assert told["engine"]["running"] is True
    assert told["engine"]["pid"] == lease.this_process().pid
    found = [(each["topic"], each["folder"], each["run"], each["state"]) for each in told["topics"]]
    assert found == [("Bridges", "bridges", 1, "running"), ("Museums", "museums", 2, "running")]


def test_the_overview_is_replaced_and_says_when_the_engine_is_gone(outputs):
    write_overview(outputs, running=True)
    write_overview(outputs, running=False)
    assert overview_in(outputs)["engine"]["running"] is False


def test_folders_of_runs_that_are_over_are_made_again(outputs):
    run = over(topic__name="Museums")
    mend_all(outputs)
    folder = outputs / "museums"
    assert (folder / "output.txt").read_text() == f"entry of run {run.number}\n"
    assert (folder / "topic.txt").read_text().startswith("Topic: Museums\n")
    metrics = json.loads((folder / "metrics.json").read_text())
    assert (metrics["unique"], metrics["candidates"], metrics["stop_reason"]) == (1, 2, "target")
    state = json.loads((folder / "state.json").read_text())
    assert (state["current_topic"], state["total_unique_count"]) == ("Museums", 1)


@pytest.mark.parametrize("name", ["output.txt", "topic.txt", "metrics.json", "state.json"])
def test_a_file_that_was_damaged_while_no_engine_ran_is_made_again(outputs, name):
    over(topic__name="Museums")
    mend_all(outputs)
    path = outputs / "museums" / name
    right = path.read_text()
    path.write_text("damaged")
    mend_all(outputs)
    assert path.read_text().split('"last_updated"')[0] == right.split('"last_updated"')[0]


def test_a_topic_that_is_running_or_never_ran_is_left_alone(outputs):
    finished = over(topic__name="Museums")
    RunFactory(topic=finished.topic, number=finished.number + 1)
    RunFactory(topic__name="Bridges")
    mend_all(outputs)
    assert not outputs.exists()


def test_a_run_that_never_began_a_list_leaves_the_files_of_the_one_before(outputs):
    """As during the run itself: the folder tells of the list that is there."""
    run = over(topic__name="Museums", number=1, list_number=1)
    RunFactory(topic=run.topic, number=2, list_number=0, over=True, stop_reason="no_usable_provider")
    mend_all(outputs)
    metrics = json.loads((outputs / "museums" / "metrics.json").read_text())
    assert (metrics["run"], metrics["stop_reason"], metrics["unique"]) == (1, "target", 1)


def test_a_topic_whose_only_run_failed_has_its_files(outputs):
    RunFactory(topic__name="Museums", number=1, list_number=0, over=True, stop_reason="no_usable_provider")
    mend_all(outputs)
    metrics = json.loads((outputs / "museums" / "metrics.json").read_text())
    assert (metrics["run"], metrics["stop_reason"]) == (1, "no_usable_provider")


def test_one_folder_that_cannot_be_written_does_not_keep_the_others_from_it(outputs, caplog):
    over(topic__name="Bridges")
    over(topic__name="Museums")
    outputs.mkdir()
    (outputs / "bridges").write_text("in the way")
    mend_all(outputs)
    assert (outputs / "museums" / "output.txt").exists()
    assert "bridges" in caplog.text


def test_an_overview_that_cannot_be_written_is_reported(outputs):
    outputs.write_text("in the way")
    assert "cannot write global_state.json" in write_overview(outputs, running=True)


def test_a_database_that_is_away_is_reported(outputs, caplog, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(overview, "_first_of_each_topic", lambda *order: away())
    mend_all(outputs)
    assert "cannot mend" in caplog.text
    assert "cannot write" in write_overview(outputs, running=True)


def test_what_is_simulated_says_so(outputs):
    run = over(topic__name="Museums", simulated=True)
    mend_all(outputs)
    assert "Simulated: yes" in (outputs / "museums" / "topic.txt").read_text()
    run.simulated = False
    run.save()
    mend_all(outputs)
    assert "Simulated" not in (outputs / "museums" / "topic.txt").read_text()
