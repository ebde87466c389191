"""Scores are what going through all pairs gives, exactly."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.score.components import close
from generation.score.measures import BCubed, Pairs
from generation.score.report import as_json, text
from tests.score.truth import Truth, bcubed_by_hand, pairs_by_hand, write

# Two people: Ann has records 1, 2 and 3, Ben has 4 and 5.
TRUTH = Truth(
    {1: 100, 2: 100, 3: 100, 4: 200, 5: 200},
    {1: "crm", 2: "crm", 3: "loyalty", 4: "loyalty", 5: "crm"},
    [(3, "shared_tv", 7), (4, "shared_tv", 7), (5, "recycled_phone", 1)],
)
PERFECT = {1: "a", 2: "a", 3: "a", 4: "b", 5: "b"}


def test_the_answer_key_scores_one_everywhere(tmp_path: Path) -> None:
    score = TRUTH.score(PERFECT, tmp_path)
    assert score.overall.pairs == Pairs(4, 4, 4) and score.overall.bcubed == BCubed(5, Fraction(5), Fraction(5))
    assert (score.records, score.people, score.clusters, score.notes) == (5, 2, 2, ())


def test_one_cluster_of_all_finds_everything_and_is_wrong_six_times_of_ten(tmp_path: Path) -> None:
    score = TRUTH.score(dict.fromkeys(PERFECT, "x"), tmp_path)
    assert score.overall.pairs == Pairs(4, 10, 4)
    assert (score.overall.pairs.precision, score.overall.pairs.recall) == (Fraction(2, 5), 1)
    assert score.overall.bcubed == BCubed(5, Fraction(3 * 3 + 2 * 2, 5), Fraction(5))


def test_singletons_claim_nothing_and_are_never_wrong(tmp_path: Path) -> None:
    score = TRUTH.score({record: record for record in PERFECT}, tmp_path)
    assert score.overall.pairs == Pairs(0, 0, 4) and score.overall.pairs.precision is None
    assert score.overall.pairs.f1 == 0
    assert score.overall.bcubed == BCubed(5, Fraction(5), Fraction(3, 3) + Fraction(2, 2))


def test_a_record_in_the_wrong_cluster_costs_what_it_costs_by_hand(tmp_path: Path) -> None:
    # Ann's record 3 is taken for Ben's: {1, 2} and {3, 4, 5}.
    score = TRUTH.score(PERFECT | {3: "b"}, tmp_path)
    assert score.overall.pairs == Pairs(2, 4, 4)
    assert score.overall.bcubed.precisions == 1 + 1 + Fraction(1, 3) + Fraction(2, 3) + Fraction(2, 3)
    assert score.overall.bcubed.recalls == Fraction(2, 3) + Fraction(2, 3) + Fraction(1, 3) + 1 + 1
    assert score.by_source_pair["crm", "loyalty"] == Pairs(1, 2, 3)
    assert score.by_source_pair["loyalty", "loyalty"] == Pairs(0, 1, 0)
    assert score.by_source["loyalty"].pairs == Pairs(1, 3, 3)


def test_a_trap_is_caught_when_two_people_with_one_cause_are_together(tmp_path: Path) -> None:
    apart, together = (TRUTH.score(PERFECT | {3: cluster}, tmp_path).by_case["shared_tv"] for cluster in "ab")
    assert (apart.traps, apart.caught) == (1, 0) and (together.traps, together.caught) == (1, 1)
    assert together.measure.pairs == Pairs(1, 3, 3) and together.measure.bcubed.records == 2


def test_records_left_out_are_clusters_of_one_and_it_is_said(tmp_path: Path) -> None:
    score = TRUTH.score({1: "a", 2: "a"}, tmp_path)
    assert score.overall.pairs == Pairs(1, 1, 4) and score.clusters == 4
    assert score.notes == ("3 of 5 records are in no prediction and count as clusters of one",)


def test_pairs_are_closed_and_scored_as_given_too(tmp_path: Path) -> None:
    rows = [(1, 2, 0.9), (3, 2, 0.8), (2, 1, 0.9), (3, 4, 0.1)]
    path = write(tmp_path / "pairs.csv", ("record_id_l", "record_id_r", "match_probability"), rows)
    score = TRUTH.score_file(path, 0.5)
    assert score.as_given == Pairs(2, 2, 4) and score.overall.pairs == Pairs(3, 3, 4)
    assert TRUTH.score_file(path).overall.pairs == Pairs(3, 6, 4)


def test_a_pair_at_the_threshold_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.csv", ("unique_id_l", "unique_id_r", "match_probability"), [(1, 2, 0.5)])
    assert TRUTH.score_file(path, 0.5).overall.pairs.claimed == 1


def test_every_figure_of_the_page_is_in_the_json(tmp_path: Path) -> None:
    score = TRUTH.score(PERFECT | {3: "b"}, tmp_path)
    found = as_json(score)
    assert found["overall"]["pairwise"] == {
        "right": 2, "claimed": 4, "true": 4, "precision": 0.5, "recall": 0.5, "f1": 0.5
    }  # fmt: skip
    assert set(found["by_source"]) == {"crm", "loyalty"} and found["by_hard_case"]["shared_tv"]["caught"] == 1
    page = text(score)
    assert "crm + loyalty" in page and "1 of 1 traps" in page and "0.5000" in page


RECORDS = st.integers(1, 14)
SOURCES = ("crm", "loyalty", "ctv_app")


@st.composite
def resolutions(draw: st.DrawFn) -> tuple[Truth, dict[int, int]]:
    """A truth with cases, and clusters of all its records."""
    records = draw(st.sets(st.integers(-50, 2**43), min_size=1, max_size=14))
    people = {record: draw(st.integers(1, 5)) for record in sorted(records)}
    sources = {record: draw(st.sampled_from(SOURCES)) for record in people}
    cases = [(r, c, draw(st.integers(1, 3))) for r in people for c in ("twins", "hotel_wifi") if draw(st.booleans())]
    return Truth(people, sources, cases), {record: draw(st.integers(1, 5)) for record in people}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(resolutions())
def test_scores_by_sizes_are_those_of_all_pairs(tmp_path: Path, drawn: tuple[Truth, dict[int, int]]) -> None:
    truth, clusters = drawn
    score = truth.score(clusters, tmp_path)
    scopes = {name: {r for r in truth.people if truth.source(r) == name} for name in score.by_source}
    measures = [(score.overall, set(truth.people)), *((score.by_source[name], scopes[name]) for name in scopes)]
    for case, found in score.by_case.items():
        inside = [(r, group) for r, kind, group in truth.cases if kind == case]
        measures.append((found.measure, {r for r, _ in inside}))
        traps = [
            (r, o) for r, g in inside for o, h in inside if r < o and g == h and truth.people[r] != truth.people[o]
        ]
        assert (found.traps, found.caught) == (len(traps), sum(clusters[r] == clusters[o] for r, o in traps))
    for measure, records in measures:
        assert measure.pairs == Pairs(*pairs_by_hand(truth, clusters, records))
        assert (measure.bcubed.precisions, measure.bcubed.recalls) == bcubed_by_hand(truth, clusters, records)


@settings(deadline=None, max_examples=60)
@given(st.sets(st.tuples(RECORDS, RECORDS).filter(lambda pair: pair[0] < pair[1]), min_size=1))
def test_what_a_chain_of_pairs_connects_has_one_root_its_lowest(pairs: set[tuple[int, int]]) -> None:
    expected = {record: record for pair in pairs for record in pair}
    for _ in expected:
        for low, high in pairs:
            expected[low] = expected[high] = min(expected[low], expected[high])
    assert _roots(sorted(pairs)) == expected


@pytest.mark.parametrize("order", [list(range(200)), [n // 2 if n % 2 else 199 - n // 2 for n in range(200)]])
def test_a_long_chain_is_one_cluster(order: list[int]) -> None:
    chain = [(min(pair), max(pair)) for pair in itertools.pairwise(order)]
    assert set(_roots(chain).values()) == {0}


def _roots(pairs: list[tuple[int, int]]) -> dict[int, int]:
    with duckdb.connect() as connection:
        values = ", ".join(f"({low}::BIGINT, {high}::BIGINT)" for low, high in pairs)
        connection.execute(f"CREATE TABLE given AS SELECT * FROM (VALUES {values}) AS t(low, high)")
        close(connection)
        return dict(connection.execute("SELECT record_id, root FROM labels").fetchall())
