"""Fits the factors of `generation/reference/income.json`: python scripts/calibrate_income.py DATASET [--write]

Published are the brackets by age of the householder, by earners and by size, but not by all three together. This rakes
the table by age and type, tilted by education, until a generated dataset's households have the published brackets in
each of the three. The dataset gives how often each combination occurs; its own incomes are not read.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import duckdb
import numpy as np
from deltalake import DeltaTable

INCOME = Path(__file__).parents[1] / "generation" / "reference" / "income.json"
AGES = ("under_25", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")
GROUPS = ("single", "married", "lone_parent", "other")
LEVELS = ("less_than_9th_grade", "high_school", "some_college", "bachelor", "graduate")
MARGINS = {"by_earners": (2, "by_earners", ("0", "1", "2", "3")), "by_size": (3, "by_size", tuple("1234567")),
           "by_age": (0, "by_householder_age", AGES)}  # fmt: skip
"""Of every margin: its axis, its table and its rows. The last one is met exactly."""
ROUNDS = 200

CELLS = """
    SELECT CASE WHEN age < 25 THEN 0 WHEN age < 35 THEN 1 WHEN age < 45 THEN 2 WHEN age < 55 THEN 3 WHEN age < 65 THEN 4
                WHEN age < 75 THEN 5 ELSE 6 END,
           CASE WHEN kind = 'single_person' THEN 0 WHEN kind LIKE 'married%' THEN 1 WHEN kind LIKE 'lone_parent%' THEN 2
                ELSE 3 END,
           earners, LEAST(size, 7) - 1,
           CASE WHEN school IN ('less_than_9th_grade', 'some_high_school') THEN 0 WHEN school = 'high_school' THEN 1
                WHEN school IN ('some_college', 'associate') THEN 2 WHEN school = 'bachelor' THEN 3 ELSE 4 END, COUNT(*)
    FROM (SELECT MAX(age) FILTER (relationship = 'reference_person') AS age,
                 MAX(education) FILTER (relationship = 'reference_person') AS school, ANY_VALUE(size) AS size,
                 ANY_VALUE(household_type) AS kind,
                 LEAST(3, COUNT(*) FILTER (employment IN ('full_time', 'part_time', 'self_employed', 'armed_forces'))) AS earners
          FROM individuals JOIN households USING (household_id) GROUP BY household_id)
    GROUP BY ALL"""


def weights(root: Path) -> np.ndarray:
    """Households by age, type, earners, size and education."""
    connection = duckdb.connect()
    for name in ("individuals", "households"):
        folder = root / name
        files = DeltaTable(folder).file_uris() if (folder / "_delta_log").is_dir() else [f"{folder}/*.parquet"]
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r})")
    found = np.zeros((7, 4, 4, 7, 5))
    for *cell, count in connection.execute(CELLS).fetchall():
        found[tuple(cell)] = count
    return found / found.sum()


def table(income: dict, name: str, rows: tuple[str, ...]) -> np.ndarray:
    """A published table of brackets."""
    shares = np.array([income[name][row]["share"] for row in rows])
    return shares / shares.sum(axis=1, keepdims=True)


def start(income: dict) -> np.ndarray:
    """Brackets by age and type, tilted by education: age, type, 1, 1, level, bracket."""
    by_type = income["by_householder_age_and_type"]
    rows = [[by_type[a][g if g in by_type[a] else "other"]["share"] for g in GROUPS] for a in AGES]
    tilt = np.array([income["education_tilt"][level] for level in LEVELS])
    odds = np.exp(tilt[:, None] * (np.arange(9) - 4) / 4)
    return np.array(rows)[:, :, None, None, None, :] * odds


def along(axis: int, factors: np.ndarray) -> np.ndarray:
    """Factors of one margin in the shape of all cells."""
    shape = [1] * 6
    shape[axis], shape[5] = factors.shape
    return factors.reshape(shape)


def fitted(income: dict, counts: np.ndarray) -> dict[str, np.ndarray]:
    """The factors of every margin."""
    wanted = {name: table(income, source, rows) for name, (_, source, rows) in MARGINS.items()}
    factors = {name: np.ones_like(rows) for name, rows in wanted.items()}
    for _ in range(ROUNDS):
        for name, (axis, _, _) in MARGINS.items():
            model = start(income)
            for other, (at, _, _) in MARGINS.items():
                model = model * along(at, factors[other])
            model = model / model.sum(axis=5, keepdims=True) * counts[..., None]
            found = model.sum(axis=tuple(a for a in range(5) if a != axis))
            factors[name] = factors[name] * wanted[name] / (found / found.sum(axis=1, keepdims=True))
            factors[name] /= factors[name].mean(axis=1, keepdims=True)
    _report(income, factors, counts, wanted)
    return _levelled(factors)


def _levelled(factors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same products with the level of each bracket in the factors by age alone."""
    ages = factors["by_age"]
    for name in ("by_earners", "by_size"):
        level = np.exp(np.log(factors[name]).mean(axis=0, keepdims=True))
        factors[name], ages = factors[name] / level, ages * level
    return {**factors, "by_age": ages / ages.mean(axis=1, keepdims=True)}


def _report(income: dict, factors: dict, counts: np.ndarray, wanted: dict) -> None:
    model = start(income)
    for name, (axis, _, _) in MARGINS.items():
        model = model * along(axis, factors[name])
    model = model / model.sum(axis=5, keepdims=True) * counts[..., None]
    for name, (axis, _, _) in MARGINS.items():
        found = model.sum(axis=tuple(a for a in range(5) if a != axis))
        found = found / found.sum(axis=1, keepdims=True)
        print(name, "TVD", np.round(np.abs(found - wanted[name]).sum(axis=1) / 2, 4))
    total = np.array(income["all_households"]["derived_2024"]["share"])
    print("all", round(float(np.abs(model.sum(axis=(0, 1, 2, 3, 4)) - total / total.sum()).sum() / 2), 4))


def conditionals(counts: np.ndarray) -> dict[str, list]:
    """Shares of 0 to 3 earners by age, type and size, and of the levels of education by age and type."""
    earners, levels = counts.sum(axis=4).swapaxes(2, 3), counts.sum(axis=(2, 3))
    return {"earners": _rounded(earners), "education": _rounded(levels)}


def _rounded(counts: np.ndarray) -> list:
    """Rows as shares of four decimals; a combination that never occurs has even ones."""
    total = counts.sum(axis=-1, keepdims=True)
    rows = np.where(total > 0, counts / np.where(total > 0, total, 1), 1 / counts.shape[-1])
    return np.round(rows, 4).tolist()


def main() -> None:
    """Prints how near the factors come, and writes them where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    income = json.loads(INCOME.read_text(encoding="utf-8"))
    factors = fitted(income, weights(options.dataset))
    income["factors"] = {
        name: {row: [float(f"{v:.5g}") for v in values] for row, values in zip(MARGINS[name][2], factors[name], strict=True)}
        for name in MARGINS
    }  # fmt: skip
    income["cells"] = conditionals(weights(options.dataset))
    if options.write:
        text = json.dumps(income, indent=2)
        text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s*\n\s*", " ", m.group(1)) + "]", text)
        INCOME.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
