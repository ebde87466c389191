"""Identifiers by type, and the values that stand for the most people."""

from __future__ import annotations

from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.certificate import IdentifierFacts, OverLinked
from generation.verify.report.ground import Ground, kind_of

TOP = 15


def facts(ground: Ground) -> tuple[list[IdentifierFacts], list[OverLinked]]:
    """Each type that has mappings, and the most over-linked values of all types.

    Type by type, so that memory holds the groups of one; a value is grouped by its hash, of 64 bits.
    """
    people = ", ".join(f"COUNT(*) FILTER ({kind} > 0), MAX({kind})" for kind in IDENTIFIER_TYPES)
    found = ground.one(f"SELECT {people} FROM person")
    types: list[IdentifierFacts] = []
    suspects: list[tuple[int, str, int]] = []
    for number, kind in enumerate(IDENTIFIER_TYPES):
        mappings, values, links, most = _linked(ground, kind)
        holders = int(found[2 * number])
        if not mappings:
            continue
        types.append(
            IdentifierFacts(
                type=kind, mappings=mappings, people=holders, values=values, per_person=mappings / max(holders, 1),
                most_per_person=int(found[2 * number + 1]), people_per_value=links / max(values, 1),
                most_people_per_value=most,
            )
        )  # fmt: skip
        if most > 1:
            suspects += _suspects(ground, kind)
    ranked = sorted(suspects, key=lambda suspect: (-suspect[0], suspect[1], suspect[2]))[:TOP]
    return types, sorted(_named(ground, [(kind, mark) for _, kind, mark in ranked]), key=_rank)


def _linked(ground: Ground, kind: str) -> tuple[int, int, int, int]:
    """Mappings, values, pairs of value and person, and most people of a value; kept as `linked` when values are shared.

    Of most types no value is, which the first and last person of each tell without grouping by both.
    """
    mappings, values, is_shared = ground.one(f"""
        SELECT SUM(mappings), COUNT(*), BOOL_OR(is_shared) FROM (
            SELECT mark, COUNT(*) AS mappings, MIN(individual_id) <> MAX(individual_id) AS is_shared
            FROM mark WHERE kind = {kind_of(kind)} GROUP BY mark)""")
    if not is_shared:
        return int(mappings), int(values), int(values), min(int(values), 1)
    ground.rows(f"""
        CREATE OR REPLACE TEMP TABLE linked AS
        SELECT mark, COUNT(*) AS people FROM (
            SELECT DISTINCT mark, individual_id FROM mark WHERE kind = {kind_of(kind)}) GROUP BY mark""")
    links, most = ground.one("SELECT SUM(people), MAX(people) FROM linked")
    return int(mappings), int(values), int(links), int(most)


def _suspects(ground: Ground, kind: str) -> list[tuple[int, str, int]]:
    rows = ground.rows(f"SELECT people, mark FROM linked WHERE people > 1 ORDER BY people DESC, mark LIMIT {TOP}")
    return [(int(people), kind, int(mark)) for people, mark in rows]


def _named(ground: Ground, suspects: list[tuple[str, int]]) -> list[OverLinked]:
    """The suspects with their people. Only the rows of one holder each are read again, for the value itself."""
    if not suspects:
        return []
    found = ground.rows(f"""
        SELECT m.kind, m.mark, MIN(m.individual_id), COUNT(DISTINCT m.individual_id), COUNT(DISTINCT p.household_id)
        FROM mark AS m JOIN person AS p ON p.individual_id = m.individual_id
        WHERE (m.kind, m.mark) IN ({", ".join(f"({kind_of(kind)}, {mark}::UBIGINT)" for kind, mark in suspects)})
        GROUP BY m.kind, m.mark""")
    holders = ", ".join(str(holder) for holder in {row[2] for row in found})
    values = ground.rows(f"""
        SELECT identifier_type, HASH(identifier_value), MIN(identifier_value)
        FROM identity_mappings JOIN (SELECT UNNEST([{holders}]::BIGINT[]) AS individual_id) USING (individual_id)
        GROUP BY 1, 2""")
    value_of = {(kind, mark): str(value) for kind, mark, value in values}
    return [
        OverLinked(type=name, value=value_of[name, mark], people=int(people), households=int(homes))
        for name, mark, people, homes in (
            (IDENTIFIER_TYPES[kind - 1], mark, *counts) for kind, mark, _, *counts in found
        )
    ]


def _rank(one: OverLinked) -> tuple[int, str, str]:
    return -one.people, one.type, one.value
