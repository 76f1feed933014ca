"""Whether the numbers at the beginnings of lines run on, and how many of them make numbering."""

from producers.worker.line_reading import SYMBOL, Line

_LETTERS = 26


def follows(before: Line, line: Line, *, resumes: bool) -> bool:
    """Whether the numbers run on; in established numbering a gap or a new start at 1 is no surprise."""
    if SYMBOL in line.form + before.form:
        return line.form == before.form
    if line.roman and before.roman and line.form == before.form:
        step = line.roman - before.roman
        if step == 1 or (resumes and (line.roman == 1 or 0 <= step <= 3)):
            return True
    if not (line.number and before.number) and (line.roman or before.roman):
        return False
    if before.roman == 1 and not resumes:  # `j.` behind `i.` is no Roman number
        return False
    step = line.number - before.number
    if line.form != before.form:  # a list under way may change how it writes its numbers
        return resumes and step == 1 and bool(line.form) and not (line.form + before.form).lower().count("a")
    return step == 1 or (resumes and (line.number == 1 or 0 <= step <= 3))


def needed(first: Line) -> int:
    """How many lines in sequence make numbering: more where titles often begin so ("12 Monkeys")."""
    if first.form.endswith(SYMBOL):
        return 2
    begins = first.number <= 1 or first.roman == 1
    if first.form == "A." and first.roman != 1:  # "A. Lincoln" may stand before "B. Obama"
        return 3 if begins else _LETTERS + 1
    if first.form == "a." and not begins:
        return 5
    if first.form.startswith(("№", "N")):
        return 2
    if first.form == "":
        return 3 if begins else 5
    return 2 if begins else 3
