"""Source records with their truth: what a perfect source would hold, what this one holds, and why they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import label
from generation.engine.context import Engine
from generation.engine.lifetime import Lifetime
from generation.engine.permute import permuted
from generation.entities.identifier_values import device_uuid, dotted
from generation.entities.identifiers import DAY, PHONE_COOKIE, window_seconds, with_lifetimes
from generation.noise.persons import persons
from generation.noise.registry import CHANGES, possible
from generation.spec.config import Sources
from generation.spec.sources import HOME, NAMED, NOISE, PROFILES, SOURCES, VALUE_COLUMNS

RECORD_BITS = 44
PARTS = 2
RECORDS = 32
"""Records of a person: three of each source, numbered source * 4 + repeat."""

DEFAULT_DATES = ("1900-01-01", "1970-01-01", "1980-01-01")
HOTELS, HOMES_PER_GATEWAY, HOMES_PER_FIRM = 1_024, 32, 64
TINY = 1e-12
ROLES = ("info", "office", "sales", "contact")


KEPT = (
    "source", "captured_on", "individual_id", "household_id", "twins", "juniors", "moved_and_renamed", "true_first_name",
    "true_last_name", "true_postal_code",
)  # fmt: skip
CLEAN, WHY = "clean_", "why_"


@dataclass(frozen=True)
class Way:
    """One way for a cell to be wrong: its name, its share of such cells (a column), and the value it brings."""

    name: str
    share: Column
    value: Column


@dataclass(frozen=True)
class Cell:
    """The cells of a column and all ways for them to be wrong: because of the record as a whole, which is as probable as
    `taken`, because of a hard case, or by noise of some kind.
    """

    column: str
    whole: tuple[Way, ...]
    taken: Column
    cases: tuple[Way, ...]
    kinds: tuple[Way, ...]

    @property
    def ways(self) -> tuple[Way, ...]:
        """All of them, first what goes before."""
        return (*self.whole, *self.cases, *self.kinds)

    def share(self, way: str = "") -> Column:
        """How probable noise of any kind is, or one way, once that is a column."""
        return F.col(self.named("share", way))

    def named(self, what: str, way: str = "") -> str:
        """The name of a column that helps to make this one."""
        return f"_{what} {self.column} {way}"


def records(engine: Engine, households: DataFrame, people: DataFrame) -> DataFrame:
    """One row a record: record_id, source, captured_on, individual_id, household_id, twins, juniors, moved_and_renamed,
    true names and ZIP code; for each value column the noisy `<column>`, the clean `clean_<column>` and
    the `why_<column>`, null where they agree.
    """
    frame = _with_records(engine, persons(engine, households, people))
    frame = _with_clean_values(frame)
    frame = _with_record_decisions(engine, frame)
    cells = [_cell(engine, column) for column in VALUE_COLUMNS]
    frame = engine.by_parts("noise", frame, "raw", cells, lambda frame, cells: _with_noise(engine, frame, cells))
    record = permuted(engine.draws, "record", F.col("raw"), RECORD_BITS).alias("record_id")
    return frame.select(record, *KEPT, *(f"{part}{column}" for column in VALUE_COLUMNS for part in ("", CLEAN, WHY)))


def _settings(engine: Engine) -> Sources:
    return engine.config.demographics.sources


def _with_records(engine: Engine, frame: DataFrame) -> DataFrame:
    """One row a record, with `raw` (the key of its draws), source and captured_on."""
    person, settings = F.col("individual_id"), _settings(engine)
    numbers = [
        F.array(*(F.lit(number * 4 + repeat).cast("bigint") for repeat in range(3))) for number in range(len(SOURCES))
    ]
    nothing = F.array().cast("array<bigint>")
    frame = frame.withColumn("_sure", _is_sure(engine))
    wanted = [
        F.when(_is_known(engine, source), own).otherwise(nothing) for source, own in zip(SOURCES, numbers, strict=True)
    ]
    frame = frame.withColumn("_number", F.explode(F.concat(*wanted))).drop("_sure")
    frame = frame.withColumn("raw", person * RECORDS + F.col("_number"))
    repeat = F.pmod(F.col("_number"), F.lit(4))
    source = F.floor(F.col("_number") / 4).cast("bigint")
    frame = frame.withColumn("_again", engine.draws.uniform("repeated record", person, source)).withColumn(
        "_source", source
    )
    again = F.col("_again")
    often = F.when(again < settings.repeat_share**2, 2).when(again < settings.repeat_share, 1).otherwise(0)
    frame = frame.filter(repeat <= often)
    days = F.lit(0)
    for number, source in enumerate(SOURCES):
        days = F.when(F.col("_source") == number, PROFILES[source].days).otherwise(days)
    frame = frame.withColumn("_ago", engine.draws.integer("captured", days, F.col("raw")) + 1)
    ago = F.col("_ago")
    frame = frame.withColumn("captured_on", F.date_sub(F.lit(engine.config.output.as_of), ago.cast("int")))
    frame = frame.withColumn("source", label(F.col("_source"), SOURCES)).drop("_number", "_source", "_again")
    return _with_cookie(engine, frame, ago).drop("_ago")


def _with_cookie(engine: Engine, frame: DataFrame, ago: Column) -> DataFrame:
    """With the cookie that the phone's browser had on the day."""
    person, second = F.col("individual_id"), F.greatest(F.lit(window_seconds(engine)) - ago * DAY, F.lit(0))
    frame = with_lifetimes(engine, frame, person, {"_": PHONE_COOKIE})
    frame = frame.withColumn("_epoch", Lifetime(F.col("_period"), F.col("_phase")).epoch_at(second))
    cookie = device_uuid(engine, person, PHONE_COOKIE, F.col("_epoch"))
    return frame.withColumn("cookie_id", cookie).drop("_period", "_phase", "_epoch")


