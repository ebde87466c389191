"""Identifiers and devices: how many people have, how long they last, and that they can belong to nobody."""

from __future__ import annotations

import duckdb

from generation.spec.config import Config, Identity
from generation.verify.realism.measure import Measure, counted, most, near, none, shares, spread, targets, wanted_share

UUID = "'^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'"

FORMATS = {
    "email": "regexp_full_match(v, '[a-z0-9._+-]+@[a-z]+[.]example')",
    "hashed_email": "regexp_full_match(v, '[0-9a-f]{64}')",
    "hashed_email_base64": "regexp_full_match(v, '[A-Za-z0-9+/]{43}=')",
    "phone": "regexp_full_match(v, '[+]1[2-9]9[0-9][2-9][0-9]{6}')",
    "hashed_phone": "regexp_full_match(v, '[A-Za-z0-9+/]{43}=')",
    "idfa": f"v = upper(v) AND regexp_matches(lower(v), {UUID})",
    "gaid": f"regexp_matches(v, {UUID})",
    "first_party_cookie": f"regexp_matches(v, {UUID})",
    "ctv_id": f"regexp_matches(v, {UUID})",
    "home_ip": "regexp_full_match(v, '10([.][0-9]{1,3}){3}|2001:0db8(:[0-9a-f]{4}){6}')",
    "mobile_ip": "regexp_full_match(v, '100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])([.][0-9]{1,3}){2}')",
    "customer_id": "regexp_full_match(v, 'C[0-9]{11}')",
    "loyalty_id": "regexp_full_match(v, 'L[0-9]{11}')",
    "synthetic_rampid": "regexp_full_match(v, 'SYN-XY[0-9a-f]{43}')",
    "synthetic_uid2": "regexp_full_match(v, 'SYN-[A-Za-z0-9+/]{43}=')",
}
"""What a value of each type looks like when it follows its published format in a range that is assigned to nobody."""

SHARED = ("ctv_id", "home_ip", "mobile_ip")
"""Types whose values several people have by declaration: a household's devices and network addresses."""


