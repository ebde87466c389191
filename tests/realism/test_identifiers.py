"""Identifiers by judges of their own: the standard library, `phonenumbers`, and hashes made again in plain Python."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import uuid
from collections import defaultdict

import duckdb
import phonenumbers
import pytest

from generation.spec.catalog.identity_mappings import IDENTIFIER_TYPES

RESERVED_NAMES = ("example", "test", "invalid", "localhost")
RESERVED_NETWORKS = [ipaddress.ip_network(n) for n in ("10.0.0.0/8", "100.64.0.0/10", "198.18.0.0/15", "2001:db8::/32")]


@pytest.fixture(scope="module")
def values(rows: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """All values, by type."""
    found: dict[str, list[str]] = defaultdict(list)
    for kind, value in rows.execute("SELECT identifier_type, identifier_value FROM identity_mappings").fetchall():
        found[kind].append(value)
    return found


def test_every_declared_type_of_identifier_occurs(values: dict[str, list[str]]) -> None:
    assert set(values) == set(IDENTIFIER_TYPES)


def test_no_email_address_is_in_a_domain_that_can_exist(values: dict[str, list[str]]) -> None:
    assert {v.rpartition(".")[2] for v in values["email"]} <= set(RESERVED_NAMES)
    assert [v for v in values["email"] if not re.fullmatch(r"[a-z0-9.]{3,64}@[a-z]+\.example", v)] == []


def test_every_phone_number_is_possible_in_the_us_and_assigned_to_nobody(values: dict[str, list[str]]) -> None:
    numbers = [(v, phonenumbers.parse(v)) for v in values["phone"][:20_000]]
    wrong = [v for v, n in numbers if not phonenumbers.is_possible_number(n) or phonenumbers.is_valid_number(n)]
    assert wrong == []
    assert {n.country_code for _, n in numbers} == {1}
    assert all(phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) == v for v, n in numbers[:2_000])


@pytest.mark.parametrize("kind", ["idfa", "gaid", "first_party_cookie", "ctv_id"])
def test_every_device_identifier_is_a_uuid_that_no_device_makes(kind: str, values: dict[str, list[str]]) -> None:
    parsed = [(v, uuid.UUID(v)) for v in values[kind]]
    assert {u.variant for _, u in parsed} == {uuid.RFC_4122}
    # Version 8 is for custom use; devices hand out version 4.
    assert {u.hex[12] for _, u in parsed} == {"8"}
    assert all(v == (str(u).upper() if kind == "idfa" else str(u)) for v, u in parsed)


@pytest.mark.parametrize("kind", ["home_ip", "mobile_ip"])
def test_every_address_is_in_a_network_that_is_not_routed(kind: str, values: dict[str, list[str]]) -> None:
    for value in set(values[kind]):
        address = ipaddress.ip_address(value)
        assert not address.is_global
        assert any(address in network for network in RESERVED_NETWORKS), value


def test_every_hash_is_that_of_a_plain_value_of_the_same_person(rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.execute("""
        SELECT individual_id, identifier_type, identifier_value FROM identity_mappings
        WHERE identifier_type IN ('email', 'phone', 'hashed_email', 'hashed_email_base64', 'hashed_phone')""").fetchall()
    made: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for person, kind, value in found:
        digest = hashlib.sha256(value.strip().lower().encode()).digest()
        if kind == "email":
            made["hashed_email"].add((person, digest.hex()))
            made["hashed_email_base64"].add((person, base64.b64encode(digest).decode()))
        elif kind == "phone":
            made["hashed_phone"].add((person, base64.b64encode(digest).decode()))
    for kind in ("hashed_email", "hashed_email_base64", "hashed_phone"):
        hashes = {(person, value) for person, name, value in found if name == kind}
        assert hashes and hashes <= made[kind]


def test_only_declared_types_are_shared(rows: duckdb.DuckDBPyConnection) -> None:
    shared = rows.execute("""
        SELECT DISTINCT identifier_type FROM (
            SELECT identifier_type FROM identity_mappings
            GROUP BY identifier_type, identifier_value HAVING COUNT(DISTINCT individual_id) > 1)""").fetchall()
    assert {row[0] for row in shared} <= {"ctv_id", "home_ip", "mobile_ip"}


def test_a_home_address_has_one_home_at_a_time_and_homes_change_theirs(rows: duckdb.DuckDBPyConnection) -> None:
    leases = rows.execute("""
        SELECT DISTINCT identifier_value, individual_id // 16, first_seen FROM identity_mappings
        WHERE identifier_type = 'home_ip'""").fetchall()
    homes: dict[str, set[int]] = defaultdict(set)
    for value, home, _ in leases:
        homes[value].add(home)
    assert max(map(len, homes.values())) == 1
    assert len(leases) > 1.5 * len({home for _, home, _ in leases})


@pytest.mark.parametrize("kind", ["idfa", "gaid", "first_party_cookie", "home_ip"])
def test_epochs_of_one_identifier_follow_each_other_without_overlap(kind: str, rows: duckdb.DuckDBPyConnection) -> None:
    gaps = rows.execute(f"""
        SELECT first_seen - LAG(last_seen) OVER (PARTITION BY mapping_id // 64 ORDER BY mapping_id) AS gap
        FROM identity_mappings WHERE identifier_type = '{kind}'
        QUALIFY gap IS NOT NULL AND gap <> INTERVAL 1 SECOND""").fetchall()
    assert gaps == []


def test_about_a_tenth_of_the_phones_change_their_advertising_id_in_a_quarter(rows: duckdb.DuckDBPyConnection) -> None:
    share = rows.execute("""
        SELECT AVG((k > 1)::INT) FROM (SELECT COUNT(*) AS k FROM identity_mappings
        WHERE identifier_type IN ('idfa', 'gaid') AND opted_out_at IS NULL GROUP BY individual_id)""").fetchall()[0][0]
    # Replacement after 34 months (Weibull, shape 1.3) and resets of 8% a year.
    assert 0.08 < share < 0.25


def test_younger_people_have_more_gmail_like_addresses(rows: duckdb.DuckDBPyConnection) -> None:
    young, old = rows.execute("""
        SELECT AVG((identifier_value LIKE '%@gm.example')::INT) FILTER (age BETWEEN 18 AND 34),
               AVG((identifier_value LIKE '%@gm.example')::INT) FILTER (age >= 65)
        FROM identity_mappings JOIN individuals USING (individual_id) WHERE identifier_type = 'email'""").fetchall()[0]
    assert young == pytest.approx(0.72, abs=0.01)
    assert old == pytest.approx(0.32, abs=0.01)