def _is_sure(engine: Engine) -> Column:
    """Whether every source that may know a person does: a share of twins and namesakes at home."""
    cases, sure = _settings(engine).hard_cases, F.lit(False)
    for group, case in (("twins", "twins"), ("juniors", "junior_senior")):
        sure = sure | (
            F.col(group).isNotNull() & engine.draws.chance(f"sure {case}", cases[case], F.col("household_id"))
        )
    return sure


def _is_known(engine: Engine, source: str) -> Column:
    """Whether a source knows a person."""
    coverage = _settings(engine).coverage[source]
    chosen = engine.draws.chance(f"known to {source}", coverage, F.col("individual_id"))
    return F.lit(coverage > 0) & (F.col("age") >= PROFILES[source].youngest) & (chosen | F.col("_sure"))


def _with_clean_values(frame: DataFrame) -> DataFrame:
    """With `clean_<column>`: the truth at as_of, where the source has the column."""
    truth = {name: F.col(name) for name in VALUE_COLUMNS if name not in ("state", "hashed_email")}
    truth |= {"state": F.col("state_code"), "hashed_email": F.sha2(F.lower(F.trim("email")), 256)}
    having = {name: [source for source, profile in PROFILES.items() if name in profile.columns] for name in truth}
    frame = frame.withColumns({f"true_{name}": F.col(name) for name in (*NAMED, "postal_code")})
    clean = {f"{CLEAN}{name}": F.when(F.col("source").isin(having[name]), truth[name]) for name in VALUE_COLUMNS}
    return frame.withColumns(clean).drop(*truth, "state_code", "age", "marital_status", "ordinal")


