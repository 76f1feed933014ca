"""A topic's form: its defaults, preview, commands and copies; the list of topics in sentences."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from orchestration.duplication import free_name
from orchestration.models import Run
from orchestration.sentences import StateKind
from orchestration.topic_states import of_kind, state_of, with_newest_run
from producers.models import TopicProvider
from tests.factories import AttributeFactory, ProviderFactory, RunFactory, TopicFactory, UserFactory
from topics.models import DEFAULT_PROMPT, DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

ADD = "/admin/topics/topic/add/"
LIST = "/admin/topics/topic/"
PREVIEW = "/admin/topics/topic/preview/"


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(admin=True))
    return client


@pytest.fixture
def viewer(client):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    return client


def change(topic):
    return reverse("admin:topics_topic_change", args=[topic.pk])


def copy_of(topic):
    return reverse("admin:topics_topic_duplicate", args=[topic.pk])


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def as_shown(client, url):
    """What a browser would send of the form as it is first shown."""
    response = client.get(url)
    form = response.context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    for each in response.context["inline_admin_formsets"]:
        values |= {f"{each.formset.prefix}-TOTAL_FORMS": 0, f"{each.formset.prefix}-INITIAL_FORMS": 0}
    return {name: value for name, value in values.items() if value is not None}


# The form


def test_a_name_is_enough(administrator):
    response = administrator.post(ADD, {**as_shown(administrator, ADD), "name": "Bridges", "producer_count": 3})
    assert response.status_code == 302, response.context["errors"]
    topic = Topic.objects.get()
    assert (topic.name, topic.producer_count, topic.prompt) == ("Bridges", 3, DEFAULT_PROMPT)


@pytest.mark.parametrize("name", ["", "   "])
def test_a_name_that_is_missing_is_said_once(administrator, name):
    response = administrator.post(ADD, {**as_shown(administrator, ADD), "name": name})
    assert response.context["adminform"].form.errors == {"name": ["This field is required."]}


def test_saving_leaves_a_start_that_comes_in_between(administrator, started_before_it_is_saved):
    topic = TopicFactory(name="Rivers")
    form = {**as_shown(administrator, change(topic)), "target": 7}
    with started_before_it_is_saved():
        assert administrator.post(change(topic), form).status_code == 302
    topic.refresh_from_db()
    assert (topic.target, topic.starts, topic.desired_state) == (7, 1, DesiredState.RUNNING)


def test_advanced_settings_are_folded_and_say_what_a_change_does(administrator):
    page = html(administrator.get(ADD))
    assert page.count("<details>") >= 2
    assert "Stops when at least this share" in page
    assert "Weighted lets the optimiser shift" in page


# The preview


def test_the_preview_shows_what_would_be_asked_and_the_cost_of_it(administrator):
    provider = ProviderFactory(name="dear <b>", kind="openai", input_rate=10, output_rate=50)
    form = {
        "name": "Bridges <i>",
        "prompt": "Only famous ones.",
        "partition": "auto",
        "request_size": "80",
        "chosen_providers-0-provider": provider.pk,
    }
    page = html(administrator.post(PREVIEW, form))
    for words in (
        "Topic: Bridges &lt;i&gt;",
        "Only famous ones.",
        "List only this part of the topic",
        "Divide this topic into",
        "at first 80",
        "dear &lt;b&gt;: about ",
    ):
        assert words in page


def test_the_preview_takes_any_form(viewer):
    page = html(
        viewer.post(PREVIEW, {"request_size": "a lot", "partition": "none", "chosen_providers-0-provider": "x"})
    )
    assert "Topic: (the name)" in page
    assert "Divide this topic" not in page
    assert "simulated-cheap: about" in page


def test_the_preview_wants_a_post_and_the_permission_to_look(client, viewer):
    assert viewer.get(PREVIEW).status_code == 405
    client.force_login(UserFactory())
    assert client.post(PREVIEW, {}).status_code == 403


# Copies


def test_a_copy_has_settings_providers_and_own_categories_and_no_list(administrator):
    attribute = AttributeFactory(request__producer__run__topic__name="Bridges")
    topic = attribute.topic
    Topic.objects.filter(pk=topic.pk).update(target=50, partition="category", starts=3, desired_state="running")
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(name="mine"), weight=0.5)
    topic.partitions.create(words="my category", data={"a": 1}, by_person=True, left_out=True)
    topic.partitions.create(words="the engine's")
    response = administrator.post(copy_of(topic))
    copy = Topic.objects.get(name="Bridges (copy)")
    assert response.headers["Location"] == change(copy)
    assert (copy.target, copy.partition, copy.starts, copy.desired_state) == (50, "category", 0, "stopped")
    assert copy.folder != topic.folder
    assert [(each.provider.name, each.weight) for each in copy.chosen_providers.all()] == [("mine", 0.5)]
    assert [(part.words, part.data, part.left_out) for part in copy.partitions.all()] == [
        ("my category", {"a": 1}, True)
    ]
    assert not copy.attributes.exists()
    assert LogEntry.objects.get(object_id=copy.pk).get_change_message() == "Duplicated from Bridges"


def test_copies_have_names_of_their_own():
    TopicFactory(name="Bridges (copy)")
    assert free_name("Bridges") == "Bridges (copy 2)"
    assert len(free_name("x" * 200)) == 200


def test_several_are_duplicated_at_once(administrator):
    topics = TopicFactory.create_batch(2)
    administrator.post(LIST, {"action": "duplicate_selected", "_selected_action": [topic.pk for topic in topics]})
    assert Topic.objects.count() == 4


def test_a_copy_wants_a_post_and_the_right_to_add_topics(viewer):
    topic = TopicFactory()
    assert viewer.get(copy_of(topic)).status_code == 405
    assert viewer.post(copy_of(topic)).status_code == 403
    page = html(viewer.get(change(topic)))
    assert "Your account may not add topics" in page
    viewer.post(LIST, {"action": "duplicate_selected", "_selected_action": [topic.pk]})
    assert Topic.objects.count() == 1


def test_a_copy_of_nothing(administrator):
    assert administrator.post("/admin/topics/topic/404/duplicate/").status_code == 404


# The list


def test_the_list_tells_how_each_topic_is(viewer):
    TopicFactory(name="Castles", target=100, budget_usd="0.50")
    topic = RunFactory(number=1, unique=1000, over=True, stop_reason="target", list_number=1).topic
    RunFactory(topic=topic, number=2, list_number=1, unique=5, over=True, stop_reason="stopped")
    page = html(viewer.get(LIST))
    for words in ("Never started", "100 entries, $0.5", "It was stopped by a person.", "1,005"):
        assert words in page
    assert "It reached its target" not in page


RUNS = [None, *((number, state) for number in (1, 2) for state in Run.State)]


@pytest.mark.parametrize("desired", DesiredState)
def test_the_list_is_filtered_by_the_state_that_it_shows(desired):
    for starts in (0, 1, 2):
        for run in RUNS:
            topic = TopicFactory(desired_state=desired, starts=starts)
            if run is not None:
                number, state = run
                over = state in (Run.State.ENDED, Run.State.FAILED)
                RunFactory(topic=topic, number=number, over=over, state=state)
    shown = {topic.pk: state_of(topic).kind for topic in with_newest_run(Topic.objects.all())}
    filtered = {topic.pk: kind for kind in StateKind for topic in of_kind(Topic.objects.all(), kind)}
    assert filtered == shown


def test_only_what_runs_is_listed_as_running(viewer, django_assert_max_num_queries):
    RunFactory(number=1, topic__name="Castles", topic__desired_state="running", topic__starts=1, state="running")
    for number in range(9):
        RunFactory(number=1, topic__name=f"Over {number}", topic__desired_state="running", topic__starts=1, over=True)
    with django_assert_max_num_queries(15):
        page = html(viewer.get(LIST, {"state": "running"}))
    assert ">Castles<" in page
    assert ">Over " not in page
    assert "Starting, stopping or waiting" in page
    assert "Running (1)" in html(viewer.get(LIST, {"_facets": "True"}))
    assert ">Over 1<" in html(viewer.get(LIST, {"state": "nonsense"}))


def test_the_page_tells_the_same_with_the_buttons_that_are_of_use(administrator):
    topic = RunFactory(number=1, unique=3, topic__desired_state="running", topic__starts=1).topic
    page = html(administrator.get(change(topic)))
    assert "<strong>Running</strong>" in page
    assert 'disabled title="It is under way already."' in page
    assert ">Start over</button>" in page
    assert ">Duplicate</button>" in page
