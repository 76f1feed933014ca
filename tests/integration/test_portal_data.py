"""What a live page fetches and does beside its WebSocket: for those who may, and noted in the history."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from producers.models import ProviderWeight
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    ProducerFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    ReviewFactory,
    RunFactory,
    RunFiguresFactory,
    UserFactory,
)
from topics.models import TopicPartition

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

JSON = {"HTTP_ACCEPT": "application/json"}
LOOKS = ["news", "newest", "reviews", "entries", "export", "series", "decisions", "parts"]
ACTS = {
    "restart": "producers.change_producer",
    "weights": "producers.change_providerweight",
    "add_part": "topics.add_topicpartition",
    "change_part": "topics.change_topicpartition",
}


@pytest.fixture
def run():
    return RunFactory()


@pytest.fixture
def producer(run):
    return ProducerFactory(run=run, slot=3, prompt="Name <b>entries</b>.")


@pytest.fixture
def viewer(client):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    return client


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(admin=True))
    return client


def look(client, run, name, query="", **kwargs):
    response = client.get(f"{reverse(f'portal:{name}', args=[run.topic_id, *kwargs.values()])}{query}", **JSON)
    return response.json()


def act(client, run, name, *arguments, **posted):
    return client.post(reverse(f"portal:{name}", args=[run.topic_id, *arguments]), posted, **JSON)


def texts(told):
    return [entry["text"] for entry in told["attributes"]]


# Who may


@pytest.mark.parametrize("name", LOOKS)
def test_strangers_are_told_to_sign_in_and_members_without_the_permission_are_refused(client, run, name):
    address = reverse(f"portal:{name}", args=[run.topic_id])
    assert client.get(address, **JSON).status_code == 401
    assert client.get(address).headers["Location"].startswith("/admin/login/")
    client.force_login(UserFactory())
    assert client.get(address, **JSON).status_code == 403
    assert client.post(address, **JSON).status_code == 405


@pytest.mark.parametrize("name", ACTS)
def test_who_may_only_look_changes_nothing(viewer, run, producer, name):
    part = TopicPartition.objects.create(topic=run.topic, words="A to F")
    arguments = {"restart": [producer.slot], "change_part": [part.pk]}.get(name, [])
    assert act(viewer, run, name, *arguments, words="Museums", left_out="yes").status_code == 403
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("name", "permission"), ACTS.items())
def test_each_act_has_a_permission_of_its_own(client, run, producer, name, permission):
    client.force_login(UserFactory(permissions=["topics.view_topic", permission]))
    part = TopicPartition.objects.create(topic=run.topic, words="A to F")
    weight = ProviderWeightFactory(producer=producer)
    arguments = {"restart": [producer.slot], "change_part": [part.pk]}.get(name, [])
    posted = {"words": "Museums", "left_out": "yes", "provider": weight.provider.pk, "weight": "5"}
    assert act(client, run, name, *arguments, **posted).status_code == 200
    assert LogEntry.objects.count() == 1


# What is fetched


def test_news_are_what_the_socket_would_replay(viewer, run):
    entries = AttributeFactory.create_batch(3, request=RequestFactory(producer__run=run))
    told = look(viewer, run, "news", f"?cursor={entries[0].pk}")
    assert (told["type"], told["replay"], told["more"], told["skipped"]) == ("delta", True, False, 0)
    assert [entry["id"] for entry in told["attributes"]] == [entries[1].pk, entries[2].pk]
    assert set(told["marks"]) <= set(told)


def test_entries_come_with_what_people_say_of_them(viewer, run):
    request = RequestFactory(producer__run=run)
    entries = [AttributeFactory(request=request, text=text) for text in ("Louvre", "Orsay", "Tour Eifel")]
    ReviewFactory(attribute=entries[1], verdict="rejected")
    ReviewFactory(attribute=entries[2], verdict="accepted", text="Tour Eiffel")
    for name in ("news", "newest"):
        plain, rejected, corrected = sorted(look(viewer, run, name)["attributes"], key=lambda entry: entry["id"])
        assert "reviewed" not in plain
        assert (rejected["text"], rejected["verdict"], rejected["reviewed"]) == ("Orsay", "rejected", "Rejected")
        assert (corrected["text"], corrected["found"]) == ("Tour Eiffel", "Tour Eifel")
        assert corrected["reviewed"] == "Accepted, Corrected"
    html = viewer.get(reverse("portal:live", args=[run.topic_id])).content.decode()
    assert 'data-verdict="rejected" data-found="Orsay"' in html
    assert 'data-field="reviewed">Accepted, Corrected</span>' in html
    assert texts(look(viewer, run, "newest", "?q=eiffel")) == ["Tour Eiffel"]


def test_only_what_is_reviewed_is_told_again_and_only_from_an_id_on(viewer, run, monkeypatch):
    monkeypatch.setattr("orchestration.portal.entries.SEARCHED", 3)
    entries = AttributeFactory.create_batch(5, request=RequestFactory(producer__run=run))
    for entry in entries[:4]:
        ReviewFactory(attribute=entry, verdict="accepted")
    told = look(viewer, run, "reviews", f"?since={entries[3].pk}")
    assert (told["since"], [each["id"] for each in told["reviews"]]) == (entries[3].pk, [entries[3].pk])
    told = look(viewer, run, "reviews")
    assert (told["since"], [each["id"] for each in told["reviews"]]) == (
        entries[2].pk,
        [entries[2].pk, entries[3].pk],
    )


@pytest.mark.parametrize("name", ["entries", "export"])
def test_the_ways_to_other_pages_keep_the_filter(viewer, run, name):
    provider = ProviderFactory(name="a & b")
    address = reverse(f"portal:{name}", args=[run.topic_id])
    page = {"entries": "/admin/topics/attribute/", "export": "/exports/new"}[name]
    asked = {"q": "eif", "provider": provider.name, "producer": "0"}
    assert viewer.get(address, asked).headers["Location"] == (
        f"{page}?topic={run.topic_id}&provider={provider.pk}&slot=0&q=eif"
    )
    assert viewer.get(address).headers["Location"] == f"{page}?topic={run.topic_id}"
    nobody = viewer.get(address, {"provider": "nobody"}).headers["Location"]
    assert nobody == f"{page}?topic={run.topic_id}&provider=0"
    html = viewer.get(reverse("portal:live", args=[run.topic_id]), asked).content.decode()
    assert f'href="{address}?q=eif&amp;provider=a+%26+b&amp;producer=0"' in html


@pytest.mark.parametrize("cursor", ["", "-1", "x", "9" * 40, "٣"])
def test_a_cursor_that_makes_no_sense_is_a_number_all_the_same(viewer, run, cursor):
    assert viewer.get(reverse("portal:news", args=[run.topic_id]), {"cursor": cursor}, **JSON).status_code == 200


def test_the_newest_entries_are_searched_by_provider_producer_and_text(viewer, run, producer):
    a = RequestFactory(producer=producer, provider__name="a", partition="museums")
    b = RequestFactory(producer__run=run, producer__slot=4, provider__name="b")
    for request, text in ((a, "Musée d'Orsay"), (a, "Louvre"), (b, "MUSEE Rodin"), (b, "50%_off")):
        AttributeFactory(request=request, text=text)
    assert texts(look(viewer, run, "newest")) == ["50%_off", "MUSEE Rodin", "Louvre", "Musée d'Orsay"]
    assert texts(look(viewer, run, "newest", "?q=musée")) == ["MUSEE Rodin", "Musée d'Orsay"]
    assert texts(look(viewer, run, "newest", "?q=musee&provider=a")) == ["Musée d'Orsay"]
    assert texts(look(viewer, run, "newest", "?producer=4")) == ["50%_off", "MUSEE Rodin"]
    assert texts(look(viewer, run, "newest", "?q=%25_")) == ["50%_off"]
    assert texts(look(viewer, run, "newest", "?producer=x&provider=&q=%00")) == texts(look(viewer, run, "newest"))
    [shown] = look(viewer, run, "newest", "?q=orsay")["attributes"]
    assert (shown["provider"], shown["slot"], shown["partition"]) == ("a", 3, "museums")


def test_a_search_looks_at_the_newest_entries_only(viewer, run, monkeypatch):
    monkeypatch.setattr("orchestration.portal.entries.SEARCHED", 2)
    for text in ("old match", "none", "new match"):
        AttributeFactory(request=RequestFactory(producer__run=run), text=text)
    assert texts(look(viewer, run, "newest", "?q=match")) == ["new match"]


def test_the_first_page_has_the_filter_of_its_address_and_goes_on_from_the_end_of_the_list(viewer, run):
    request = RequestFactory(producer__run=run)
    AttributeFactory(request=request, text="Louvre")
    last = AttributeFactory(request=request, text="Orsay")
    html = viewer.get(reverse("portal:live", args=[run.topic_id]), {"q": "louvre"}).content.decode()
    assert ">Louvre</bdi>" in html
    assert ">Orsay</bdi>" not in html
    assert f'data-cursor="{last.pk}"' in html


def test_older_decisions_come_page_by_page(viewer, run):
    made = DecisionFactory.create_batch(25, run=run)
    first = look(viewer, run, "decisions")
    assert (len(first["decisions"]), first["more"]) == (20, True)
    rest = look(viewer, run, "decisions", f"?before={first['decisions'][-1]['id']}")
    assert [each["id"] for each in rest["decisions"]] == [each.pk for each in reversed(made[:5])]
    assert not rest["more"]


def test_parts_come_with_what_they_yield(viewer, run):
    figures = {"unique": 5, "candidates": 20, "novelty_rate": 0.25}
    RunFiguresFactory(run=run, data={"partitions": {"A to F": {"run": figures}}})
    TopicPartition.objects.create(topic=run.topic, words="A to M", state="split")
    TopicPartition.objects.create(topic=run.topic, words="A to F", parent="A to M")
    parent, child = look(viewer, run, "parts")["parts"]
    assert (parent["words"], parent["state"], parent["depth"], parent["unique"]) == ("A to M", "split", 0, "–")
    assert (child["words"], child["depth"], child["unique"], child["novelty"]) == ("A to F", 1, "5", "25%")


def test_a_prompt_is_told_when_it_is_asked_for(viewer, run, producer):
    assert look(viewer, run, "prompt", slot=3) == {"prompt": "Name <b>entries</b>."}
    assert viewer.get(reverse("portal:prompt", args=[run.topic_id, 9]), **JSON).status_code == 404


# What is done


def test_a_restart_is_asked_for(administrator, run, producer):
    told = act(administrator, run, "restart", 3)
    producer.refresh_from_db()
    assert (told.json()["words"], producer.restarts_asked) == ("Producer 3 was asked to restart.", 1)
    assert LogEntry.objects.get().object_repr == "producer 3"


def test_a_producer_of_a_run_that_is_over_is_not_restarted(administrator):
    producer = ProducerFactory(run=RunFactory(over=True), slot=0)
    assert act(administrator, producer.run, "restart", 0).json()["refused"]


def test_a_weight_is_set_with_one_producer_or_with_all_and_is_pinned(administrator, run, producer):
    provider = ProviderFactory(name="a")
    for each in (producer, ProducerFactory(run=run, slot=4), ProducerFactory()):
        ProviderWeightFactory(producer=each, provider=provider, weight=0.1)
    act(administrator, run, "weights", provider=provider.pk, producer="3", weight="50", action="set")
    weights = ProviderWeight.objects.order_by("producer_id").values_list("weight", "pinned")
    assert list(weights) == [(0.5, True), (0.1, False), (0.1, False)]
    told = act(administrator, run, "weights", provider=provider.pk, producer="all", weight="12,5 %", action="set")
    assert told.json()["words"] == "The weight of a with all producers is 12% and pinned."
    assert list(weights.all()) == [(0.125, True), (0.125, True), (0.1, False)]
    act(administrator, run, "weights", provider=provider.pk, producer="4", action="unpin")
    assert list(weights.all()) == [(0.125, True), (0.125, False), (0.1, False)]
    history = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert history == [
        "Set the weight of a with producer 3 to 50% and pinned it",
        "Set the weight of a with all producers to 12% and pinned it",
        "Took the pin off the weight of a with producer 4",
    ]


@pytest.mark.parametrize("weight", ["", "x", "-1", "101", "nan", "inf"])
def test_a_weight_is_a_share(administrator, run, producer, weight):
    provider = ProviderWeightFactory(producer=producer).provider
    assert act(administrator, run, "weights", provider=provider.pk, weight=weight).json()["refused"]
    assert ProviderWeight.objects.get().weight == 1.0


def test_a_producer_that_does_not_ask_a_provider_has_no_weight_of_it(administrator, run, producer):
    provider = ProviderWeightFactory(producer=producer).provider
    told = act(administrator, run, "weights", provider=provider.pk, producer="x", action="pin")
    assert (told.json()["refused"], LogEntry.objects.count()) == (True, 0)


def test_a_category_is_added_once(administrator, run):
    assert act(administrator, run, "add_part", words=" Museums ").status_code == 200
    part = TopicPartition.objects.get()
    assert (part.words, part.by_person) == ("entries of the category Museums", True)
    assert act(administrator, run, "add_part", words="Museums").json()["refused"]
    assert act(administrator, run, "add_part", words="—").json()["refused"]
    assert TopicPartition.objects.count() == 1


def test_a_part_is_left_out_and_taken_in(administrator, run):
    part = TopicPartition.objects.create(topic=run.topic, words="A to F")
    for answer, left_out in (("yes", True), ("no", False)):
        act(administrator, run, "change_part", part.pk, left_out=answer)
        part.refresh_from_db()
        assert part.left_out is left_out
    other = RunFactory()
    assert act(administrator, other, "change_part", part.pk, left_out="yes").status_code == 404


def test_without_a_script_an_act_leads_back_to_the_page(administrator, run, producer):
    address = reverse("portal:restart", args=[run.topic_id, 3])
    assert "was asked to restart" in administrator.post(address, follow=True).content.decode()