def _with_record_decisions(engine: Engine, frame: DataFrame) -> DataFrame:
    """With what befalls a record as a whole: carelessness, an old address, an old surname, names in each other's place."""
    draws, raw, settings = engine.draws, F.col("raw"), _settings(engine)
    cases = settings.hard_cases
    frame = frame.withColumns(
        {
            "error": _by_source({source: 1.0 - settings.quality[source] for source in SOURCES}),
            "careless_share": _by_source({source: careless_share(settings, source) for source in SOURCES}),
            "_renaming": draws.uniform("renamed", raw),
        }
    )
    has_both = F.col("clean_last_name").isNotNull() & F.col("clean_street_address").isNotNull()
    can_rename = F.col("clean_last_name").isNotNull() & F.col("maiden_name").isNotNull()
    both_share = F.when(can_rename & has_both, cases["move_and_name_change"]).otherwise(0.0)
    born_share = F.when(can_rename, cases["maiden_name"]).otherwise(0.0)
    before_move = F.col("captured_on") < F.col("moved_in")
    stale_share = F.when(before_move, settings.stale_share).otherwise(0.0)
    often, renaming = F.col("careless_share"), F.col("_renaming")
    frame = frame.withColumns(
        {
            "careless": draws.uniform("careless", raw) < often,
            "_more": F.sqrt((1.0 - often) / often),
            "_less": F.sqrt(often / (1.0 - often)),
            "moved_and_renamed": renaming < both_share,
            "renamed": renaming < both_share + born_share,
            "renamed_share": both_share + born_share,
            "stale": (renaming < both_share) | (draws.uniform("stale", raw) < stale_share),
            "stale_share": both_share + stale_share - both_share * stale_share,
        }
    ).drop("_renaming", "moved_in")
    return _with_swapped_names(engine, frame)


DECISIONS = (
    "error", "careless_share", "careless", "_more", "_less", "renamed", "renamed_share", "stale", "stale_share", "swapped",
    "swapped_share",
)  # fmt: skip
"""What is decided for a record and only needed for its cells."""


def _by_source(values: dict[str, float]) -> Column:
    """The value of a record's source."""
    picked = F.lit(None).cast("double")
    for source, value in values.items():
        picked = F.when(F.col("source") == source, value).otherwise(picked)
    return picked


def _with_swapped_names(engine: Engine, frame: DataFrame) -> DataFrame:
    """With whether first and last name stand in each other's place, and how probable that was."""
    both = F.col("clean_first_name").isNotNull() & F.col("clean_last_name").isNotNull()
    both = both & (F.col("clean_first_name") != F.col("clean_last_name"))
    frame = frame.withColumns({"_both": both, "_swap": _settings(engine).noise["swapped_names"] * F.col("error")})
    swap, rest = F.col("_swap"), 1.0 - F.col("renamed_share")
    drawn = engine.draws.uniform("names swapped", F.col("raw")) < swap / rest
    return frame.withColumns(
        {
            "swapped": ~F.col("renamed") & F.col("_both") & drawn,
            "swapped_share": F.when(F.col("_both"), swap).otherwise(0.0),
        }
    ).drop("_both", "_swap")


def _with_noise(engine: Engine, frame: DataFrame, cells: Sequence[Cell]) -> DataFrame:
    """With the noisy columns of cells and why they differ."""
    # Engines write what stands before an exchange into everything after it only once; plans would grow a hundredfold.
    frame = _with_ways(engine, frame, cells).repartition(PARTS)
    frame = frame.withColumns({cell.column: _value(cell) for cell in cells}).repartition(PARTS)
    return frame.withColumns({f"{WHY}{cell.column}": _reason(cell.column) for cell in cells})


def _cell(engine: Engine, column: str) -> Cell:
    before, taken = _whole_record(column)
    return Cell(column, tuple(before), taken, tuple(_cases(engine, column)), tuple(_kinds(engine, column)))


def _with_ways(engine: Engine, frame: DataFrame, cells: Sequence[Cell]) -> DataFrame:
    """With `_way_<column>`: how the cell is wrong, null where it is not.

    What is needed several times is a column first: engines write an expression into a plan as often as it is used. All
    cells stand side by side: one after the other would nest plans deeper than engines can follow.
    """
    made: list[str] = []
    for step in (_shares, _odds, _spreads):
        columns = {name: value for cell in cells for name, value in step(engine, cell).items()}
        frame, made = frame.withColumns(columns), [*made, *columns]
    return frame.withColumns({f"_way_{cell.column}": _chosen_way(engine, cell) for cell in cells}).drop(
        *made, *DECISIONS
    )


