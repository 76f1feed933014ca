"""How lines of a model's answer are marked, and what only looks like a marker."""

import pytest

from producers.worker.parsing import Parsed, parse_answer
from tests.unit.parsed import candidates


@pytest.mark.parametrize(
    "template",
    [
        "{n}. {entry}",
        "{n}) {entry}",
        "({n}) {entry}",
        "[{n}] {entry}",
        "{n} - {entry}",
        "{n} – {entry}",
        "{n}: {entry}",
        "{n} {entry}",
        "#{n} {entry}",
        "{n}.{entry}",
        "0{n}. {entry}",
        "{n}、{entry}",
        "  {n}.   {entry}  ",
        "**{n}.** {entry}",
        "**{n}. {entry}**",
        "### {n}. {entry}",
        "> {n}. {entry}",
        "- {entry}",
        "* {entry}",
        "+ {entry}",
        "• {entry}",
        "•{entry}",
        "– {entry}",
        "— {entry}",
        "· {entry}",
        "▪ {entry}",
        "◦ {entry}",
        "‣ {entry}",
        "● {entry}",
        "○ {entry}",
        "► {entry}",
        "\t- {entry}",
        "[ ] {entry}",
        "- [ ] {entry}",
        "* [x] {entry}",
        "{n}. **{entry}**",
        "{n}. **{entry}** – iconic, and tall",
        "{n}. **{entry}:** iconic",
        "{n}. ***{entry}***",
        "- *{entry}*",
        "- __{entry}__",
        "- _{entry}_",
        "- `{entry}`",
        "- ~~{entry}~~",
        '- "{entry}"',
        '- "{entry}",',
        "- “{entry}”;",
        "- [{entry}](https://example.org/a_(b)?c=d)",
        "- **[{entry}](https://example.org)** - text",
        "**{entry}**: text",
        "**{entry}** – text",
        "{n}\ufe0f\u20e3 {entry}",
        "{n}\\. {entry}",
        "№ {n} {entry}",
        "№{n}: {entry}",
        "☐ {entry}",
        "✅ {entry}",
        "☑\ufe0f {entry}",
        "✔\ufe0f {entry}",
        "→ {entry}",
        "➤ {entry}",
        "🔹 {entry}",
        "- ✅ {entry}",
        "- name: {entry}",
        '- name: "{entry}"',
        "- **Name:** {entry}",
        "<li>{entry}</li>",
        "<li>\n{entry}\n</li>",
        '<li class="x"><b>{entry}</b>: text</li>',
        "- {entry} (already listed)",
        "{n}. {entry} [new]",
        "- **{entry}** (new)",
    ],
)
def test_a_marked_line_gives_the_entry_behind_its_marker(template: str) -> None:
    entries = ["Eiffel Tower", "Louvre", "Musée d'Orsay", "Panthéon"]
    answer = "\n".join(template.format(n=n, entry=entry) for n, entry in enumerate(entries, 1))

    assert candidates(answer) == entries


def test_letters_mark_entries() -> None:
    assert candidates("a) Louvre\nb) Orsay\nc) Panthéon") == ["Louvre", "Orsay", "Panthéon"]


@pytest.mark.parametrize(
    "markers",
    [
        "i. ii. iii. iv. v. vi.",
        "I. II. III. IV. V. VI.",
        "a. b. c. d. e. f.",
        "A. B. C. D. E. F.",
        "d. e. f. g. h. i.",
    ],
)
def test_letters_and_roman_numbers_in_sequence_mark_entries(markers: str) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne"]
    lines = [f"{marker} {entry}" for marker, entry in zip(markers.split(), entries, strict=True)]

    if not markers.startswith("d."):
        assert candidates("\n".join(lines[:3])) == entries[:3]
        assert candidates("\n".join(["1. A", "2. B", *lines])) == ["A", "B", *entries]
    assert candidates("\n".join(lines)) == entries


