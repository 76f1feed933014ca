"""What a person sees of their notifications, and nobody else's."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from igentai_site.mail import Mail
from orchestration.models import JobsHealth, MailPreference, Notification
from tests.factories import NotificationFactory, TopicFactory, TopicWatcherFactory, UserFactory
from topics.models import TopicWatcher

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

HOSTILE = "<img src=x onerror=alert(1)>"
LIST = reverse("notifications:list")


@pytest.fixture
def mine(client):
    notification = NotificationFactory(words=f"Run 1 of “{HOSTILE}” has ended.", run__topic__name=HOSTILE)
    client.force_login(notification.user)
    return notification


def shown(client, **query):
    return client.get(LIST, query).content.decode()


def unread():
    return Notification.objects.filter(read_at__isnull=True).count()


def bell(user):
    request = RequestFactory().get("/")
    request.user = user
    template = Template('{% include "admin/_notifications.html" %}')
    perms = {"topics": {"view_topic": user.has_perm("topics.view_topic")}}
    return template.render(Context({"user": user, "perms": perms, "request": request}))


def test_mine_are_listed_and_nobody_elses(client, mine):
    NotificationFactory(words="for others")
    page = shown(client)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert HOSTILE not in page
    assert "for others" not in page


def test_an_empty_list_says_what_will_be_there(client):
    client.force_login(UserFactory(admin=True))
    assert "Nothing yet. Start a topic" in shown(client)


def test_the_list_has_pages_and_needs_no_query_for_each_row(client, mine, django_assert_max_num_queries):
    NotificationFactory.create_batch(55, user=mine.user, read_at=timezone.now())
    with django_assert_max_num_queries(12):
        assert "Page 1 of 2" in shown(client)
    assert "&lt;img" in shown(client, page=2)
    assert "Page 2 of 2" in shown(client, page="99")


def test_following_the_link_reads_it(client, mine):
    response = client.get(reverse("notifications:open", args=[mine.pk]))
    assert response.headers["Location"] == reverse("portal:live", args=[mine.run.topic_id])
    assert unread() == 0


def test_one_is_marked_or_all_and_never_those_of_others(client, mine):
    other = NotificationFactory()
    NotificationFactory(user=mine.user)
    for forged in (other.pk, "x", "9" * 40):
        client.post(reverse("notifications:read"), {"notification": forged})
    assert unread() == 3
    client.post(reverse("notifications:read"), {"notification": mine.pk})
    assert unread() == 2
    client.post(reverse("notifications:read"))
    assert list(Notification.objects.filter(read_at__isnull=True)) == [other]
    assert client.get(reverse("notifications:open", args=[other.pk])).status_code == 404


@pytest.mark.parametrize(("name", "arguments"), [("read", []), ("mail", []), ("tell", [1])])
def test_what_changes_something_is_posted(client, mine, name, arguments):
    assert client.get(reverse(f"notifications:{name}", args=arguments)).status_code == 405


def test_strangers_sign_in_and_who_may_not_see_topics_is_refused(client):
    assert client.get(LIST).headers["Location"] == f"{reverse('admin:login')}?next={LIST}"
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 403
    assert client.post(reverse("notifications:tell", args=[TopicFactory().pk]), {"tell": "yes"}).status_code == 403


def test_mail_is_chosen_where_there_is_any(client, mine, settings):
    assert "Mail is not set up here" in shown(client)
    settings.MAIL = Mail(configured=True)
    assert "You have no address" in shown(client)
    mine.user.email = "ada@example.org"
    mine.user.save()
    assert "You also get them by mail, at <bdi>ada@example.org</bdi>" in shown(client)
    client.post(reverse("notifications:mail"), {"mail": "no"})
    assert MailPreference.objects.get().mail is False
    assert "Mail me, too" in shown(client)
    client.post(reverse("notifications:mail"), {"mail": "yes"})
    assert MailPreference.objects.get().mail is True


def test_a_topics_page_asks_whether_to_tell(client):
    watcher = TopicWatcherFactory()
    client.force_login(watcher.user)
    page = reverse("admin:topics_topic_change", args=[watcher.topic.pk])
    tell = reverse("notifications:tell", args=[watcher.topic.pk])
    assert "Do not tell me" in client.get(page).content.decode()
    assert client.post(tell, {"tell": "no"}).headers["Location"] == page
    assert ">Tell me<" in client.get(page).content.decode()
    client.post(tell, {"tell": "yes"})
    row = TopicWatcher.objects.get()
    assert (row.muted, row.since > watcher.since) == (False, True)


def test_the_bell_counts_with_one_bounded_query(mine, django_assert_num_queries):
    mine.user.has_perm("topics.view_topic")  # kept with the user
    with django_assert_num_queries(1) as asked:
        assert '<span class="bell-number">1<span' in bell(mine.user)
    assert "LIMIT" in asked[0]["sql"]
    NotificationFactory.create_batch(100, user=mine.user)
    assert "99+" in bell(mine.user)
    Notification.objects.update(read_at=timezone.now())
    assert "bell-number" not in bell(mine.user)


def test_a_stranger_has_no_bell(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "bell" not in bell(AnonymousUser())


def test_the_page_says_when_background_jobs_do_not_run(client, mine):
    JobsHealth.objects.create(state="running")
    assert "Something needs a person" not in shown(client)
    JobsHealth.objects.update(state="failed", detail="gave up: <b>")
    assert "Background jobs do not run (gave up: &lt;b&gt;)" in shown(client)
    JobsHealth.objects.update(state="backing_off", detail="stuck: no sign of life for 120 s")
    assert "about to be started again (stuck: no sign of life for 120 s)" in shown(client)
