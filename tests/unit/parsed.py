"""How the tests of parsing read an answer, at once or in pieces; each is one that a model gave or could give."""

from producers.worker.parsing import AnswerParser, parse_answer


def candidates(answer: str, *, complete: bool = True) -> list[str]:
    return list(parse_answer(answer, complete=complete).candidates)


def read_in_pieces(pieces: list[str], *, complete: bool) -> tuple[list[str], int, int, int]:
    parser = AnswerParser(max_length=60, max_candidates=30)
    found = [entry for piece in pieces for entry in parser.feed(piece)]
    found += parser.finish(complete=complete)
    return found, parser.accepted, parser.rejected, parser.chatter
