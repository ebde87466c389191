"""Four ways to measure advertising, each beside the truth.

    idgraph generate --preset measurement-confounded --output DATASET
    python examples/measure_campaigns.py DATASET

Reads the tables a data team would have for its estimates, and the truth tables only to say how wrong these are.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import duckdb
from deltalake import DeltaTable

SEEN = ("campaign_assignments", "campaign_exposures", "conversions", "attribution_credits")
TRUTH = ("campaign_effects", "campaign_lift")

PEOPLE = """
SELECT a.campaign_id, a.arm = 'treatment' AS treated, x.individual_id IS NOT NULL AS exposed,
       x.individual_id IS NOT NULL OR a.ghost_impression_at IS NOT NULL AS would_be_exposed, c.individual_id IS NOT NULL AS y
FROM campaign_assignments AS a
LEFT JOIN (SELECT DISTINCT individual_id, campaign_id FROM campaign_exposures) AS x USING (individual_id, campaign_id)
LEFT JOIN conversions AS c USING (individual_id, campaign_id)
"""
"""Every eligible person: the arm, what they saw or would have seen, and whether they converted. No truth in it."""

COMPARISONS = {
    "naive: exposed against unexposed": ("treated AND exposed", "treated AND NOT exposed"),
    "ITT: treatment against holdout": ("treated", "NOT treated"),
    "ATT: exposed against ghost ads": ("treated AND would_be_exposed", "NOT treated AND would_be_exposed"),
}

TRUE_EFFECTS = {
    "naive: exposed against unexposed": "avg(y1 - y0) FILTER (WHERE exposures > 0)",
    "ITT: treatment against holdout": "avg(y1 - y0)",
    "ATT: exposed against ghost ads": "avg(y1 - y0) FILTER (WHERE exposures > 0)",
}


def open_tables(dataset: Path) -> duckdb.DuckDBPyConnection:
    """The dataset's tables as views."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in (*SEEN, *TRUTH):
        folder = dataset / "truth" / name if name in TRUTH else dataset / name
        files = DeltaTable(folder).file_uris()
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r})")
    connection.execute(f"CREATE TABLE people AS {PEOPLE}")
    return connection


def estimate(tables: duckdb.DuckDBPyConnection, one: str, other: str, where: str = "TRUE") -> tuple[float, float]:
    """Difference in conversion rates between two groups and the half width of its 95 % interval."""
    group = "SELECT avg(y::INT), count(*) FROM people WHERE {} AND " + where
    (high, n), (low, m) = (tables.execute(group.format(part)).fetchone() or (0, 1) for part in (one, other))
    return high - low, 1.96 * math.sqrt(high * (1 - high) / n + low * (1 - low) / m)


def experiments(tables: duckdb.DuckDBPyConnection) -> None:
    """All campaigns together: each comparison beside the true effect."""
    print(f"{'estimate, all campaigns':36}{'points':>8}{'95 %':>18}{'truth':>8}  verdict")
    for name, (one, other) in COMPARISONS.items():
        value, half = estimate(tables, one, other)
        ((truth,),) = tables.execute(f"SELECT {TRUE_EFFECTS[name]} FROM campaign_effects").fetchall()
        low, high = 100 * (value - half), 100 * (value + half)
        verdict = "covers the truth" if low <= 100 * truth <= high else "wrong"
        print(f"{name:36}{100 * value:8.2f}{f'{low:.2f} to {high:.2f}':>18}{100 * truth:8.2f}  {verdict}")


def by_campaign(tables: duckdb.DuckDBPyConnection) -> None:
    """The ghost-ad estimate of each campaign beside the naive one and the truth."""
    print(f"\n{'campaign':>10}{'naive':>8}{'ATT':>8}{'95 %':>18}{'truth':>8}")
    effects = "SELECT campaign_id, att FROM campaign_lift WHERE breakdown = 'campaign' ORDER BY campaign_id"
    for campaign, truth in tables.execute(effects).fetchall():
        mine = f"campaign_id = {campaign}"
        naive, _ = estimate(tables, *COMPARISONS["naive: exposed against unexposed"], mine)
        value, half = estimate(tables, *COMPARISONS["ATT: exposed against ghost ads"], mine)
        between = f"{100 * (value - half):.2f} to {100 * (value + half):.2f}"
        print(f"{campaign:>10}{100 * naive:8.2f}{100 * value:8.2f}{between:>18}{100 * truth:8.2f}")


def attribution(tables: duckdb.DuckDBPyConnection) -> None:
    """What each model gives the channels, beside what these caused."""
    caused = "SELECT group_name, sum(incremental_conversions) FROM campaign_lift WHERE breakdown = 'channel' GROUP BY 1"
    truth: dict[str, int] = dict(tables.execute(caused).fetchall())
    credits = tables.execute(
        "SELECT model, channel, sum(weight) FROM attribution_credits WHERE unit = 'person' GROUP BY ALL"
    ).fetchall()
    given = {(model, channel): weight for model, channel, weight in credits}
    models = sorted({model for model, _ in given})
    print(f"\n{'conversions by channel':24}{'caused':>8}" + "".join(f"{model:>16}" for model in models))
    for channel in sorted(truth):
        print(
            f"{channel:24}{truth[channel]:8}" + "".join(f"{given.get((model, channel), 0):16.1f}" for model in models)
        )
    totals = [sum(weight for (model, _), weight in given.items() if model == name) for name in models]
    print(f"{'all':24}{sum(truth.values()):8}" + "".join(f"{total:16.1f}" for total in totals))
    touched = "SELECT unit, count(DISTINCT conversion_id) FROM attribution_credits GROUP BY 1"
    units: dict[str, int] = dict(tables.execute(touched).fetchall())
    print(
        f"  Of all conversions {units['person']} follow a touch of the person, {units['household']} one of somebody at home."
    )
    if not sum(truth.values()):
        print("  Nothing was caused: every credit is for what would have happened anyway.")
        return
    for name, total in zip(models, totals, strict=True):
        wrong = sum(abs(given.get((name, c), 0) / total - truth[c] / sum(truth.values())) for c in truth) / 2
        print(f"  {name}: {100 * wrong:.1f} % of its credit is with the wrong channel")


def main() -> int:
    """Prints the comparison; exit 2 without a dataset."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "truth" / "campaign_effects").is_dir():
        print(
            "usage: measure_campaigns.py DATASET, made with campaigns.measurement.enabled and campaigns.attribution.enabled"
        )
        return 2
    tables = open_tables(Path(sys.argv[1]))
    experiments(tables)
    by_campaign(tables)
    attribution(tables)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