def measures(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Every comparison of identifiers and devices."""
    return [
        *_emails(connection, config), *_devices(connection, config), *_cookies(connection, config), _formats(connection),
        _uniqueness(connection), _hashes(connection), *_opt_outs(connection),
    ]  # fmt: skip


def _emails(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    wanted = targets()["emails"]
    rows = connection.execute("""
        SELECT LEAST(COALESCE(k, 0), 5), COUNT(*)
        FROM (SELECT individual_id FROM person WHERE age >= 18) AS p
        LEFT JOIN (SELECT individual_id, COUNT(*) AS k FROM identity_mappings WHERE identifier_type = 'email' GROUP BY 1) AS e
        USING (individual_id) GROUP BY 1""").fetchall()
    found = counted(rows, range(6))
    mean = sum(at * share for at, share in enumerate(shares(found)))
    settings = config.demographics.identity
    if settings.coverage["email"] < 1:
        return []
    asked = settings.emails_per_adult
    share, source = wanted_share(asked, Identity().emails_per_adult, "emails")
    middle = wanted["mean"] if source == wanted["source"] else sum(at * part for at, part in enumerate(asked))
    return [
        near("identity", "e-mail addresses an adult", mean, middle, 0.05, round(sum(found)), source),
        spread("identity", "adults with 0 to 5 e-mail addresses", found, share, 0.01, source),
    ]  # fmt: skip


def _devices(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    wanted = targets()["devices"]
    phones, adults = connection.execute("""
        SELECT AVG((d.individual_id IS NOT NULL)::INT), COUNT(*) FROM person AS p
        LEFT JOIN (SELECT DISTINCT individual_id FROM devices WHERE device_type = 'smartphone') AS d USING (individual_id)
        WHERE p.age >= 18""").fetchall()[0]
    rows = connection.execute("""
        SELECT LEAST(COALESCE(k, 0), 8), COUNT(*) FROM home LEFT JOIN
        (SELECT household_id, COUNT(*) AS k FROM devices WHERE device_type = 'ctv' GROUP BY 1) USING (household_id)
        GROUP BY 1""").fetchall()
    found = counted(rows, range(9))
    homes, some = sum(found), sum(found[1:])
    source, asked = wanted["source"], config.demographics.identity
    some_tv = asked.ctv_household_share
    spread_tv = [1 - some_tv, *(part / sum(wanted["ctv"][1:]) * some_tv for part in wanted["ctv"][1:])]
    return [
        near("identity", "adults with a smartphone", phones, asked.smartphone_share, 0.02, adults, source),
        near("identity", "households with a connected TV", some / homes, some_tv, 0.02, round(homes), source),
        near("identity", "of those, with three or more", sum(found[3:]) / max(some, 1), wanted["three_ctv"], 0.02,
             round(some), source),
        spread("identity", "connected TVs a household", found, spread_tv, 0.01, source),
    ]  # fmt: skip


def _cookies(connection: duckdb.DuckDBPyConnection, config: Config) -> list[Measure]:
    """Browsers by how often their cookie was reset in the last 30 days; people who opted out are left out."""
    wanted = targets()["cookies"]
    usual = config.demographics.identity.cookie_lifetime_days == Identity().cookie_lifetime_days
    if not usual or config.engagement.history_days < 30:
        return []
    rows = connection.execute(f"""
        WITH browser AS (
            SELECT individual_id, device_id, COUNT(*) - 1 AS resets
            FROM identity_mappings
            WHERE identifier_type = 'first_party_cookie' AND opted_out_at IS NULL
              AND last_seen >= TIMESTAMP '{config.output.as_of}' - INTERVAL 30 DAY
            GROUP BY 1, 2)
        SELECT CASE WHEN resets = 0 THEN 0 WHEN resets <= 4 THEN 1 ELSE 2 END, COUNT(*) FROM browser GROUP BY 1""").fetchall()
    found = counted(rows, range(3))
    off = {
        name: abs(a - b)
        for name, a, b in zip(("never", "1 to 4 times", "more often"), shares(found), wanted["share"], strict=True)
    }
    return [most("identity", "cookie resets of a browser in 30 days, largest difference", off, 0.03, round(sum(found)),
                 wanted["source"])]  # fmt: skip


def _formats(connection: duckdb.DuckDBPyConnection) -> Measure:
    cases = " ".join(f"WHEN '{kind}' THEN {rule}" for kind, rule in FORMATS.items())
    wrong, n = connection.execute(f"""
        SELECT SUM((NOT CASE identifier_type {cases} ELSE FALSE END)::INT), COUNT(*)
        FROM (SELECT identifier_type, identifier_value AS v FROM identity_mappings)""").fetchall()[0]
    says = "identifiers outside their published format and reserved ranges"
    return none("identity", says, int(wrong), n, "RFC 2606, 6598, 1918, 9562; N9X area codes; UID2 normalisation")


def _uniqueness(connection: duckdb.DuckDBPyConnection) -> Measure:
    shared = ", ".join(f"'{kind}'" for kind in SHARED)
    wrong, n = connection.execute(f"""
        SELECT COALESCE(SUM(extra), 0), SUM(k) FROM (
            SELECT COUNT(*) AS k, COUNT(DISTINCT individual_id) - 1 AS extra FROM identity_mappings
            WHERE identifier_type NOT IN ({shared}) GROUP BY HASH(identifier_type, identifier_value))""").fetchall()[0]
    return none("identity", "identifiers of two people, other than shared ones", int(wrong), int(n), "declared sharing")


def _hashes(connection: duckdb.DuckDBPyConnection) -> Measure:
    wrong, n = connection.execute("""
        WITH plain AS (
            SELECT individual_id, identifier_type AS kind, sha256(identifier_value) AS digest FROM identity_mappings
            WHERE identifier_type IN ('email', 'phone')),
        known AS (
            SELECT individual_id, 'hashed_email' AS kind, digest AS v FROM plain WHERE kind = 'email'
            UNION ALL SELECT individual_id, 'hashed_email_base64', base64(unhex(digest)) FROM plain WHERE kind = 'email'
            UNION ALL SELECT individual_id, 'hashed_phone', base64(unhex(digest)) FROM plain WHERE kind = 'phone')
        SELECT SUM((known.v IS NULL)::INT), COUNT(*) FROM identity_mappings AS m
        LEFT JOIN known ON known.individual_id = m.individual_id AND known.kind = m.identifier_type
                       AND known.v = m.identifier_value
        WHERE m.identifier_type LIKE 'hashed%'""").fetchall()[0]
    return none("identity", "hashes that are not those of a plain value of the person", int(wrong or 0), n,
                "UID2 normalisation and encoding; SHA-256")  # fmt: skip


USES = {
    "events": ("content_engagements", "consent_measurement"),
    "exposures": ("campaign_exposures", "consent_advertising"),
}


def _opt_outs(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    found = []
    for name, (table, consent) in USES.items():
        late, refused, n = connection.execute(f"""
            SELECT COALESCE(SUM((u.timestamp >= m.opted_out_at)::INT), 0),
                   COALESCE(SUM((m.opted_out_at IS NULL AND NOT m.{consent})::INT), 0), COUNT(*)
            FROM {table} AS u JOIN identity_mappings AS m USING (mapping_id)""").fetchall()[0]
        found += [
            none("identity", f"{name} that use an identifier after its opt-out", int(late), n, "consent"),
            none("identity", f"{name} that use an identifier without {consent}", int(refused), n, "consent"),
        ]
    return found
