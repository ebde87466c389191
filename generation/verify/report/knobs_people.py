"""Settings of households, people and identifiers beside their rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES
from generation.spec.certificate import Knob
from generation.spec.config import (
    DEFAULT_TYPE_SHARES,
    US_HOUSEHOLDER_AGE_SHARES,
    US_INCOME_SHARES,
    US_SIZE_SHARES,
    Households,
)
from generation.spec.labels import derived, label_of
from generation.spec.meaning import size_shares, type_shares
from generation.verify.realism.measure import targets
from generation.verify.report.ground import Ground
from generation.verify.report.knob import ERRORS, exact, judged, mean, share, shown


def _said(setting: str, name: str) -> str:
    return label_of(f"{setting}.{name}")


HEAD_BAND = """CASE WHEN head_age < 25 THEN 0 WHEN head_age < 35 THEN 1 WHEN head_age < 45 THEN 2 WHEN head_age < 55 THEN 3
                    WHEN head_age < 65 THEN 4 WHEN head_age < 75 THEN 5 ELSE 6 END"""
HEAD_BANDS = ("under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 to 74", "75 or over")


def knobs(ground: Ground) -> Iterator[Knob]:
    """All settings of the first two sections."""
    yield from _households(ground)
    yield from _places(ground)
    yield from _surnames(ground)
    yield from _identity(ground)
    yield from _coverage(ground)


def _moves(asked: Households) -> list[str]:
    """The settings that move who lives together away from the published US."""
    changed = {
        "type_shares": asked.type_shares != DEFAULT_TYPE_SHARES,
        "people_per_household": asked.people_per_household is not None,
        "size_shares": asked.size_shares != US_SIZE_SHARES,
        "householder_age_shares": asked.householder_age_shares != US_HOUSEHOLDER_AGE_SHARES,
    }
    return [name for name, is_so in changed.items() if is_so]


def _shares(
    ground: Ground, setting: str, named: dict[str, tuple[str, float | None]], sql: str, slack: float
) -> Iterator[Knob]:
    """A knob a part of a distribution over households: `named` is what each part says and its target, None if it has none."""
    counts = {str(name): int(count) for name, count in ground.rows(sql)}
    n = sum(counts.values())
    for name, (says, target) in named.items():
        found = counts.get(name, 0)
        if target is None:
            yield shown(f"{setting}.{name}", says, found / n if n else None, n, unit="%")
        else:
            yield share(f"{setting}.{name}", says, target, (found, n), slack)


def _households(ground: Ground) -> Iterator[Knob]:
    asked, moved = ground.config.households, _moves(ground.config.households)
    n, average, deviation = ground.one("SELECT COUNT(*), AVG(size), COALESCE(STDDEV_POP(size), 0) FROM home")
    yield exact("households.count", "Households.", asked.count, n, n, "households")
    says, wanted = "Mean people of a household.", asked.people_per_household
    yield (
        mean("households.people_per_household", says, wanted, (average, deviation, n), 0.05, "people")
        if wanted is not None
        else shown("households.people_per_household", f"{says} Follows from the types.", average, n, unit="people")
    )
    kept, promised = set(moved) <= {"type_shares"}, type_shares(ground.config)
    types = {
        name: (
            f"Households of the type: {derived(name).lower()}.",
            target if kept or moved == ["people_per_household"] else None,
        )
        for name, target in promised.items()
    }
    sql = "SELECT household_type, COUNT(*) FROM home GROUP BY 1"
    yield from _shares(ground, "households.type_shares", types, sql, 0.002 if kept else 0.02)
    sizes = {
        str(at): (f"Households of {at + 1}{' or more' if at == 6 else ''}.", target)
        for at, target in enumerate(size_shares(ground.config))
    }
    known = kept or "size_shares" in moved
    sql = "SELECT LEAST(size, 7) - 1, COUNT(*) FROM home GROUP BY 1"
    yield from _shares(ground, "households.size_shares", sizes, sql, 0.01 if known else 0.04)
    is_promised = "householder_age_shares" in moved or not moved
    ages = {
        str(at): (f"Reference people {HEAD_BANDS[at]}.", target if is_promised else None)
        for at, target in enumerate(asked.householder_age_shares)
    }
    sql = f"SELECT {HEAD_BAND}, COUNT(*) FROM home GROUP BY 1"
    yield from _shares(ground, "households.householder_age_shares", ages, sql, 0.01 if moved else 0.03)
    yield from _incomes(ground, is_usual=not moved)


def _incomes(ground: Ground, *, is_usual: bool) -> Iterator[Knob]:
    """Income follows from who lives together, unless shares are asked for."""
    asked = ground.config.households.income_shares
    is_asked = asked != US_INCOME_SHARES
    brackets = {
        name: (
            f"Households with {_said('households.income_shares', name)}.",
            target if is_asked or is_usual else None,
        )
        for name, target in asked.items()
    }
    sql = "SELECT income_bracket, COUNT(*) FROM home GROUP BY 1"
    yield from _shares(ground, "households.income_shares", brackets, sql, 0.01 if is_asked else 0.025)


def _places(ground: Ground) -> Iterator[Knob]:
    asked = ground.config.households
    rows = ground.rows("SELECT state, COUNT(*) FROM home GROUP BY 1")
    counts = {str(name): int(count) for name, count in rows}
    n = sum(counts.values())
    if asked.states:
        outside = sum(count for name, count in counts.items() if name not in asked.states)
        yield exact("households.states", "Households outside the states that were asked for.", 0, outside, n)
    else:
        yield shown("households.states", "States with households; the whole US was asked for.", len(counts), n)
    if asked.state_shares:
        for name, target in asked.state_shares.items():
            says = f"Households in {name}."
            yield share(f"households.state_shares.{name}", says, target, (counts.get(name, 0), n), 0.002)
    else:
        yield _by_population(ground, counts, n)
    if asked.city is None:
        yield shown("households.city", "Cities with households; any was asked for.", _cities(ground), n)
    else:
        elsewhere = ground.one(
            "SELECT COUNT(*) FROM home WHERE city || ', ' || state <> '" + asked.city.replace("'", "''") + "'"
        )[0]
        yield exact("households.city", f"Households outside {asked.city}.", 0, elsewhere, n)


def _cities(ground: Ground) -> int:
    return int(ground.one("SELECT COUNT(DISTINCT city || state) FROM home")[0])


def _by_population(ground: Ground, counts: dict[str, int], n: int) -> Knob:
    """States against their population, by total variation distance; about what chance gives is allowed twice."""
    asked, published = ground.config.households, targets()["state_population"]["share"]
    says = "Distance of the shares of the states from their shares of the population (half the sum of differences)."
    if asked.city is not None or not n:
        return shown("households.state_shares", says, None, n, 0.0)
    wanted = {name: part for name, part in published.items() if not asked.states or name in asked.states}
    total = sum(wanted.values())
    off = sum(abs(counts.get(name, 0) / n - part / total) for name, part in wanted.items()) / 2
    chance = sum(math.sqrt(part / total * (1 - part / total) / n) for part in wanted.values()) * 0.4
    return judged("households.state_shares", says, (0.0, off), 0.005 + 2 * chance + ERRORS / n, n)


def _surnames(ground: Ground) -> Iterator[Knob]:
    asked = ground.config.demographics
    n, same, both = ground.one("""
        SELECT COUNT(*), COUNT(*) FILTER (his = hers), COUNT(*) FILTER (his <> hers AND POSITION('-' IN hers) > 0)
        FROM (SELECT m.last_name AS his, f.last_name AS hers
              FROM individuals AS m
              JOIN individuals AS f ON f.household_id = m.household_id
              JOIN households AS h ON h.household_id = m.household_id
              WHERE m.gender = 'male' AND f.gender = 'female' AND h.household_type LIKE 'married%'
                AND m.relationship IN ('reference_person', 'spouse') AND f.relationship IN ('reference_person', 'spouse'))""")
    says = "Married couples of a man and a woman who have his surname."
    yield share("demographics.wife_takes_surname", says, asked.wife_takes_surname, (same, n), 0.01)
    says = "Married couples of a man and a woman in which she has both surnames."
    yield share("demographics.wife_hyphenates", says, asked.wife_hyphenates, (both, n), 0.005)


def _identity(ground: Ground) -> Iterator[Knob]:
    asked, name = ground.config.demographics.identity, "demographics.identity"
    yield from _emails(ground)
    found = ground.one("SELECT COUNT(*) FILTER (has_phone), COUNT(*) FROM person WHERE age >= 18")
    slack = 0.02 if asked.smartphone_share <= 0.91 else 0.06
    yield share(f"{name}.smartphone_share", "Adults with a smartphone.", asked.smartphone_share, found, slack)
    found = ground.one("SELECT COUNT(*) FILTER (ios), COUNT(*) FROM smartphone")
    yield share(f"{name}.ios_share", "Smartphones that run iOS.", asked.ios_share, found, 0.002)
    for kind, says in (("ctv", "connected TV"), ("tablet", "tablet"), ("computer", "computer")):
        found = ground.one(f"SELECT COUNT(*) FILTER ({kind}s > 0), COUNT(*) FROM home")
        target = getattr(asked, f"{kind}_household_share")
        yield share(f"{name}.{kind}_household_share", f"Households with a {says}.", target, found, 0.002)
    days, n = ground.one("""
        SELECT MEDIAN(EPOCH(until - since) / 86400), COUNT(*) FROM (
            SELECT UNNEST(cookies[:-2]) AS since, UNNEST(cookies[2:]) AS until FROM browser WHERE LEN(cookies) > 1)""")
    says = "Median days between two cookies of a browser, of those that were reset; many are kept for longer than the window."
    yield shown(f"{name}.cookie_lifetime_days", says, days, n, asked.cookie_lifetime_days, "days")
    found = ground.one("SELECT COUNT(*) FILTER (opted_out), COUNT(*) FROM known")
    says = "People with identifiers who opted out in the window."
    yield share(f"{name}.opt_out_share", says, asked.opt_out_share, found, 0.005)


def _emails(ground: Ground) -> Iterator[Knob]:
    """Addresses an adult has and is known by: each address is known by itself."""
    asked = ground.config.demographics.identity
    rows = dict(ground.rows("SELECT LEAST(email, 5), COUNT(*) FROM person WHERE age >= 18 GROUP BY 1"))
    n, known = sum(rows.values()), asked.coverage["email"]
    for k in range(6):
        target = sum(
            part * math.comb(m, k) * known**k * (1 - known) ** (m - k)
            for m, part in enumerate(asked.emails_per_adult)
            if m >= k
        )
        says = f"Adults with {k} known e-mail address{'' if k == 1 else 'es'}."
        yield share(f"demographics.identity.emails_per_adult.{k}", says, target, (rows.get(k, 0), n), 0.002)


HOLDERS: dict[str, tuple[str, str]] = {
    "hashed_email": ("Known addresses with a hash.", "SUM(hashed_email), SUM(email) FROM person"),
    "hashed_email_base64": ("Known addresses with a Base64 hash.", "SUM(hashed_email_base64), SUM(email) FROM person"),
    "phone": ("People of 13 or over with a smartphone whose number is known.",
              "COUNT(*) FILTER (phone > 0), COUNT(*) FROM person WHERE has_phone"),
    "hashed_phone": ("Known numbers with a hash.", "SUM(hashed_phone), SUM(phone) FROM person"),
    "idfa": ("Users of a smartphone with iOS whose advertising id is known.",
             "COUNT(*) FILTER (idfa > 0), COUNT(*) FROM person WHERE ios"),
    "gaid": ("Users of a smartphone with Android whose advertising id is known.",
             "COUNT(*) FILTER (gaid > 0), COUNT(*) FROM person WHERE has_phone AND NOT ios"),
    "ctv_id": ("Connected TVs whose id is known.",
               "COUNT(*) FILTER (device_id IN (SELECT device_id FROM identity_mappings WHERE identifier_type = 'ctv_id')), "
               "COUNT(*) FROM devices WHERE device_type = 'ctv'"),
    "home_ip": ("Homes whose address is known.",
                "COUNT(*) FILTER (known), COUNT(*) FROM (SELECT household_id, MAX(home_ip) > 0 AS known FROM person "
                "WHERE age >= 13 GROUP BY household_id)"),
    "mobile_ip": ("Users of a smartphone whose mobile address is known.",
                  "COUNT(*) FILTER (mobile_ip > 0), COUNT(*) FROM person WHERE has_phone"),
    **{kind: (f"Adults with a {_said('demographics.identity.coverage', kind)}.",
            f"COUNT(*) FILTER ({kind} > 0), COUNT(*) FROM person WHERE age >= 18")
       for kind in ("customer_id", "loyalty_id", "synthetic_rampid", "synthetic_uid2")},
}  # fmt: skip
"""By type: who could have one, and how many of them are known by it."""

BROWSERS = """
    SELECT (SELECT COUNT(*) FROM browser),
           (SELECT SUM(has_phone::INT + (computers > 0)::INT + (tablets > 0)::INT) FROM person WHERE age >= 13)"""


def _coverage(ground: Ground) -> Iterator[Knob]:
    coverage, name = ground.config.demographics.identity.coverage, "demographics.identity.coverage"
    yield _email_coverage(ground)
    for kind in IDENTIFIER_TYPES:
        if kind == "first_party_cookie":
            found = ground.one(BROWSERS)
            says = "Browsers (of a person on a smartphone, computer or tablet) whose cookie is known."
            yield share(f"{name}.{kind}", says, coverage[kind], found, 0.005)
        elif kind in HOLDERS:
            says, sql = HOLDERS[kind]
            found = ground.one(f"SELECT {sql}")
            yield share(f"{name}.{kind}", says, coverage[kind], (int(found[0]), int(found[1])), 0.005)


def _email_coverage(ground: Ground) -> Knob:
    """Addresses that are not known leave no trace: known ones an adult, against those an adult has."""
    asked = ground.config.demographics.identity
    owned = sum(number * part for number, part in enumerate(asked.emails_per_adult))
    average, deviation, n = ground.one(
        "SELECT AVG(email), COALESCE(STDDEV_POP(email), 0), COUNT(*) FROM person WHERE age >= 18"
    )
    says = "Known e-mail addresses of an adult, as a share of those that adults were to have."
    if not owned or not n:
        return shown("demographics.identity.coverage.email", says, None, n, asked.coverage["email"], "%")
    found = (average / owned, deviation / owned, n)
    return mean("demographics.identity.coverage.email", says, asked.coverage["email"], found, 0.005, "%")