@pytest.mark.parametrize(
    "answer",
    [
        "E. coli\nE. faecalis\nC. elegans\nD. melanogaster",
        "A. Merkel\nB. Obama",
        "I. Newton\nJ. Kepler",
        "J. Lo\nK. West\nL. Cohen\nM. Twain\nN. Mandela\nO. Wilde",
        "V. Putin\nW. Brandt\nX. Bettel",
    ],
)
def test_initials_are_no_markers(answer: str) -> None:
    assert candidates(answer) == answer.split("\n")


@pytest.mark.parametrize(
    "answer", ["No more tears\n→ arrow", "→ arrow\nLouvre\nOrsay", "✅ check mark\n→ arrow\n⭐ star"]
)
def test_a_lone_symbol_is_no_marker(answer: str) -> None:
    assert candidates(answer) == answer.split("\n")


def test_a_list_may_change_how_it_writes_its_numbers() -> None:
    assert candidates("1. A\n2. B\n[3] C\n№ 4 D\n5: E\n#6 F") == ["A", "B", "C", "D", "E", "F"]
    assert candidates("1. A\n2. B\na) C\n☐ D\n✅ E\n→ F\n◦ G") == ["A", "B", "C", "D", "E", "F", "G"]


@pytest.mark.parametrize("form", ["[{}] {}", "#{} {}", "№ {} {}", "{}: {}", "{}\\. {}"])
def test_numbers_that_run_on_are_dropped(form: str) -> None:
    assert candidates("\n".join(form.format(n, f"E{n}") for n in (3, 4, 5))) == ["E3", "E4", "E5"]


@pytest.mark.parametrize("frame", ["<ul>\n{}\n</ul>", "Here:\n<ol>{}</ol>\nThat is all there is.", "<OL>{}"])
@pytest.mark.parametrize("join", ["\n", ""])
def test_an_html_list_gives_its_items(frame: str, join: str) -> None:
    items = join.join(f"<li>{entry}</li>" for entry in ("Louvre", "Orsay", "A &lt; B"))

    assert parse_answer(frame.format(items)) == Parsed(("Louvre", "Orsay", "A < B"), 0)


@pytest.mark.parametrize("marker", ["", "- "])
def test_html_tags_can_be_entries(marker: str) -> None:
    tags = ["<a>", "<ul>", "<ol>", "<li>", "<p>", "<b>"]

    assert candidates("\n".join(marker + tag for tag in tags)) == tags
    assert candidates("<ul>\n<ol>") == ["<ul>", "<ol>"]


def test_a_key_is_dropped_only_where_every_item_has_it() -> None:
    maps = "attractions:\n  - name: Louvre\n    year: 1793\n  - name: Orsay\n    year: 1986"
    films = ["Alien: Covenant", "Alien: Romulus", "Alien: Earth"]

    assert candidates(maps) == ["Louvre", "Orsay"]
    assert candidates("\n".join(f"- {film}" for film in films)) == films
    assert candidates("- name: Louvre\n- Title: Orsay") == ["name: Louvre", "Title: Orsay"]


def test_names_on_one_line_are_split_only_if_they_are_the_whole_answer() -> None:
    names = ["Louvre", "Orsay", "Rodin", "Panthéon", "Bastille", "Les Invalides", "Marais", "Sorbonne"]
    row = ", ".join(names)

    assert candidates(row) == names
    assert candidates(row + ".") == names
    assert candidates(row.replace(", Sorbonne", ", and Sorbonne.")) == names
    assert candidates(f"Here you are:\n\n{row}") == names
    assert candidates(f"Here are some: {row}") == names
    assert candidates(f"Sure, here they are: {row}.") == names
    assert candidates(f"Here are some: {row} and the Tuileries.")[-1] == "Sorbonne and the Tuileries"
    assert candidates(f"Terminator 2: Judgment Day, {row}") == ["Terminator 2: Judgment Day", *names]
    assert candidates(f"{row}\nAnother entry") == [row, "Another entry"]
    assert candidates(f"- {row}") == [row]
    for one in ("Earth, Wind & Fire", "Dave Dee, Dozy, Beaky, Mick & Tich", "Peter, Paul and Mary"):
        assert candidates(one) == [one]
    assert len(candidates("I like apples, pears, plums, figs, kiwis, and many more fruits too.")) <= 1
