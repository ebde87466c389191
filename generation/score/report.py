"""A score as a page of text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from generation.score.measures import BCubed, CaseMeasure, Measure, Pairs, Score

HEAD = f"{'':32} {'pairwise':^27} {'B-cubed':^27}"
COLUMNS = f"{'precision':>9} {'recall':>8} {'F1':>8}"


def text(score: Score) -> str:
    """The score as tables with a line for each part."""
    return "\n".join(_lines(score))


def _lines(score: Score) -> Iterator[str]:
    yield f"{score.records:,} records of {score.people:,} people, in {score.clusters:,} clusters"
    yield from score.notes
    pairs = score.overall.pairs
    yield f"{pairs.true:,} true pairs, {pairs.claimed:,} claimed, {pairs.right:,} right"
    yield f"\n{HEAD.rstrip()}\n{'':32} {COLUMNS}  {COLUMNS}  {'true pairs':>13} {'claimed':>13}"
    yield _line("overall", score.overall.pairs, score.overall.bcubed)
    if score.as_given:
        yield _line("pairs as given", score.as_given, None)
    yield "\nby source (pairs with a record of it)"
    yield from (_line(name, found.pairs, found.bcubed) for name, found in score.by_source.items())
    yield "\nby pair of sources"
    yield from (_line(" + ".join(names), found, None) for names, found in score.by_source_pair.items())
    yield from _case_lines(score.by_case)


def _case_lines(cases: dict[str, CaseMeasure]) -> Iterator[str]:
    if not cases:
        return
    yield "\nby hard case (pairs with a record in it); traps are pairs of different people with one cause"
    for name, found in cases.items():
        caught = f"  {found.caught:,} of {found.traps:,} traps" if found.traps else ""
        yield _line(name, found.measure.pairs, found.measure.bcubed) + caught


def _line(name: str, pairs: Pairs, bcubed: BCubed | None) -> str:
    other = _ratios(bcubed) if bcubed else " " * 27
    return f"{name:32} {_ratios(pairs)}  {other}  {pairs.true:>13,} {pairs.claimed:>13,}".rstrip()


def _ratios(of: Pairs | BCubed) -> str:
    return f"{_ratio(of.precision):>9} {_ratio(of.recall):>8} {_ratio(of.f1):>8}"


def _ratio(value: Fraction | None) -> str:
    return "-" if value is None else f"{float(value):.4f}"


def as_json(score: Score) -> dict[str, Any]:
    """The score with all counts; a ratio without anything to divide by is null."""
    return {
        "ok": True,
        "records": score.records,
        "people": score.people,
        "clusters": score.clusters,
        "notes": list(score.notes),
        "overall": _measure(score.overall),
        "pairs_as_given": None if score.as_given is None else _pairs(score.as_given),
        "by_source": {name: _measure(found) for name, found in score.by_source.items()},
        "by_source_pair": [
            {"sources": list(names), "pairwise": _pairs(found)} for names, found in score.by_source_pair.items()
        ],
        "by_hard_case": {
            name: _measure(found.measure) | {"traps": found.traps, "caught": found.caught}
            for name, found in score.by_case.items()
        },
    }


def _measure(measure: Measure) -> dict[str, Any]:
    bcubed = measure.bcubed
    return {"pairwise": _pairs(measure.pairs), "b_cubed": {"records": bcubed.records, **_floats(bcubed)}}


def _pairs(pairs: Pairs) -> dict[str, Any]:
    return {"right": pairs.right, "claimed": pairs.claimed, "true": pairs.true, **_floats(pairs)}


def _floats(of: Pairs | BCubed) -> dict[str, float | None]:
    ratios = {"precision": of.precision, "recall": of.recall, "f1": of.f1}
    return {name: None if ratio is None else float(ratio) for name, ratio in ratios.items()}