def _shares(engine: Engine, cell: Cell) -> dict[str, Column]:
    """How probable each way is where nothing goes before."""
    return {cell.named("share", way.name): way.share for way in (*cell.cases, *cell.kinds)}


def _odds(engine: Engine, cell: Cell) -> dict[str, Column]:
    """How probable noise is among all cells and among those that are left to it.

    Noise is as frequent as configured among all cells, so those without a hard case have a little more of it.
    """
    if not cell.kinds:
        return {}
    case_share = sum((cell.share(way.name) for way in cell.cases), F.lit(0.0))
    total = sum((cell.share(way.name) for way in cell.kinds), F.lit(0.0))
    drawn = engine.draws.uniform(f"kind {cell.column}", F.col("raw"))
    return {
        cell.named("share"): total / (1.0 - cell.taken - case_share),
        cell.named("kind"): drawn * total,
    }


def _spreads(engine: Engine, cell: Cell) -> dict[str, Column]:
    """How far an error's odds in careless and in careful records are from those of all."""
    correlation, share = _settings(engine).correlation, cell.share()
    return {cell.named("spread"): F.sqrt(correlation * share * (1.0 - share))} if cell.kinds else {}


def _chosen_way(engine: Engine, cell: Cell) -> Column:
    """What befalls the record as a whole, else a hard case, else noise of one kind, else null."""
    draws, raw = engine.draws, F.col("raw")
    # One chain of conditions: engines write the parts of a coalesce into a plan twice.
    name = F.when(F.lit(False), F.lit(""))
    for way in cell.whole:
        name = name.when(way.share > 0, way.name)
    name = _cut(name, draws.uniform(f"case {cell.column}", raw) * (1.0 - cell.taken), cell, cell.cases)
    if not cell.kinds:
        return name
    wrong = draws.uniform(f"error {cell.column}", raw) < _in_its_record(cell)
    kind = _cut(F.when(F.lit(False), F.lit("")), F.col(cell.named("kind")), cell, cell.kinds)
    return name.otherwise(F.when(wrong, kind))


def _in_its_record(cell: Cell) -> Column:
    """How probable an error is in a careless record, and in a careful one: `share` on average, and so that any two cells
    of a record correlate as asked, however unlike their shares. Where that is impossible, as much as is possible.
    """
    share, spread = cell.share(), F.col(cell.named("spread"))
    more, less = spread * F.col("_more"), spread * F.col("_less")
    room = [(1.0 - share) / F.greatest(more, F.lit(TINY)), share / F.greatest(less, F.lit(TINY))]
    return share + F.least(F.lit(1.0), *room) * F.when(F.col("careless"), more).otherwise(-less)


def _cut(name: Column, u: Column, cell: Cell, ways: tuple[Way, ...]) -> Column:
    """Conditions with the way whose part of the line from 0 the number falls on; none beyond them."""
    end = F.lit(0.0)
    for way in ways:
        end = end + cell.share(way.name)
        name = name.when(u < end, way.name)
    return name


def _value(cell: Cell) -> Column:
    clean, way = F.col(f"{CLEAN}{cell.column}"), F.col(f"_way_{cell.column}")
    value = F.when(clean.isNull() | way.isNull(), clean)
    for one in cell.ways:
        value = value.when(way == one.name, one.value)
    return value.otherwise(clean)


def _reason(column: str) -> Column:
    same = F.col(column).eqNullSafe(F.col(f"clean_{column}"))
    return F.when(~same, F.col(f"_way_{column}"))


def careless_share(settings: Sources, source: str) -> float:
    """Share of a source's records that are careless. Between the odds of its rarest and its commonest error, all pairs of
    cells can correlate the most.
    """
    error = 1.0 - settings.quality[source]
    shares = [
        sum(settings.noise[kind] for kind in NOISE.get(column, ())) * error for column in PROFILES[source].columns
    ]
    odds = [share / (1.0 - share) for share in shares if share > 0]
    middle = math.sqrt(min(odds) * max(odds)) if odds else 1.0
    return middle / (1.0 + middle)


