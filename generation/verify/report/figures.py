"""The charts' numbers: who the people are, what identifies them, what they do and what campaigns did."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from generation.spec.catalog.households import HOUSEHOLD_TYPES, INCOME_BRACKETS
from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.certificate import Figure, Line
from generation.spec.labels import derived, label_of
from generation.spec.meaning import SIZES, frequency_shares, size_shares
from generation.verify.report.ground import Ground

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CAMPAIGNS_SHOWN = 24
NORMAL_95 = 1.959964
STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20)


def figures(ground: Ground) -> Iterator[Figure]:
    """Every figure for which there are rows."""
    makers = (_pyramid, _sizes, _types, _incomes, _income_by_age, _identifiers, _by_type, _activity, _popularity, _heat, _days,
              _frequency, _reach, _by_campaign, _lift, _dose, _noise)  # fmt: skip
    for maker in makers:
        figure = maker(ground)
        if figure is not None and figure.n:
            yield figure


def _shares(rows: Sequence[tuple[Any, ...]], bins: Sequence[Any]) -> tuple[list[float], int]:
    """The shares of (bin, count) rows in the order of the bins, and the sum of all."""
    counts = {row[0]: int(row[1]) for row in rows}
    total = sum(counts.values())
    return [counts.get(name, 0) / total if total else 0.0 for name in bins], total


def _pyramid(ground: Ground) -> Figure:
    rows = ground.rows("SELECT LEAST(age // 5, 17), gender, COUNT(*) FROM person GROUP BY 1, 2")
    total = sum(int(row[2]) for row in rows)
    counts = {(int(band), gender): int(n) for band, gender, n in rows}
    series = [
        Line(name=derived(gender), values=[counts.get((band, gender), 0) / max(total, 1) for band in range(18)])
        for gender in ("female", "male")
    ]
    labels = [f"{5 * band}–{5 * band + 4}" for band in range(17)] + ["85+"]
    return Figure(id="age_pyramid", topic="people", title="Age and gender", says="Share of all people.", kind="pyramid",
                  n=total, labels=labels, series=series, over="age")  # fmt: skip


def _sizes(ground: Ground) -> Figure:
    found, n = _shares(ground.rows("SELECT LEAST(size, 7), COUNT(*) FROM home GROUP BY 1"), range(1, 8))
    return Figure(id="household_sizes", topic="people", title="Household sizes", says="Lines mark the target.", kind="bars",
                  n=n, labels=list(SIZES), series=[Line(name="Households", values=found)],
                  target=list(size_shares(ground.config)), over="people in the household")  # fmt: skip


def _types(ground: Ground) -> Figure:
    found, n = _shares(ground.rows("SELECT household_type, COUNT(*) FROM home GROUP BY 1"), HOUSEHOLD_TYPES)
    return Figure(id="household_types", topic="people", title="Kinds of households", says="Share of all households.",
                  kind="ranks", n=n, labels=[derived(name) for name in HOUSEHOLD_TYPES],
                  series=[Line(name="Households", values=found)], over="household type")  # fmt: skip


def _incomes(ground: Ground) -> Figure:
    found, n = _shares(ground.rows("SELECT income_bracket, COUNT(*) FROM home GROUP BY 1"), INCOME_BRACKETS)
    asked = ground.config.households.income_shares
    labels = ["0", *(name.partition("_")[0] for name in INCOME_BRACKETS[1:])]
    return Figure(id="income_brackets", topic="people", title="Household incomes", says="Lines mark the target.",
                  kind="bars", n=n, labels=labels, series=[Line(name="Households", values=found)],
                  target=[asked[name] for name in INCOME_BRACKETS], over="US dollars a year, from")  # fmt: skip


def _income_by_age(ground: Ground) -> Figure:
    rows = ground.rows("""
        SELECT LEAST(head_age // 5 * 5, 85) AS band, COUNT(*), QUANTILE_CONT(household_income::DOUBLE, [0.25, 0.5, 0.75])
        FROM home WHERE head_age >= 20 GROUP BY 1 ORDER BY 1""")
    names = ("Lower quartile", "Median", "Upper quartile")
    series = [Line(name=name, values=[float(row[2][at]) for row in rows]) for at, name in enumerate(names)]
    return Figure(id="income_by_age", topic="people", title="Income by age",
                  says="US dollars a year, by the age of the reference person, from 20.", kind="lines",
                  n=sum(int(row[1]) for row in rows), x=[float(row[0]) for row in rows], series=series,
                  over="age of the reference person", unit="")  # fmt: skip


def _identifiers(ground: Ground) -> Figure:
    rows = ground.rows("SELECT LEAST(identifiers, 40), COUNT(*) FROM person WHERE age >= 13 GROUP BY 1")
    found, n = _shares(rows, range(41))
    labels = [*(str(number) for number in range(40)), "40+"]
    return Figure(id="identifiers_per_person", topic="identity", title="Identifiers per person",
                  says="Mappings of people of 13 or over; every epoch of a cookie counts.", kind="bars", n=n, labels=labels,
                  series=[Line(name="People", values=found)], over="identifiers")  # fmt: skip


def _by_type(ground: Ground) -> Figure:
    holders = ", ".join(f"COUNT(*) FILTER ({kind} > 0)" for kind in IDENTIFIER_TYPES)
    n, *found = ground.one(f"SELECT COUNT(*), {holders} FROM person WHERE age >= 13")
    return Figure(id="people_by_identifier", topic="identity", title="Who is known by what",
                  says="Share of people of 13 or over with at least one identifier of the type.", kind="ranks", n=n,
                  labels=[label_of(f"demographics.identity.coverage.{kind}") for kind in IDENTIFIER_TYPES],
                  series=[Line(name="People", values=[count / max(n, 1) for count in found])], over="identifier type")  # fmt: skip


def _activity(ground: Ground) -> Figure:
    """At least so many events: the tail without bins."""
    rows = ground.rows("SELECT events, COUNT(*) FROM person WHERE events > 0 GROUP BY 1 ORDER BY 1")
    n = sum(int(row[1]) for row in rows)
    top = int(rows[-1][0]) if rows else 1
    marks = sorted({min(top, round(1.25**step)) for step in range(60)})
    at_least = [sum(int(count) for events, count in rows if events >= mark) / max(n, 1) for mark in marks]
    return Figure(id="activity", topic="engagement", title="How unequal people are",
                  says="Share of people with events who have at least so many.", kind="lines", n=n,
                  x=[float(mark) for mark in marks], series=[Line(name="People", values=at_least)],
                  over="at least so many events", log=True)  # fmt: skip


def _popularity(ground: Ground) -> Figure:
    rows = ground.rows("SELECT events FROM title ORDER BY events DESC")
    total = sum(int(row[0]) for row in rows)
    picked = sorted({min(len(rows), round(1.25**step)) for step in range(60)} - {0})
    return Figure(id="popularity", topic="engagement", title="How popular titles are",
                  says="Share of all events by the rank of the title.", kind="lines", n=total,
                  x=[float(rank) for rank in picked],
                  series=[Line(name="Share of events", values=[int(rows[rank - 1][0]) / total for rank in picked])],
                  over="rank of the title", log=True)  # fmt: skip


LOCAL_HOURS = """
    SELECT ISODOW(hour) AS day, HOUR(hour) AS hour, SUM(events) FROM (
        SELECT (utc_hour AT TIME ZONE 'UTC') AT TIME ZONE time_zone AS hour, events FROM hourly WHERE time_zone IS NOT NULL)
    GROUP BY 1, 2"""
"""Hours are counted before they are moved to the household's time zone: every US zone differs by whole hours."""


def _heat(ground: Ground) -> Figure:
    counts = {(int(day), int(hour)): int(events) for day, hour, events in ground.rows(LOCAL_HOURS)}
    n = sum(counts.values())
    series = [
        Line(name=name, values=[counts.get((day, hour), 0) / max(n, 1) for hour in range(24)])
        for day, name in enumerate(WEEKDAYS, 1)
    ]
    return Figure(id="hour_by_weekday", topic="engagement", title="When people engage", says="Share of all events, local time.",
                  kind="heat", n=n, labels=[str(hour) for hour in range(24)], series=series, over="local hour")  # fmt: skip


def _days(ground: Ground) -> Figure:
    start = ground.config.window_start
    rows = ground.rows(f"""
        SELECT CAST(utc_hour AS DATE) - DATE '{start}' AS day, SUM(events) FROM hourly GROUP BY 1 ORDER BY 1""")
    return Figure(id="events_per_day", topic="engagement", title="Events a day", says=f"Days count from {start}, UTC.",
                  kind="lines", n=sum(int(row[1]) for row in rows), x=[float(row[0]) for row in rows],
                  series=[Line(name="Events", values=[float(row[1]) for row in rows])], over="day of the window",
                  unit="")  # fmt: skip


def _frequency(ground: Ground) -> Figure | None:
    if not ground.config.campaigns.count:
        return None
    rows = ground.rows("SELECT LEAST(exposures, 20), COUNT(*) FROM touched GROUP BY 1")
    most = min(20, ground.config.campaigns.frequency_cap)
    found, n = _shares(rows, range(1, most + 1))
    wanted = frequency_shares(ground.config)
    target = [*wanted[: most - 1], sum(wanted[most - 1 :])]
    labels = [str(number) for number in range(1, most + 1)]
    labels[-1] += "+" if len(wanted) > most else ""
    return Figure(id="frequency", topic="campaigns", title="Frequency",
                  says="Reached people by exposures to the campaign. Lines mark the target before opt-outs.", kind="bars", n=n,
                  labels=labels, series=[Line(name="Reached people", values=found)], target=target, over="exposures")  # fmt: skip


def _reach(ground: Ground) -> Figure:
    n, *found = ground.one(
        f"SELECT COUNT(*), {', '.join(f'COUNT(*) FILTER (exposures >= {k})' for k in STEPS)} FROM pair WHERE arm = 'treatment'"
    )
    return Figure(id="reach", topic="campaigns", title="Reach at each frequency",
                  says="Share of the treatment arm with at least so many exposures.", kind="lines", n=n,
                  x=[float(k) for k in STEPS], series=[Line(name="Eligible people", values=[k / max(n, 1) for k in found])],
                  over="at least so many exposures")  # fmt: skip


def _by_campaign(ground: Ground) -> Figure:
    rows = ground.rows(f"""
        SELECT c.name, COUNT(*) FILTER (p.exposures > 0), COUNT(*)
        FROM campaigns AS c JOIN pair AS p ON p.campaign_id = c.campaign_id AND p.arm = 'treatment'
        GROUP BY c.campaign_id, c.name ORDER BY c.campaign_id LIMIT {CAMPAIGNS_SHOWN}""")
    return Figure(id="reach_by_campaign", topic="campaigns", title="Reach by campaign",
                  says="Share of the treatment arm with at least one exposure.", kind="ranks",
                  n=sum(int(row[2]) for row in rows), labels=[row[0] for row in rows],
                  series=[Line(name="Reach", values=[int(row[1]) / int(row[2]) for row in rows])], over="campaign")  # fmt: skip


def _lift(ground: Ground) -> Figure:
    """Difference of the arms' conversion rates with its 95% interval: by randomisation, what the campaign did."""
    rows = ground.rows(f"""
        SELECT c.name, COUNT(*) FILTER (arm = 'treatment'), COUNT(*) FILTER (arm = 'treatment' AND conversions > 0),
               COUNT(*) FILTER (arm = 'holdout'), COUNT(*) FILTER (arm = 'holdout' AND conversions > 0)
        FROM campaigns AS c JOIN pair AS p ON p.campaign_id = c.campaign_id
        GROUP BY c.campaign_id, c.name ORDER BY c.campaign_id LIMIT {CAMPAIGNS_SHOWN}""")
    effects = [(name, *_difference(*counts)) for name, *counts in rows if counts[0] and counts[2]]
    series = [
        Line(name=name, values=[effect[at] for effect in effects]) for at, name in enumerate(("Lift", "Low", "High"), 1)
    ]
    return Figure(id="lift", topic="campaigns", title="Lift of the conversion rate",
                  says="Treatment arm less holdout arm, in points of the conversion rate, with 95% intervals (intention to treat).",
                  kind="intervals", n=sum(int(row[1]) + int(row[3]) for row in rows) if effects else 0,
                  labels=[effect[0] for effect in effects], series=series, over="campaign")  # fmt: skip


def _difference(treated: int, hits: int, held_out: int, base: int) -> tuple[float, float, float]:
    """Difference of two shares, and its 95% interval (Agresti and Caffo: one success and one failure more in each)."""
    p, q = (hits + 1) / (treated + 2), (base + 1) / (held_out + 2)
    error = NORMAL_95 * math.sqrt(p * (1 - p) / (treated + 2) + q * (1 - q) / (held_out + 2))
    return hits / treated - base / held_out, p - q - error, p - q + error


def _dose(ground: Ground) -> Figure:
    bins = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 12), (13, 255))
    counts = ", ".join(
        f"COUNT(*) FILTER (exposures BETWEEN {low} AND {high}), "
        f"COUNT(*) FILTER (exposures BETWEEN {low} AND {high} AND conversions > 0)"
        for low, high in bins
    )
    n, *found = ground.one(f"SELECT COUNT(*), {counts} FROM pair")
    labels = [str(low) if low == high else f"{low}–{high}" for low, high in bins[:-1]] + ["13+"]
    rates = [found[2 * at + 1] / max(found[2 * at], 1) for at in range(len(bins))]
    return Figure(id="dose", topic="campaigns", title="Conversions by exposures",
                  says="Share of eligible people who converted. Who sees more is not chosen at random; the arms are.",
                  kind="bars", n=n, labels=labels, series=[Line(name="Converted", values=rates)], over="exposures")  # fmt: skip


def _noise(ground: Ground) -> Figure | None:
    if "cell_corruptions" not in ground.tables:
        return None
    rows = ground.rows("SELECT noise_type, COUNT(*) FROM cell_corruptions GROUP BY 1 ORDER BY 2 DESC, 1")
    n = sum(int(row[1]) for row in rows)
    return Figure(id="noise", topic="sources", title="Noise by type", says="Share of all changed cells.", kind="ranks", n=n,
                  labels=[derived(row[0]) for row in rows],
                  series=[Line(name="Changed cells", values=[int(row[1]) / max(n, 1) for row in rows])],
                  over="noise type")  # fmt: skip
