"""The pages of entries, in the place of those that Django's admin would make: these stay quick with millions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from orchestration.corrections import Refused, correct
from orchestration.entries import listing, provenance, tokens
from topics.admin import ReadOnlyAdmin
from topics.browsing.everything import Task, go_on
from topics.browsing.filters import Filters
from topics.browsing.rows import rows_of
from topics.browsing.windows import number_of
from topics.models import Attribute
from topics.refusals import refusal
from topics.reviews import ACTIONS, PERMISSION, By, entries_in_words, restore, review

TOO_LATE = "This can no longer be taken back here: an hour has passed, or it was somebody else's."
AT_ONCE = 200
LONGEST_TYPED = 300  # a session is a row that each page reads
TYPED = "refused_correction"


class EntryAdmin(ReadOnlyAdmin):
    """Looking needs the right to view attributes, a verdict that to change them; nobody touches the rows."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self._ours("review/", self.review_view, "review"),
            self._ours("review/all/", self.review_all_view, "review_all"),
            self._ours("review/undo/", self.undo_view, "undo"),
            self._ours("<int:entry_id>/correct/", self.correct_view, "correct"),
            *super().get_urls(),
        ]

    def _ours(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(require_POST(view)), name=f"topics_attribute_{name}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        filters = Filters.from_query(request.GET.dict())
        shown = listing.listing(filters, listing.Place.from_query(request.GET.dict()))
        context = {
            "title": "Entries",
            "listing": shown,
            "choices": listing.choices(filters),
            "emptiness": "" if shown.rows or shown.searched_to else listing.emptiness(filters),
            "actions": ACTIONS.values(),
            "undo": request.session.pop(tokens.UNDO, None),
            **(extra_context or {}),
        }
        return self._page(request, "change_list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        attribute = self.get_object(request, object_id)
        if attribute is None:
            return super().change_view(request, object_id)  # says so, on the page that it leads to
        found = provenance.provenance(attribute)
        typed_for, typed = request.session.pop(TYPED, (None, ""))
        context = {
            "title": found.shown,
            "found": found,
            "written": typed if typed_for == attribute.pk else found.shown,
            "actions": ACTIONS.values(),
            **(extra_context or {}),
        }
        return self._page(request, "change_form.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        may_not_review = refusal(request.user, PERMISSION)
        shared = {
            "opts": self.opts,
            "now": timezone.now(),
            "may_review": not may_not_review,
            "may_not_review": may_not_review,
        }
        everywhere = self.admin_site.each_context(request)
        return TemplateResponse(request, f"admin/topics/attribute/{template}", {**everywhere, **shared, **context})

    # Reviews

    def review_view(self, request: HttpRequest) -> HttpResponse:
        """A verdict on the chosen entries, or on the way to all that match."""
        _refuse_lookers(request)
        action = ACTIONS.get(request.POST.get("action", ""))
        ids = _chosen(request)
        if action is None or not ids:
            return self._answer(request, messages.WARNING, "Nothing was done: choose entries first.", {})
        before = review(ids, action, _by(request), "chosen one by one")
        gone = len(ids) - len(before)
        words = f"{action.done} {entries_in_words(len(before))}.{_gone_words(gone)}"
        return self._answer(request, messages.SUCCESS, words, before)

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        _refuse_lookers(request)
        try:
            verdicts = tokens.read_undo(request.POST.get("token", ""), request.user)  # type: ignore[arg-type]
        except tokens.Stale:
            return self._answer(request, messages.WARNING, TOO_LATE, {})
        restored = restore(verdicts, _by(request))
        return self._answer(
            request, messages.SUCCESS, f"Taken back: {entries_in_words(restored)}.", {}, list(verdicts)
        )

    def _answer(
        self,
        request: HttpRequest,
        level: int,
        words: str,
        before: dict[int, str],
        changed: Sequence[int] = (),
    ) -> HttpResponse:
        """To the page's script how the rows look now, to a form a redirect; both with the way to take it back."""
        undo = tokens.undo_token(request.user, before) if before else ""  # type: ignore[arg-type]
        if request.headers.get("Accept") == "application/json":
            rows = rows_of([*before, *changed])
            states = [{"id": row.id, "verdict": row.said.verdict, "words": row.said.words} for row in rows]
            done = level == messages.SUCCESS
            return JsonResponse({"done": done, "message": words, "undo": undo, "rows": states})
        self.message_user(request, words, level)
        if undo:
            request.session[tokens.UNDO] = undo
        return HttpResponseRedirect(_back(request))

    def review_all_view(self, request: HttpRequest) -> HttpResponse:
        """Asks first, then goes on step by step: each step is a page that posts the next."""
        _refuse_lookers(request)
        if "task" in request.POST:
            return self._go_on(request)
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            return HttpResponseRedirect(_back(request))
        filters = Filters.from_query(QueryDict(request.POST.get("query", "")).dict())
        through = listing.newest_id()
        task = Task(filters, action, through, listing.in_words(filters), timezone.now())
        context = {
            "title": f"{action.label} all that match?",
            "action": action,
            "number": number_of(filters, through=through),
            "chips": listing.chips(filters),
            "task": tokens.task_token(request.user, task),  # type: ignore[arg-type]
            "query": filters.query,
        }
        return self._page(request, "review_all.html", context)

    def _go_on(self, request: HttpRequest) -> HttpResponse:
        try:
            task = tokens.read_task(request.POST["task"], request.user)  # type: ignore[arg-type]
        except tokens.Stale:
            self.message_user(request, "This has expired. Nothing more was done.", messages.WARNING)
            return HttpResponseRedirect(_back(request))
        task = go_on(task, request.user)  # type: ignore[arg-type]
        said = f"{task.action.done} {entries_in_words(task.tally.total)}"
        if task.position is None:
            self.message_user(request, f"{said}: {task.of}.", messages.SUCCESS)
            return HttpResponseRedirect(f"{_list_address()}?{task.filters.query}")
        context = {
            "title": f"{said} so far",
            "action": task.action,
            "share": min(100, round(100 * task.position / task.through)) if task.through else 100,
            "task": tokens.task_token(request.user, task),  # type: ignore[arg-type]
            "query": task.filters.query,
        }
        return self._page(request, "reviewing_all.html", context)

    def correct_view(self, request: HttpRequest, entry_id: int) -> HttpResponse:
        _refuse_lookers(request)
        entry = get_object_or_404(Attribute, pk=entry_id)
        page = reverse("admin:topics_attribute_change", args=[entry_id])
        typed = request.POST.get("text", "")
        try:
            text = correct(entry, typed, _by(request))
        except Refused as refused:
            request.session[TYPED] = (entry_id, typed[:LONGEST_TYPED])
            self.message_user(request, _refusal(refused), messages.ERROR)
        else:
            self.message_user(request, f"It is written “{text}” now.", messages.SUCCESS)
        return HttpResponseRedirect(page)


def _refuse_lookers(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied(PERMISSION)


def _by(request: HttpRequest) -> By:
    return By(request.user, timezone.now())  # type: ignore[arg-type]


def _chosen(request: HttpRequest) -> list[int]:
    given = request.POST.getlist("entry")[:AT_ONCE]
    return sorted({int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) <= 18})


def _gone_words(gone: int) -> str:
    return f" {entries_in_words(gone)} had gone meanwhile." if gone else ""


def _refusal(refused: Refused) -> str:
    if refused.other is None:
        return str(refused)
    other = reverse("admin:topics_attribute_change", args=[refused.other])
    return format_html('{} <a href="{}">See that one</a>', str(refused), other)


def _list_address() -> str:
    return reverse("admin:topics_attribute_changelist")


def _back(request: HttpRequest) -> str:
    """To the list as it was; only its query comes from the form, so it leads nowhere else."""
    entry = request.POST.get("back_to_entry", "")
    if entry.isascii() and entry.isdecimal():
        return reverse("admin:topics_attribute_change", args=[entry])
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return f"{_list_address()}?{query}" if query else _list_address()