def _whole_record(column: str) -> tuple[list[Way], Column]:
    """What the record as a whole does to a column (share 1 or 0), and how probable that was."""
    if column in HOME:
        return [_befallen("old_address", "stale", f"old_{column}")], F.col("stale_share")
    if column not in NAMED:
        return [], F.lit(0.0)
    if column == "first_name":
        return [_befallen("swapped_names", "swapped", "clean_last_name")], F.col("swapped_share")
    ways = [
        _befallen("maiden_name", "renamed", "maiden_name"),
        _befallen("swapped_names", "swapped", "clean_first_name"),
    ]
    return ways, F.col("swapped_share") + F.col("renamed_share")


def _befallen(name: str, happened: str, value: str) -> Way:
    return Way(name, F.when(F.col(happened), 1.0).otherwise(0.0), F.col(value))


def _cases(engine: Engine, column: str) -> Iterator[Way]:
    """Hard cases that are written into a column."""
    shares, draws, raw = _settings(engine).hard_cases, engine.draws, F.col("raw")
    home = F.col("household_id")
    if column == "birth_date":
        date = label(draws.integer("default date", len(DEFAULT_DATES), raw), DEFAULT_DATES).cast("date")
        yield Way("default_birth_date", F.lit(shares["default_birth_date"]), date)
    if column == "email":
        firm = F.floor(home / HOMES_PER_FIRM).cast("bigint").cast("string")
        role = label(draws.integer("role", len(ROLES), raw), ROLES)
        yield Way(
            "role_mailbox", F.lit(shares["role_mailbox"]), F.concat(role, F.lit("@firm"), firm, F.lit(".example"))
        )
        yield _borrowed("family_mailbox", shares["family_mailbox"], "other_email")
    if column == "phone":
        yield _borrowed("recycled_phone", shares["recycled_phone"], "recycled_phone")
    if column == "ip_address":
        gateway = draws.integer("gateway", 1 << 22, F.floor(home / HOMES_PER_GATEWAY).cast("bigint"))
        yield Way("carrier_nat", F.lit(shares["carrier_nat"]), dotted(gateway + (64 << 16), 100))
        hotel = draws.integer("hotel", HOTELS, raw)
        yield Way("hotel_wifi", F.lit(shares["hotel_wifi"]), F.concat(F.lit("198.18."), dotted_pair(hotel)))


def dotted_pair(number: Column) -> Column:
    """The last two parts of an IPv4 address."""
    high, low = F.shiftright(number, 8), number.bitwiseAND(F.lit(255))
    return F.concat_ws(".", high.cast("string"), low.cast("string"))


def _borrowed(name: str, share: float, column: str) -> Way:
    """A value of somebody else, where there is one."""
    return Way(name, F.when(F.col(column).isNotNull(), share).otherwise(0.0), F.col(column))


def _changed(kind: str, column: str, u: Column) -> Column:
    """The clean value changed; of an e-mail address, what stands before the domain, which has to stay a reserved one."""
    clean = F.col(f"clean_{column}")
    if column != "email":
        return CHANGES[kind](clean, u)
    return F.concat(CHANGES[kind](F.substring_index(clean, "@", 1), u), F.lit("@"), F.substring_index(clean, "@", -1))


def _kinds(engine: Engine, column: str) -> Iterator[Way]:
    """Kinds of noise of a column, as frequent as configured and as the source's checks let through."""
    clean, noise = F.col(f"clean_{column}"), _settings(engine).noise
    nothing = F.lit(None).cast("date" if column == "birth_date" else "string")
    own = {"missing": nothing, "nickname": F.col("nickname")}
    if column in ("first_name", "birth_date", "phone"):
        own["household_copy"] = F.col(f"other_{column}")
    for kind in NOISE.get(column, ()):
        if kind in own:
            can = F.lit(True) if kind == "missing" else own[kind].isNotNull() & (own[kind] != clean)
            value = own[kind]
        else:
            can = possible(kind, clean)
            value = _changed(kind, column, engine.draws.uniform(f"{kind} {column}", F.col("raw")))
        yield Way(kind, F.when(can, F.lit(noise[kind]) * F.col("error")).otherwise(0.0), value)
