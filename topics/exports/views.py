"""Pages and downloads of exports."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from topics.browsing.filters import Filters
from topics.exports import asking, files, streaming
from topics.exports.card_text import as_markdown
from topics.exports.formats import FORMATS
from topics.exports.models import Export
from topics.exports.present import shown
from topics.exports.producing import Production, card_as_json
from topics.exports.reading import ListReplaced
from topics.exports.selection import LOOKED_AT, UnusableFilter, count_up_to, filter_from, in_words
from topics.models import Topic

PERMISSION = "topics.view_attribute"
MOST_SHOWN = 100
MOST_TOPICS = 200
TOO_MANY = f"You have {asking.MOST_UNDER_WAY} exports under way already. Wait for one of them, or cancel one."
TOO_LARGE = "This export is a large one: its data card comes with its file."

CARDS = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "json": ("application/json", card_as_json),
}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_exporters(view: View[P]) -> View[P]:
    """Strangers sign in first; who may not see entries is told why they may not export them."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("admin:login"))
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied(PERMISSION)
        return view(request, *args, **kwargs)

    return never_cache(checked)


# Asking


@require_http_methods(["GET", "HEAD", "POST"])
@for_exporters
def new(request: HttpRequest) -> HttpResponseBase:
    """Choose what and how; a small export starts at once, a large one is asked for."""
    if request.method != "POST":
        return render(request, "exports/new.html", _form(request))
    wanted, topic = _wanted(request)
    format_name = request.POST.get("format", "")
    if format_name not in FORMATS:
        raise Http404("There is no such format.")
    if request.POST.get("scope") == "all":
        wanted = wanted.whole
    return _export(request, topic, wanted, format_name)


def _export(request: HttpRequest, topic: Topic, wanted: Filters, format_name: str) -> HttpResponseBase:
    kind = request.POST.get("card")
    if _is_large(wanted):
        return _back(request, TOO_LARGE) if kind else _ask(request, topic, wanted, format_name)
    production = Production(topic, wanted, format_name)
    if kind:
        return _card_alone(request, production, kind, topic.folder)
    asking.note(_member(request), topic, "Exported", format_name, "; ".join(in_words(wanted)))
    return streaming.download(streaming.made_now(production), production.format, topic.folder)


def _card_alone(request: HttpRequest, production: Production, kind: str, name: str) -> HttpResponse:
    try:
        return _card(production.card_alone(), kind, name)
    except ListReplaced:
        return _back(request, "The list has just been replaced. Ask for the card again.")


def _ask(request: HttpRequest, topic: Topic, wanted: Filters, format_name: str) -> HttpResponse:
    try:
        asking.ask(_member(request), topic, wanted, format_name)
    except asking.TooManyUnderWay:
        return _back(request, TOO_MANY)
    return _back(request)


def _form(request: HttpRequest) -> dict[str, Any]:
    context = {**admin.site.each_context(request), "title": "Export"}
    if not request.GET.get("topic"):
        topics = list(Topic.objects.values("pk", "name")[: MOST_TOPICS + 1])
        return {**context, "topics": topics[:MOST_TOPICS], "more_topics": len(topics) > MOST_TOPICS}
    wanted, topic = _wanted(request)
    most = settings.IGENTAI_EXPORT_AT_ONCE
    return {
        **context,
        "topic": topic,
        "wanted": wanted,
        "narrows": wanted.looks_at_each,
        "conditions": in_words(wanted),
        "view": _counted(wanted, most),
        "whole": _counted(wanted.whole, most),
        "most": f"{most:,}",
        "days": settings.IGENTAI_EXPORT_DAYS,
        "formats": FORMATS.values(),
    }


def _counted(wanted: Filters, most: int) -> str:
    counted = count_up_to(wanted, most)
    number = counted.entries
    entries = f"{number:,} {'entry' if number == 1 else 'entries'}"
    if number > most:
        return f"more than {most:,} entries, made in the background"
    if not counted.whole:
        return f"{entries} among the first {LOOKED_AT:,}; the others are looked through in the background"
    return entries if number else "no entries, an empty file"


def _wanted(request: HttpRequest) -> tuple[Filters, Topic]:
    """From the address, which is the form's as well."""
    try:
        wanted = filter_from(request.GET)
    except UnusableFilter as error:
        raise Http404(str(error)) from error
    return wanted, get_object_or_404(Topic, pk=wanted.topic)


def _is_large(wanted: Filters) -> bool:
    counted = count_up_to(wanted, settings.IGENTAI_EXPORT_AT_ONCE)
    return counted.entries > settings.IGENTAI_EXPORT_AT_ONCE or not counted.whole


def _member(request: HttpRequest) -> AbstractBaseUser:
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - `for_exporters` has seen to it
    return request.user


# What was asked for


@require_GET
@for_exporters
def mine(request: HttpRequest) -> HttpResponseBase:
    """My exports; `?rows` gives the table's rows alone, which the page fetches while something is under way."""
    now = timezone.now()
    exports = [shown(export, now) for export in Export.objects.filter(owner=request.user.pk)[:MOST_SHOWN]]
    if "rows" in request.GET:
        return render(request, "exports/rows.html", {"exports": exports})
    context = {**admin.site.each_context(request), "title": "My exports", "exports": exports}
    return render(request, "exports/mine.html", context)


@require_GET
@for_exporters
def file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    export = _mine(request, export_id)
    if not shown(export, timezone.now()).ready:
        return _back(request, "This export has no file any more, or not yet.")
    try:
        pieces = streaming.from_file(files.path_of(export.file))
    except FileNotFoundError:
        asking.file_vanished(export)
        return _back(request, "The file of this export has vanished from the server. Try again makes it anew.")
    if export.topic is not None:
        asking.note(_member(request), export.topic, "Export downloaded", export.format, export.words)
    response = streaming.download(pieces, FORMATS[export.format], _name(export))
    response["Content-Length"] = str(export.size)
    return response


@require_GET
@for_exporters
def card(request: HttpRequest, export_id: int, kind: str) -> HttpResponseBase:
    export = _mine(request, export_id)
    if not export.card:
        return _back(request, "The data card comes with the file.")
    return _card(export.card, kind, _name(export))


@require_POST
@for_exporters
def change(request: HttpRequest, export_id: int, wish: str) -> HttpResponseBase:
    """Cancel, try again or delete."""
    export = _mine(request, export_id)
    if wish == "cancel":
        useful = asking.cancel(export)
    elif wish == "again":
        try:
            useful = asking.ask_again(export)
        except asking.TooManyUnderWay:
            return _back(request, TOO_MANY)
    elif wish == "delete":
        asking.delete(export)
        useful = True
    else:
        raise Http404("There is no such command.")
    return _back(request, "" if useful else "Too late: the export had gone on meanwhile.")


def _mine(request: HttpRequest, export_id: int) -> Export:
    """Other people's exports do not exist, for administrators neither: they can make the same one themselves."""
    exports = Export.objects.select_related("topic")
    return get_object_or_404(exports, pk=export_id, owner=request.user.pk)


def _name(export: Export) -> str:
    return export.topic.folder if export.topic is not None else "export"


def _card(values: dict[str, Any], kind: str, name: str) -> HttpResponse:
    if kind not in CARDS:
        raise Http404("A card is JSON or Markdown.")
    content_type, write = CARDS[kind]
    response = HttpResponse(write(values), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.card.{kind}") or "attachment"
    return response


def _back(request: HttpRequest, warning: str = "") -> HttpResponse:
    if warning:
        messages.warning(request, warning)
    return HttpResponseRedirect(reverse("exports:mine"))
