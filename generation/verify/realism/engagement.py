"""Engagement: how unequal people are, how popular titles are, when devices are used, and what is derived from it."""

from __future__ import annotations

import datetime as dt
import math

import duckdb

from generation.spec.config import Config
from generation.verify.realism.measure import Measure, between, counted, distance, most, near, shares, targets

DEVICES = ("ctv", "smartphone", "computer", "tablet")


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Every comparison of engagement; none without events."""
    if not config.engagement.events_per_person_month:
        return []
    return [
        *_activity(connection), *_popularity(connection, config), *_times(connection, config), *_months(connection, config),
    ]  # fmt: skip


def _activity(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    wanted = targets()["activity"]
    sd, n = connection.execute("""
        SELECT STDDEV_SAMP(LN(k)), COUNT(*) FROM (SELECT COUNT(*) AS k FROM content_engagements GROUP BY individual_id)
        """).fetchall()[0]
    gini = connection.execute("""
        SELECT SUM((2 * place - n - 1) * k) / (n * SUM(k)) FROM (
            SELECT k::DOUBLE AS k, ROW_NUMBER() OVER (ORDER BY k) AS place, COUNT(*) OVER () AS n
            FROM (SELECT COUNT(*) AS k FROM content_engagements GROUP BY individual_id)) GROUP BY n""").fetchall()[0][0]
    return [
        between("engagement", "standard deviation of log events a person", sd, tuple(wanted["log_sd"]), n, wanted["source"]),
        between("engagement", "Gini coefficient of events a person", gini, tuple(wanted["gini"]), n, wanted["source"]),
    ]  # fmt: skip


def _popularity(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    wanted, settings = targets()["activity"], config.engagement
    rows = connection.execute("SELECT COUNT(*) FROM content_engagements GROUP BY content_id ORDER BY 1 DESC").fetchall()
    counts = [row[0] for row in rows]
    total = sum(counts)
    top = sum(counts[: max(settings.titles // 10, 1)]) / total
    found = [
        between("engagement", "share of events of the top tenth of titles", top, tuple(wanted["top_decile"]), total,
                wanted["source"]),
    ]  # fmt: skip
    if len(counts) < 1_000:
        return found
    by_rank = list(enumerate(counts, 1))[9:1_000]
    slope = _slope([(math.log(rank), math.log(count)) for rank, count in by_rank])
    fitted = _exponent([count for _, count in by_rank], settings.popularity_offset)
    return [
        *found,
        between("engagement", "rank-size slope, ranks 10 to 1000", slope, tuple(wanted["slope"]), total, wanted["source"]),
        near("engagement", "Zipf-Mandelbrot exponent by maximum likelihood, ranks 10 to 1000", fitted,
             settings.popularity_exponent, 0.05, total, "engagement.popularity_exponent"),
    ]  # fmt: skip


def _slope(points: list[tuple[float, float]]) -> float:
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def _exponent(counts: list[int], offset: float) -> float:
    """The exponent under which the counts of ranks 10 upwards are likeliest, the offset given."""
    logs = [math.log(rank + offset) for rank in range(10, 10 + len(counts))]
    mean = sum(count * at for count, at in zip(counts, logs, strict=True)) / sum(counts)
    low, high = 0.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        weights = [math.exp(-middle * at) for at in logs]
        expected = sum(w * at for w, at in zip(weights, logs, strict=True)) / sum(weights)
        low, high = (middle, high) if expected > mean else (low, middle)
    return (low + high) / 2


def _times(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Local hours of working days, and days of the week over whole weeks."""
    hours, days = targets()["hours"], targets()["weekdays"]
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE local_times AS
        SELECT d.device_type AS device, HOUR(moment) AS hour, ISODOW(moment) - 1 AS day, COUNT(*) AS k
        FROM (SELECT e.device_id, (e.timestamp AT TIME ZONE 'UTC') AT TIME ZONE p.time_zone AS moment
              FROM (SELECT device_id, individual_id, timestamp::TIMESTAMP AS timestamp FROM content_engagements) AS e
              JOIN person AS p USING (individual_id)) JOIN devices AS d USING (device_id)
        GROUP BY ALL""")
    rows = connection.execute("SELECT device, hour, day, k FROM local_times").fetchall()
    apart, alike, week, total = {}, {}, {}, 0
    for device in DEVICES:
        mine = [row for row in rows if row[0] == device]
        curve = _summed([(row[1], row[3]) for row in mine if row[2] < 5], 24)
        apart[device] = distance(curve, hours["share"][device])
        alike[device] = 1 - _correlation(shares(curve), hours["share"][device])
        week[device] = distance(_per_day(_summed([(row[2], row[3]) for row in mine], 7), config), days["share"][device])
        total += sum(row[3] for row in mine)
    return [
        most("engagement", "local hour of working days by device, largest TVD", apart, 0.02, total, hours["source"]),
        most("engagement", "local hour by device, largest 1 - r", alike, 0.02, total, hours["source"]),
        most("engagement", "day of the week by device, largest TVD", week, 0.01, total, days["source"]),
    ]  # fmt: skip


def _summed(pairs: list[tuple[int, int]], size: int) -> list[float]:
    found: dict[int, float] = {}
    for at, count in pairs:
        found[at] = found.get(at, 0.0) + count
    return counted(list(found.items()), range(size))


def _per_day(counts: list[float], config: Config) -> list[float]:
    """Counts by weekday divided by how often the weekday occurs in the window, weighted by its month's activity."""
    index = targets()["months"]["index"]
    weight = [0.0] * 7
    for date in _dates(config):
        weight[date.weekday()] += index[date.month - 1]
    return [count / max(w, 1e-9) for count, w in zip(counts, weight, strict=True)]


def _dates(config: Config) -> list[dt.date]:
    return [config.window_start + dt.timedelta(days=day) for day in range(config.engagement.history_days)]


def _correlation(a: list[float], b: list[float]) -> float:
    x, y = sum(a) / len(a), sum(b) / len(b)
    over = sum((p - x) * (q - y) for p, q in zip(a, b, strict=True))
    return over / (sum((p - x) ** 2 for p in a) * sum((q - y) ** 2 for q in b)) ** 0.5


def _months(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Events a day of each whole month against the published index, both relative to the window's mean."""
    wanted = targets()["months"]
    rows = connection.execute("""
        SELECT YEAR(day), MONTH(day), COUNT(DISTINCT day), SUM(k)::DOUBLE FROM (
            SELECT timestamp::TIMESTAMP::DATE AS day, COUNT(*) AS k FROM content_engagements GROUP BY 1) GROUP BY ALL""").fetchall()
    whole = [row for row in rows if row[2] >= 28]
    if len(whole) < 2:
        return []
    rate = {f"{row[0]}-{row[1]:02}": row[3] / row[2] for row in whole}
    index = {f"{row[0]}-{row[1]:02}": wanted["index"][row[1] - 1] for row in whole}
    scale = sum(rate.values()) / sum(index.values())
    off = {name: abs(value / scale - index[name]) for name, value in rate.items()}
    return [most("engagement", "month index, largest difference", off, 0.03, round(sum(r[3] for r in whole)),
                 wanted["source"])]  # fmt: skip
