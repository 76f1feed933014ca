"""What becomes of a language model's answer: every case is an answer that a model gave or could give."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.worker.parsing import AnswerParser, Parsed, parse_answer


def candidates(answer: str, *, complete: bool = True) -> list[str]:
    return list(parse_answer(answer, complete=complete).candidates)


def read_in_pieces(pieces: list[str], *, complete: bool) -> tuple[list[str], int, int, int]:
    parser = AnswerParser(max_length=60, max_candidates=30)
    found = [entry for piece in pieces for entry in parser.feed(piece)]
    found += parser.finish(complete=complete)
    return found, parser.accepted, parser.rejected, parser.chatter


# -- markers ------------------------------------------------------------------------------------------------


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


SURVIVORS = [
    "59 Rivoli",
    "7 Parnassiens",
    "Le 104",
    "#MeToo",
    "[REC]",
    "None",
    "Okay",
    "Beetle (New)",
    "J. Lo",
    "X. Bettel",
    "No. 5 Chanel",
    "<br>",
    "No More Heroes",
    "That's All I Ask",
    "I'd Do Anything for Love",
    "Here Comes the Sun",
    "Who's Afraid of Virginia Woolf?",
    "Would You Like to Swing on a Star?",
    "Yahoo!",
    "Note",
    "Sure",
    "The Who",
    "Terminator 2: Judgment Day",
    "C++",
    "C#",
    ".NET",
    "R",
    "2001: A Space Odyssey",
    "1984 - Orwell",
    "1984",
    "3.5 mm jack",
    "747 Boeing",
    "3:10 to Yuma",
    "(500) Days of Summer",
    "#1 Crush",
    "+44",
    "-273.15 °C",
    "-ism",
    "100 Years of Solitude",
    "24: Live Another Day",
    "M*A*S*H",
    "__init__",
    "snake_case_name",
    "**kwargs",
    "AT&T",
    "Q&A",
    '"A" and "B"',
    "{braces} in plain text",
    '["Heroes"] by David Bowie',
    "f(x) = [a, b]",
    "@#$%",
    "Ночной дозор",
    "東京タワー",
    "🗼",
    "Great Expectations",
    "I Hope You Dance",
    "Let Me Know",
]


@pytest.mark.parametrize("entry", SURVIVORS)
def test_an_odd_entry_survives_behind_a_marker(entry: str) -> None:
    assert candidates(f"1. Louvre\n2. {entry}\n3. Orsay") == ["Louvre", entry, "Orsay"]
    assert candidates(f"- Louvre\n- {entry}\n- Orsay") == ["Louvre", entry, "Orsay"]


@pytest.mark.parametrize("entry", [*SURVIVORS, "1. FC Köln", "1. FC Nürnberg"])
@pytest.mark.parametrize("place", [0, 3, 7])
def test_an_odd_entry_survives_in_a_plain_list(entry: str, place: int) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne", "Montmartre"]
    entries.insert(place, entry)

    assert candidates("\n".join(entries)) == entries


def test_all_odd_entries_survive_together() -> None:
    assert candidates("\n".join(SURVIVORS)) == SURVIVORS


def test_titles_in_numeric_order_are_not_taken_for_numbering() -> None:
    films = ["2 Fast 2 Furious", "3 Idiots", "4 Months, 3 Weeks and 2 Days", "12 Monkeys", "13 Going on 30"]

    assert candidates("\n".join(films)) == films


def test_years_in_sequence_are_not_taken_for_numbering() -> None:
    winners = ["1990 - Germany", "1991 - Nobody", "1992 - Denmark", "1993 - Nobody"]

    assert candidates("\n".join(winners)) == winners


@pytest.mark.parametrize("form", ["{} - {}", "{}: {}", "{}. {}", "{} {}"])
def test_numbering_that_goes_on_from_an_earlier_answer_is_numbering(form: str) -> None:
    answer = "\n".join(form.format(n, f"Entry {chr(n)}") for n in range(97, 107))

    assert candidates(answer) == [f"Entry {chr(n)}" for n in range(97, 107)]


def test_numbering_survives_descriptions_gaps_and_a_new_start() -> None:
    answer = "1 - A\n2 - B\nabout b\n3 - C\n5 - D\n## More\n1 - E\n2 - F"

    assert candidates(answer) == ["A", "B", "C", "D", "E", "F"]


# -- cleaning -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&amp;lt; is an entity", "&lt; is an entity"),
        ("&lt;script&gt;", "<script>"),
        ("&quot;Heroes&quot;", "Heroes"),
        ("A&nbsp;B", "A B"),
        ("&copycat; &nosuch;", "&copycat; &nosuch;".rstrip(";")),
        ("«Oui»", "Oui"),
        ("„Ja“", "Ja"),
        ("‘It’s a Wonderful Life’", "It’s a Wonderful Life"),
        ("'It's a Wonderful Life'", "It's a Wonderful Life"),
        ("「千と千尋」", "千と千尋"),
        ("\"'Heroes'\"", "Heroes"),
        ('"Caf\\u00e9"', '"Caf\\u00e9"'.strip('"')),
        ("**1984** by George Orwell", "1984"),
        ("*The Stranger* by Camus", "The Stranger by Camus"),
        ("**C**ompound", "Compound"),
        ("`**kwargs`", "**kwargs"),
        ("C\\#", "C#"),
        ("![a tower](x.png)", "a tower"),
        ("Zero\u200bwidth\u00ad \ufeffspace", "Zerowidth space"),
        ("much\t  \u00a0 space", "much space"),
        ("ends, ;,", "ends"),
        ("Star Trek: The Next Generation", "Star Trek: The Next Generation"),
    ],
)
def test_an_entry_is_cleaned_of_its_markup(body: str, entry: str) -> None:
    assert candidates(f"- Louvre\n- {body}\n- Orsay") == ["Louvre", entry, "Orsay"]


@pytest.mark.parametrize(
    "character",
    [*"\x00\x07\x0b\x0c\x1b\x1c\x1d\x1e\x7f\x85\r\u2028\u2029\u202a\u202e\u2066\u2069", chr(0xD800), chr(0xDFFF)],
)
def test_a_hostile_line_is_rejected_and_counted(character: str) -> None:
    assert parse_answer(f"1. A\n2. B{character}C\n3. D") == Parsed(("A", "D"), 1)
    assert parse_answer(f"A\nB{character}C\nD") == Parsed(("A", "D"), 1)
    assert parse_answer(json.dumps(["A", f"B{character}C", "D"])) == Parsed(("A", "D"), 1)


@pytest.mark.parametrize("entity", ["&#10;", "&#x202e;", "&#8232;", "&NewLine;"])
def test_a_hostile_character_cannot_hide_in_an_entity(entity: str) -> None:
    assert parse_answer(f"- A\n- B{entity}C\n- D") == Parsed(("A", "D"), 1)


def test_an_overlong_entry_is_rejected_and_the_longest_is_not() -> None:
    assert parse_answer(f"- A\n- {'b' * 200}\n- {'c' * 201}") == Parsed(("A", "b" * 200), 1)


@pytest.mark.parametrize(
    "markup", ["***", "---", "- - -", "___", "=====", "...", "7.", "(7)", "```", "~~~", "```json", "“”", ""]
)
def test_pure_markup_is_dropped_without_count(markup: str) -> None:
    assert parse_answer(f"- A\n{markup}\n- B") == Parsed(("A", "B"), 0)
    assert parse_answer(f"A\n{markup}\nB") == Parsed(("A", "B"), 0)


def test_carriage_returns_at_line_ends_are_no_part_of_entries() -> None:
    assert candidates("1. A\r\n2. B\r\n\r\n3. C\r\n") == ["A", "B", "C"]


def test_everything_beyond_the_limit_is_rejected() -> None:
    answer = "\n".join(f"- Entry {n}" for n in range(10))

    assert parse_answer(answer, max_candidates=4) == Parsed(tuple(f"Entry {n}" for n in range(4)), 6)


# -- structure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["## Museums", "# Museums", "**Museums:**", "**Museums**:", "**Museums**", "Museums:"]
)
@pytest.mark.parametrize("marker", ["- ", ""])
def test_headings_are_dropped_in_marked_and_plain_lists(heading: str, marker: str) -> None:
    answer = f"{heading}\n{marker}Louvre\n{marker}Orsay\n\n{heading}\n{marker}Panthéon"

    assert candidates(answer) == ["Louvre", "Orsay", "Panthéon"]


def test_unmarked_headings_are_dropped_in_a_marked_list() -> None:
    assert candidates("Museums\n- Louvre\n- Orsay\nParks\n- Tuileries") == ["Louvre", "Orsay", "Tuileries"]


def test_bold_lines_are_the_entries_where_only_descriptions_stand_between_them() -> None:
    assert candidates("**Eiffel Tower**\nAn iron tower.\n\n**Louvre**\nA museum.") == [
        "Eiffel Tower",
        "Louvre",
    ]
    assert candidates("**Eiffel Tower**\n**Louvre**\n**Orsay**") == ["Eiffel Tower", "Louvre", "Orsay"]
    assert candidates("Here are 2 sights\n**Louvre**\n**Orsay**\nI hope this helps!") == ["Louvre", "Orsay"]


def test_descriptions_between_marked_lines_are_dropped() -> None:
    answer = "1. Eiffel Tower\n   Built for 1889\n2. Louvre\n   A museum\n3. Orsay\n   Another one"

    assert candidates(answer) == ["Eiffel Tower", "Louvre", "Orsay"]


def test_a_table_gives_the_first_cell_that_is_not_just_a_number() -> None:
    answer = (
        "Here is a table:\n\n| # | Name | Year |\n|---|:---:|---|\n| 1 | **Eiffel Tower** | 1889 |\n"
        "| 2 | 1984 \\| a novel | x |\n| 3 | [Louvre](https://example.org) | y |\n\nThat is all there is."
    )

    assert candidates(answer) == ["Eiffel Tower", "1984 | a novel", "Louvre"]


def test_a_second_table_has_a_header_of_its_own() -> None:
    table = "| Name | Year |\n| --- | --- |\n| {} | 1 |\n| {} | 2 |\n"

    assert candidates(table.format("A", "B") + "\n## More\n\n" + table.format("C", "D")) == [
        "A",
        "B",
        "C",
        "D",
    ]


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    assert candidates("| Louvre | museum |\n| Orsay | museum |") == ["Louvre", "Orsay"]


def test_what_is_in_a_code_fence_is_read_as_usual() -> None:
    assert candidates("```text\n1. A\n2. B\n```") == ["A", "B"]


@pytest.mark.parametrize(
    "answer",
    [
        "<think>\n1. Not this\n2. Nor this\n</think>\n1. A\n2. B",
        "<think>1. Not this</think>1. A\n2. B",
        "<THINKING>\n[\n</THINKING>\n\n1. A\n2. B",
        "Not this\n1. Nor this\n</think>\n1. A\n2. B",
        f"<think>{'long thought ' * 3000}</think>1. A\n2. B",
        "1. A\n2. B\n<think>1. never closed\n2. Not this",
    ],
)
def test_thoughts_are_dropped(answer: str) -> None:
    assert parse_answer(answer) == Parsed(("A", "B"), 0)


# -- chatter ------------------------------------------------------------------------------------------------

OPENERS = [
    "I'd be happy to help!",
    "I’d be glad to help you with that.",
    "I'd be happy to help!\n\n**Paris attractions**",
    "**Paris attractions**\n\nI'd be happy to help!",
    "Happy to help!",
    "Great question!",
    "What a city!",
    "Okay.",
    "Certainly.",
    "Sure! Here are 60 attractions in Paris:",
    "Sure! Here are 60 attractions in Paris",
    "Sure!",
    "Sure, I can help you with that.",
    "Here are 100 more",
    "Here's a list of attractions",
    "Certainly",
    "Certainly! Here you go.",
    "Of course!",
    "Paris is full of wonders and here are some.",
    "Let me think about attractions in Paris.",
    "Voici 60 attractions à Paris",
    "Voici une liste :",
    "Bien sûr !  Voici :",
    "Aquí tienes una lista de atracciones",
    "Hier sind 60 Sehenswürdigkeiten in Paris",
    "Hier sind weitere:",
    "Ecco altri 40 luoghi",
    "以下是60个景点：",
    "Вот 60 мест:",
]
CLOSERS = [
    "That's all I could find.",
    "There are no more entries beginning with those letters.",
    "There are no more entries",
    "No more entries.",
    "Sorry, I couldn't find any more.",
    "You have a good day!",
    "I hope this helps!",
    "Let me know if you'd like more.",
    "Note: this list is not exhaustive.",
    "(Note: opening times may vary)",
    "Would you like more of these?",
    "Feel free to ask for more!",
    "These are the best known sights of the city.",
    "If you want, I can continue with 60 more.",
    "Enjoy!",
    "J'espère que cela vous aide !",
    "Ich hoffe, das hilft dir weiter!",
    "Espero que esto te ayude.",
    "希望这些对你有帮助！",
]


@pytest.mark.parametrize("marker", ["- ", ""])
@pytest.mark.parametrize("opener", OPENERS)
def test_a_preamble_is_dropped(opener: str, marker: str) -> None:
    entries = ["Louvre", "Orsay", "Panthéon"]

    assert candidates("\n".join([opener, "", *(marker + entry for entry in entries)])) == entries


@pytest.mark.parametrize("marker", ["- ", ""])
@pytest.mark.parametrize("closer", CLOSERS)
@pytest.mark.parametrize("length", [3, 8])
def test_closing_words_are_dropped(closer: str, marker: str, length: int) -> None:
    entries = ["Louvre", "Orsay", "Panthéon", "Bastille", "Invalides", "Sorbonne", "Montmartre", "Marais"][:length]

    assert candidates("\n".join([*(marker + entry for entry in entries), "", closer])) == entries


def test_chatter_on_both_sides_is_counted_as_chatter_and_not_as_rejected() -> None:
    assert read_in_pieces(["Sure! Here you go:\n- A\n- B\nI hope this helps!"], complete=True) == (
        ["A", "B"],
        2,
        0,
        2,
    )


@pytest.mark.parametrize("blank", ["N/A", "n/a", "- N/A", "N/A."])
def test_a_blank_that_a_model_fills_in_is_no_entry(blank: str) -> None:
    assert candidates(f"- Louvre\n{blank}\n- Orsay\n- Invalides") == ["Louvre", "Orsay", "Invalides"]


def test_a_sentence_in_the_middle_of_a_plain_list_is_an_entry() -> None:
    entries = ["Louvre", "Orsay", "I hope you like this one.", "Panthéon", "Bastille", "Invalides", "Marais"]

    assert candidates("\n".join(entries)) == entries


def test_a_list_of_sentences_is_a_list() -> None:
    tips = [f"Drink {n} glasses of cold water every day." for n in ("two", "three", "four", "five", "six")]

    assert candidates("\n".join(tips)) == tips
    assert candidates("\n".join(["Here are 5 tips for you.", *tips, "I hope this helps!"])) == tips


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with that request.",
        "Sorry, I can't help with that.",
        "I cannot help with that",
        "I'm unable to help with that.",
        "I'm not able to provide that list.",
        "Unfortunately, I am unable to help.",
        "I apologize, but I cannot fulfill this request.",
        "I'm sorry, but I can't help with that.\n\nIs there anything else I can do?",
    ],
)
def test_a_refusal_gives_nothing(refusal: str) -> None:
    assert parse_answer(refusal) == Parsed((), 0)


@pytest.mark.parametrize(
    "nothing",
    ["None", "None.", "none", "N/A", "(none)", "**None**", "Okay.\n\nNone.", "No more entries.", "No entries found."],
)
def test_an_answer_that_is_only_none_has_no_entries(nothing: str) -> None:
    assert parse_answer(nothing) == Parsed((), 0)


def test_none_behind_a_marker_is_counted_and_among_others_an_entry() -> None:
    assert parse_answer("- None") == Parsed((), 1)
    assert candidates("None\nSome\nAll") == ["None", "Some", "All"]
    assert candidates("- True\n- None") == ["True", "None"]


def test_a_sentence_is_an_entry_where_nothing_sets_it_apart() -> None:
    assert candidates("Washington\n\nThere is no spoon.") == ["Washington", "There is no spoon."]
    assert candidates("Great Question!\nLouvre\nOrsay") == ["Great Question!", "Louvre", "Orsay"]
    for answer in ("Long live the king!\nLouvre\nOrsay", "What a city!\n\nLouvre\n\nOrsay\n\nLong live him!"):
        assert candidates(answer) == [line for line in answer.split("\n") if line]


def test_an_established_plain_list_stays_plain() -> None:
    answer = "A\nB\nC\nD\nE\n- F\n- G\nH\n"

    assert candidates(answer) == ["A", "B", "C", "D", "E", "F", "G", "H"]


# -- JSON ---------------------------------------------------------------------------------------------------

VALUES = ["Eiffel Tower", "Musée d'Orsay", 'The "Louvre"', "A, B [c] {d}: e", "Tab\\backslash", "東京"]
SHAPES = {
    "array": VALUES,
    "entries": {"entries": VALUES},
    "topic and entries": {"topic": "Paris", "count": 6, "entries": VALUES, "notes": ["not this"]},
    "title and own key": {"title": "Sights of Paris", "sights": VALUES},
    "groups": {"Museums": VALUES[:3], "Parks": VALUES[3:]},
    "numbered": {str(n): value for n, value in enumerate(VALUES, 1)},
    "objects": [{"id": n, "name": value, "description": "not this"} for n, value in enumerate(VALUES)],
    "description first": [{"description": "not this", "title": value} for value in VALUES],
    "own key": [{"category": "not this", "attraction": value, "why": "nor this"} for value in VALUES],
    "objects in entries": {"entries": [{"label": value, "tags": ["not", "this"]} for value in VALUES]},
    "nested details": [{"name": value, "place": {"name": "not this", "in": ["nor this"]}} for value in VALUES],
    "groups in an array": [{"category": "x", "items": VALUES[:2]}, {"category": "y", "sights": VALUES[2:]}],
    "groups of objects": [{"name": "not this", "items": [{"name": value} for value in VALUES]}],
    "wrapped": {"response": {"status": "ok", "entries": VALUES}},
    "numbered objects": {str(n): {"name": value} for n, value in enumerate(VALUES)},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "\n {} \n",
        "```json\n{}\n```",
        "Sure! Here it is:\n\n```\n{}\n```\nI hope this helps!",
        "Here: {}\nBye",
    ],
)
def test_json_of_every_shape_gives_its_entries(shape: str, indent: int | None, frame: str) -> None:
    for ascii_only in (True, False):
        text = json.dumps(SHAPES[shape], indent=indent, ensure_ascii=ascii_only)

        assert parse_answer(frame.replace("{}", text)) == Parsed(tuple(VALUES), 0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"name": "A"}\n{"name": "B", "tags": ["x"]}\n', ["A", "B"]),
        ('{"name": "A"}, {"name": "B"}', ["A", "B"]),
        ('"A"\n"B"\n"C"', ["A", "B", "C"]),
        ('"A",\n"B",\n"C"', ["A", "B", "C"]),
        ('["A"]\n["B"]', ["A", "B"]),
        ('["A", "B",]', ["A", "B"]),
        ('[\n"A"\n"B"\n]', ["A", "B"]),
        ("['A', 'It\\'s', \"B\"]", ["A", "It's", "B"]),
        ('sights = [\n    "A",\n    "B",\n]\nprint(sights)', ["A", "B"]),
        ('[["A", "B"], ["C"]]', ["A", "B", "C"]),
        ("[]", []),
        ("{}", []),
        ('{"entries": []}', []),
    ],
)
def test_sloppy_json_is_read(answer: str, expected: list[str]) -> None:
    assert candidates(answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('["A", "B", "C', ["A", "B"]),
        ('["A", "B", "C"', ["A", "B", "C"]),
        ('["A"', ["A"]),
        ('["', []),
        ("[", []),
        ('{"entries": ["A", "B\\', ["A"]),
        ('[{"name": "A"}, {"name": "B", "description": "not th', ["A", "B"]),
        ('[{"name": "A"}, {"name": "B', ["A"]),
        ('[{"name": "A"}, {"description": "not this", "na', ["A"]),
        ('[{"name": "A"}, {"category": "not this", ', ["A"]),
        ('{"Museums": ["A", "B"], "Parks": ["C", "D', ["A", "B", "C"]),
        ('{"1": "A", "2": "B", "3"', ["A", "B"]),
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_of_truncated_json_the_whole_strings_are_kept(answer: str, expected: list[str], complete: bool) -> None:
    assert candidates(answer, complete=complete) == expected


@pytest.mark.parametrize(
    ("answer", "parsed"),
    [
        ('["A", "B\\q", "C"]', Parsed(("A", "C"), 1)),
        ('["A", "B\\ud800", "C"]', Parsed(("A", "C"), 1)),
        ('["A", "B\\nC", "D"]', Parsed(("A", "D"), 1)),
        ('["A", "He said "hi" there", "C"]', Parsed(("A", "C"), 1)),
        ('[\n"A",\n"no end,\n"C"\n]', Parsed(("A", "C"), 1)),
        ('[{"name": "A", "description": "\\q"}]', Parsed(("A",), 0)),
        (json.dumps(["A", "b" * 201, "c" * 20_000, "D"]), Parsed(("A", "D"), 2)),
    ],
)
def test_a_broken_string_is_rejected_and_the_others_are_kept(answer: str, parsed: Parsed) -> None:
    assert parse_answer(answer) == parsed


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[1] Eiffel Tower\n[2] Louvre", ["Eiffel Tower", "Louvre"]),
        ("{braces} in plain text\nLouvre", ["{braces} in plain text", "Louvre"]),
        ('{"braces"} in plain text\nLouvre', ['{"braces"} in plain text', "Louvre"]),
        ('["Heroes" (song)\nLouvre', ['["Heroes" (song)', "Louvre"]),
        ('["unclosed\nLouvre', ['["unclosed', "Louvre"]),
        ("[\nLouvre\nOrsay", ["Louvre", "Orsay"]),
        ("{\n{\n[\nLouvre\nOrsay", ["Louvre", "Orsay"]),
        ("[Louvre](https://example.org)\n[Orsay](https://example.org)", ["Louvre", "Orsay"]),
        ("1. Arrays: [\n2. Objects: {\n3. Louvre", ["Arrays: [", "Objects: {", "Louvre"]),
    ],
)
def test_brackets_in_text_do_not_swallow_the_answer(answer: str, expected: list[str]) -> None:
    assert candidates(answer) == expected


def test_json_that_breaks_down_does_not_swallow_what_follows() -> None:
    answer = '["A", "B" oh\nno\nthis\nis\nbroken\n1. C\n2. D\n'

    assert candidates(answer) == ["A", "C", "D"]


# -- streaming ----------------------------------------------------------------------------------------------


def test_candidates_come_while_the_answer_arrives() -> None:
    parser = AnswerParser()

    assert parser.feed("Here you are:\n1. A\n2. ") == ()
    assert parser.feed("B\n") == ("A", "B")
    assert parser.feed("3. C\n4.") == ("C",)
    assert parser.finish(complete=False) == ()
    assert (parser.accepted, parser.rejected, parser.chatter) == (3, 0, 1)


def test_json_candidates_come_while_the_answer_arrives() -> None:
    parser = AnswerParser()

    assert parser.feed('{"entries": ["A", "B') == ("A",)
    assert parser.feed('", "C') == ("B",)
    assert parser.finish(complete=True) == ()


@pytest.mark.parametrize(
    "answer", ["1. A\n2. B\n3. Cut o", "A\nB\nCut o", "| A | x |\n| B | x |\n| Cut | o", '"A",\n"B",\n"Cut"']
)
def test_an_unfinished_last_line_counts_only_in_a_complete_answer(answer: str) -> None:
    assert candidates(answer, complete=False) == ["A", "B"]
    assert len(candidates(answer, complete=True)) == 3


def test_a_single_unmarked_line_waits_for_the_end() -> None:
    assert candidates("Louvre") == ["Louvre"]
    assert candidates("Louvre", complete=False) == []
    assert candidates("Louvre\n", complete=False) == ["Louvre"]


@pytest.mark.parametrize(
    "unit", ["x", " ", "*", "_", "`", "[", "[a](", "(", "&", '"', "“", "|", "-", "{", "<think>", "\\", "1. "]
)
def test_a_line_without_end_is_dropped_and_counted_once(unit: str) -> None:
    line = "- x" + unit * (1_000_000 // len(unit))
    parser = AnswerParser()
    found = [entry for start in range(0, len(line), 4_096) for entry in parser.feed(line[start : start + 4_096])]
    held = len(parser._buffer) + len(parser._json_text)
    found += parser.feed("\n- A\n- B\n")
    found += parser.finish(complete=True)

    assert held <= 10_000
    assert (found, parser.rejected) == (["A", "B"], 1)


@pytest.mark.parametrize(
    "unit",
    [
        '["',
        "[",
        '{"a":',
        "[\n",
        "\n",
        '{"a":"b"}',
        '["a"],',
        '"',
        "**",
        "1 - a\n",
        "| a |\n",
        "a b c d e f.\n",
    ],
)
def test_a_flood_of_anything_is_read_to_its_end(unit: str) -> None:
    parsed = parse_answer(unit * (200_000 // len(unit)) + "\n- A\n- B\n")

    assert len(parsed.candidates) <= 2_000


# -- properties ---------------------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        *(
            "1. ",
            "2. ",
            "3) ",
            "4 - ",
            "5: ",
            "1 ",
            "2 ",
            "3 ",
            "- ",
            "• ",
            "[ ] ",
            "a) ",
            "i. ",
            "<ul>",
            "<li>",
            "</li>",
            "- name: ",
            "№ 2 ",
            "✅ ",
            "None",
            ", ",
            "# ",
            "**",
            "*",
            "`",
            "```json",
        ),
        *(
            "\n",
            "\n",
            "\n",
            "\r\n",
            "\n\n",
            "|",
            "|---|",
            " | ",
            "[",
            "]",
            "{",
            "}",
            '"',
            '", "',
            '": "',
            "'",
            ",",
            ":",
        ),
        *(
            '{"name": "',
            '["',
            '"]',
            '"}',
            "\\",
            "\\u00",
            "\\n",
            "<think>",
            "</think>",
            "<thi",
            "nking>",
            "&amp;",
            "&#10;",
        ),
        *(
            "Louvre",
            "Sure! ",
            "Here are 5 more",
            "I hope this helps!",
            "Note: one two three.",
            "é",
            "東京",
            " ",
            "\t",
        ),
        *(
            "\u200b",
            "\u202e",
            "\x00",
            "\u2028",
            "\x85",
            "\x1c",
            "\ud800",
            "x" * 70,
            "x" * 6_000,
            "1984 - Orwell",
            "-",
            ".",
        ),
    ]
)
SCALARS = st.one_of(st.text(max_size=8), st.integers(), st.none())
KEYS = st.sampled_from(["name", "entries", "tags", "description", "1", "Museums", "\n"])


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(inner, st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4))


JSON_VALUES = nested(nested(nested(SCALARS)))
ANSWERS = st.one_of(
    st.lists(FRAGMENTS, max_size=40).map("".join),
    st.lists(st.text(max_size=20), max_size=12).map("\n".join),
    JSON_VALUES.map(json.dumps),
)


def cut(text: str, places: list[int]) -> list[str]:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@given(ANSWERS, st.lists(st.integers(min_value=0, max_value=100_000), max_size=12), st.booleans())
def test_the_result_does_not_depend_on_how_the_answer_was_cut(text: str, places: list[int], complete: bool) -> None:
    whole = read_in_pieces([text], complete=complete)

    assert read_in_pieces(cut(text, places), complete=complete) == whole
    assert read_in_pieces(list(text), complete=complete) == whole


@given(ANSWERS, st.booleans())
def test_every_candidate_is_one_clean_line_of_bounded_length(text: str, complete: bool) -> None:
    found, accepted, _, _ = read_in_pieces([text], complete=complete)

    assert len(found) == accepted <= 30
    for entry in found:
        assert 0 < len(entry) <= 60
        assert len(entry.splitlines()) == 1
        assert entry == " ".join(entry.split())
        entry.encode()


@given(st.lists(st.text("abcXYZ éß東Ω0-'", min_size=1).map(lambda text: f"E{text}e"), min_size=2, max_size=30))
def test_ordinary_entries_come_back_as_they_were(entries: list[str]) -> None:
    entries = [" ".join(entry.split()) for entry in entries if len(" ".join(entry.split())) <= 60]

    assert candidates("\n".join(f"{n}. {entry}" for n, entry in enumerate(entries, 1))) == entries
    assert candidates("\n".join(entries)) == entries
    assert candidates(json.dumps(entries, indent=2)) == entries


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=10), st.data())
def test_a_cut_json_array_gives_a_prefix_of_the_whole(entries: list[str], data: st.DataObject) -> None:
    text = json.dumps(entries)
    whole = candidates(text)
    end = data.draw(st.integers(min_value=0, max_value=len(text)))

    part = candidates(text[:end], complete=False)

    assert part == whole[: len(part)]
