"""The admin pages: all answer, with few queries; what was observed is only looked at; commands and deletion."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from orchestration.logic import parts
from orchestration.models import Decision, EngineLease, Prompt, Request, Run, RunFigures
from producers.models import Producer, Provider, TopicProvider
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    RunFiguresFactory,
    TopicFactory,
    UserFactory,
)
from topics.admin import BoundedPaginator
from topics.commands import COMMANDS
from topics.models import Attribute, DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

OURS = ("topics", "producers", "orchestration")
OBSERVED = [Attribute, Decision, Producer, Run, Request, RunFigures, Prompt]
REGISTERED = [model for model in admin.site._registry if model._meta.app_label in OURS]


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(admin=True))
    return client


def url(model, page, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def make_one_of_each():
    attribute = AttributeFactory()
    ProviderWeightFactory(producer=attribute.request.producer, provider=attribute.request.provider)
    RunFiguresFactory(run=attribute.request.run)
    DecisionFactory(run=attribute.request.run)
    TopicProvider.objects.create(topic=attribute.topic, provider=attribute.request.provider)


# Every page


def test_every_model_that_people_look_at_is_registered():
    assert set(REGISTERED) == {Topic, Provider, *OBSERVED}
    assert not admin.site.is_registered(EngineLease)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_the_list_needs_no_more_queries_for_more_rows(administrator, model, django_assert_max_num_queries):
    make_one_of_each()
    administrator.get(url(model, "changelist"))  # warms the cache of content types
    with django_assert_max_num_queries(10) as few:
        assert administrator.get(url(model, "changelist")).status_code == 200
    for _ in range(4):
        make_one_of_each()
    with django_assert_max_num_queries(len(few)):
        assert administrator.get(url(model, "changelist")).status_code == 200


def test_figures_are_shown_as_they_are_and_as_text(administrator):
    row = RunFiguresFactory(data={"partitions": {"<b>Ünder 5": None}})
    page = administrator.get(url(RunFigures, "change", row.pk)).content.decode()
    assert "&lt;b&gt;Ünder 5" in page


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_a_row_has_a_page_with_few_queries(administrator, model, django_assert_max_num_queries):
    make_one_of_each()
    row = model.objects.get()
    with django_assert_max_num_queries(21):
        assert administrator.get(url(model, "change", row.pk)).status_code == 200


def test_the_choice_of_providers_is_not_read_for_each_row(administrator, django_assert_max_num_queries):
    topic = TopicFactory()
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory())
    with django_assert_max_num_queries(21) as few:
        administrator.get(url(Topic, "change", topic.pk))
    for _ in range(6):
        TopicProvider.objects.create(topic=topic, provider=ProviderFactory())
    with django_assert_max_num_queries(len(few)):
        administrator.get(url(Topic, "change", topic.pk))


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_searching_answers(administrator, model):
    make_one_of_each()
    assert administrator.get(url(model, "changelist"), {"q": "x"}).status_code == 200


@pytest.mark.parametrize("model", OBSERVED, ids=lambda model: model.__name__)
def test_what_was_observed_is_only_looked_at(administrator, model):
    make_one_of_each()
    row = model.objects.get()
    assert administrator.get(url(model, "add")).status_code == 403
    if model is not Producer:
        assert administrator.post(url(model, "change", row.pk), {}).status_code == 403
    assert administrator.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_of_a_producer_only_the_weights_change_and_nothing_the_engine_wrote_meanwhile(administrator):
    weight = ProviderWeightFactory(weight=0.5)
    producer = weight.producer
    form = {
        "weights-TOTAL_FORMS": 1,
        "weights-INITIAL_FORMS": 1,
        "weights-0-id": weight.pk,
        "weights-0-producer": producer.pk,
        "weights-0-weight": 0.25,
        "detail": "forged",
    }
    Producer.objects.filter(pk=producer.pk).update(detail="as observed")
    assert administrator.post(url(Producer, "change", producer.pk), form).status_code == 302
    weight.refresh_from_db()
    producer.refresh_from_db()
    assert (weight.weight, producer.detail) == (0.25, "as observed")
    too_much = {**form, "weights-0-weight": 2}
    assert administrator.post(url(Producer, "change", producer.pk), too_much).status_code == 200


def test_the_preview_says_what_a_start_will_probably_cost(administrator):
    form = {"name": "Paris attractions", "request_size": 60}
    for name, rates in (("dear <b>", (10, 50)), ("gratis", (0, 0)), ("odd", (None, None))):
        provider = ProviderFactory(name=name, kind="openai", input_rate=rates[0], output_rate=rates[1])
        form[f"chosen_providers-{len(form)}-provider"] = provider.pk
    page = administrator.post(reverse("admin:topics_topic_preview"), form).content.decode()
    assert "dear &lt;b&gt;: about 0.4" in page
    assert "gratis: free for 1,000 candidates" in page
    assert "odd: price unknown" in page


def test_a_long_table_is_not_counted_to_its_end():
    AttributeFactory.create_batch(3)
    paginator = BoundedPaginator(Attribute.objects.order_by("-id"), per_page=1)
    assert paginator.count == 3
    paginator = BoundedPaginator(Attribute.objects.order_by("-id"), per_page=1)
    paginator.most = 2
    assert paginator.count == 2


def test_the_list_of_topics_leads_to_the_live_pages(administrator):
    topic = TopicFactory()
    assert reverse("portal:live", args=[topic.pk]) in administrator.get(url(Topic, "changelist")).content.decode()


def test_a_topic_is_made_with_its_providers(administrator):
    provider = ProviderFactory()
    form = {
        "name": "Paris attractions",
        "prompt": "",
        "in_flight": 2,
        "request_size": 60,
        "routing": "weighted",
        "partition": "auto",
        "optimise": "cost",
        "optimise_interval": 15,
        "chosen_providers-TOTAL_FORMS": 1,
        "chosen_providers-INITIAL_FORMS": 0,
        "chosen_providers-0-provider": provider.pk,
        "chosen_providers-0-weight": 0.5,
    }
    response = administrator.post(url(Topic, "add"), form)
    assert response.status_code == 302, response.context["errors"]
    assert Topic.objects.get().folder == "paris_attractions"
    assert TopicProvider.objects.get().provider == provider


# Commands


@pytest.fixture
def topic():
    return TopicFactory()


def press(client, topic, name, **data):
    return client.post(reverse("admin:topics_topic_command", args=[topic.pk, name]), data)


def act(client, name, *topics, **data):
    selected = [topic.pk for topic in topics]
    return client.post(url(Topic, "changelist"), {"action": name, "_selected_action": selected, **data})


@pytest.mark.parametrize(
    ("name", "state", "starts"), [("start_over", "running", 1), ("resume", "running", 1), ("stop", "stopped", 0)]
)
def test_a_button_of_the_topics_page_commands_it(administrator, topic, name, state, starts):
    response = press(administrator, topic, name)
    assert response.headers["Location"] == url(Topic, "change", topic.pk)
    topic.refresh_from_db()
    assert (topic.desired_state, topic.starts) == (state, starts)


def test_a_button_wants_a_post_and_the_permission(client, topic):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    assert client.get(reverse("admin:topics_topic_command", args=[topic.pk, "stop"])).status_code == 405
    assert press(client, topic, "start_over").status_code == 403
    page = client.get(url(Topic, "change", topic.pk)).content.decode()
    assert page.count("disabled title=") > len(COMMANDS)  # those, and Save
    topic.refresh_from_db()
    assert topic.starts == 0


def test_a_button_of_a_topic_that_is_gone(administrator):
    assert administrator.post("/admin/topics/topic/404/command/stop/").status_code == 404


def test_a_bulk_action_wants_the_permission(client, topic):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    act(client, "stop_selected", topic)
    act(client, "start_over_selected", topic)
    topic.refresh_from_db()
    assert topic.starts == 0


def test_several_topics_are_commanded_at_once(administrator):
    topics = TopicFactory.create_batch(3)
    act(administrator, "resume_selected", *topics[:2])
    assert sorted(Topic.objects.values_list("starts", flat=True)) == [0, 1, 1]
    act(administrator, "stop_selected", *topics)
    assert not Topic.objects.wanted().exists()


def test_several_topics_are_paused_at_once(administrator):
    topics = TopicFactory.create_batch(2)
    act(administrator, "resume_selected", *topics)
    act(administrator, "pause_selected", *topics)
    assert Topic.objects.paused().count() == 2
    assert "Paused" in administrator.get(url(Topic, "changelist")).content.decode()


def test_starting_several_over_says_first_what_is_replaced(administrator):
    full, empty = AttributeFactory().topic, TopicFactory()
    html = act(administrator, "start_over_selected", full, empty).content.decode()
    assert f"<bdi>{full.name}</bdi>: 1 entry" in html
    assert f"<bdi>{empty.name}</bdi>" not in html
    assert not Topic.objects.wanted().exists()
    act(administrator, "start_over_selected", full, empty, confirmed="yes")
    assert Topic.objects.wanted().count() == 2


def test_starting_one_over_says_first_what_is_replaced(administrator):
    topic = AttributeFactory().topic
    assert "replaces the list" in press(administrator, topic, "start_over").content.decode()
    assert press(administrator, topic, "start_over", confirmed="yes").status_code == 302
    assert Topic.objects.wanted().exists()


# Deletion


def test_a_running_topic_is_not_deleted_and_the_reason_is_given(administrator, topic):
    Topic.objects.update(desired_state=DesiredState.RUNNING)
    html = administrator.post(url(Topic, "delete", topic.pk), {"post": "yes"}).content.decode()
    assert "is under way: stop it first." in html
    html = act(administrator, "delete_selected", topic, post="yes").content.decode()
    assert "is under way: stop it first." in html
    assert Topic.objects.exists()


@pytest.mark.parametrize(
    ("state", "over", "words", "not_said"),
    [
        (DesiredState.RUNNING, False, "change nothing: what is running goes on with its list", "take “Resume”"),
        (DesiredState.PAUSED, False, "take “Resume” instead", "change nothing"),
        (DesiredState.STOPPED, True, "take “Resume” instead", "change nothing"),
        (DesiredState.RUNNING, True, "take “Resume” instead", "change nothing"),
    ],
)
def test_before_a_start_over_the_page_says_how_to_keep_the_list(administrator, state, over, words, not_said):
    topic = AttributeFactory().topic
    Topic.objects.update(desired_state=state, starts=1)
    if over:
        Run.objects.update(state=Run.State.ENDED, ended_at=timezone.now(), number=1)
    for page in ("admin:topics_topic_command", "portal:command"):
        html = administrator.post(reverse(page, args=[topic.pk, "start_over"])).content.decode()
        assert words in html
        assert not_said not in html


def test_a_stopped_topic_is_deleted_with_all_that_belongs_to_it(administrator):
    make_one_of_each()
    topic = Topic.objects.get()
    page = administrator.get(url(Topic, "delete", topic.pk)).content.decode()
    assert "Entries: 1" in page
    assert f"folder {topic.folder} among the outputs stay" in page
    administrator.post(url(Topic, "delete", topic.pk), {"post": "yes"})
    for model in (Topic, Run, Request, Attribute, Producer):
        assert not model.objects.exists()
    assert Provider.objects.exists()


def test_a_provider_that_answered_requests_is_kept_and_the_reason_is_given(administrator):
    provider = RequestFactory().provider
    html = administrator.post(url(Provider, "delete", provider.pk), {"post": "yes"}).content.decode()
    assert "disable it instead" in html
    assert Provider.objects.exists()


def test_an_unused_provider_is_deleted(administrator):
    administrator.post(url(Provider, "delete", ProviderFactory().pk), {"post": "yes"})
    assert not Provider.objects.exists()


# Parts, and weights that hold


def part_form(topic, **values):
    form = {
        **{name: getattr(topic, name) for name in ("name", "prompt", "in_flight", "request_size", "routing")},
        **{"partition": "auto", "optimise": "cost", "optimise_interval": 15},
        **{
            f"{inline}-{name}_FORMS": 0
            for inline in ("chosen_providers", "schedules")
            for name in ("TOTAL", "INITIAL")
        },
    }
    return {**form, **{f"partitions-{name}": value for name, value in values.items()}}


def test_people_add_a_category_by_its_name(administrator, topic):
    values = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-words": "Small  museums\n"}
    response = administrator.post(url(Topic, "change", topic.pk), part_form(topic, **values))
    assert response.status_code == 302, response.context["errors"]
    part = topic.partitions.get()
    assert (part.words, part.by_person) == ("entries of the category Small museums", True)
    assert parts.from_data(part.data) == parts.category("Small museums")


@pytest.mark.parametrize("name", ["!?", "\u200b", "a\x00b"])
def test_a_category_needs_a_name(administrator, topic, name):
    values = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-words": name}
    assert administrator.post(url(Topic, "change", topic.pk), part_form(topic, **values)).status_code == 200
    assert not topic.partitions.exists()


def test_people_leave_a_part_out_but_cannot_rename_it(administrator, topic):
    part = topic.partitions.create(words="entries of the category Bars", data=parts.as_data(parts.category("Bars")))
    values = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": part.pk, "0-words": "Inns", "0-left_out": "on"}
    response = administrator.post(url(Topic, "change", topic.pk), part_form(topic, **values))
    assert response.status_code == 302, response.context["errors"]
    part.refresh_from_db()
    assert (part.words, part.left_out) == ("entries of the category Bars", True)


def test_a_weight_that_people_change_is_pinned(administrator):
    weight = ProviderWeightFactory(weight=0.5)
    form = {"weights-TOTAL_FORMS": 1, "weights-INITIAL_FORMS": 1, "weights-0-id": weight.pk, "weights-0-weight": 0.2}
    administrator.post(url(Producer, "change", weight.producer.pk), form)
    weight.refresh_from_db()
    assert (weight.weight, weight.pinned) == (0.2, True)


def test_the_page_of_an_app_is_the_home_page(administrator):
    for label in ("topics", "auth", "orchestration"):
        response = administrator.get(f"/admin/{label}/")
        assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_one_signs_in_and_out_in_the_same_words(administrator):
    pages = [administrator.get("/admin/"), administrator.get("/admin/password_change/")]
    pages += [administrator.post("/admin/logout/"), administrator.get("/admin/login/")]
    told = [page.content.decode() for page in pages]
    assert not [html for html in told if "Log in" in html or "Log out" in html or "quality time" in html]
    assert [">Sign out<" in html for html in told] == [True, True, False, False]
    assert "You are signed out" in told[2]
    assert 'value="Sign in"' in told[3]
