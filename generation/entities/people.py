"""Who each person is: relationship, age and gender, given the composition of the household."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation.engine.context import Engine, Span
from generation.engine.draw import whole
from generation.entities.composition import FIRST_CHILD, FIRST_EXTRA, GRANDPARENT_FROM, composition, members
from generation.entities.household_tables import (
    ADULT_CHILD,
    ADULT_CHILD_CELLS,
    ADULT_CHILD_MOTHER,
    CHILD_CELLS,
    ELDER_PARENT,
    MARRIED,
    OTHER_RELATIVE,
    RELATIVE_ELDER,
    ROOMMATE,
    adult_child_ages,
    child_ages,
    extra_kinds,
    extra_women,
    parent_ages_at_birth,
    standard_normal,
)

DAYS = 365

TWINS = 0.002
"""Chance that a child is made the twin of the sibling before; with those of one age by themselves, about 16 in 1,000 pairs
of siblings are twins.
"""


def people(engine: Engine, span: Span) -> DataFrame:
    """One row a person: individual_id, household_id, ordinal, relationship, age, birthday (days since the last one), female,
    kind, and of the household type, head_age, partner_age, head_female, partner_female and partner_is_reference.
    """
    return engine.kept("people", lambda: _people(engine, span))


def _people(engine: Engine, span: Span) -> DataFrame:
    frame = _with_family(engine, members(engine, composition(engine, span)))
    frame = _with_draws(engine, frame)
    is_child = F.col("ordinal").between(FIRST_CHILD, FIRST_EXTRA - 1)
    is_extra = F.col("ordinal") >= FIRST_EXTRA
    frame = _with_siblings(engine, frame, is_child).withColumn("kind", _kind())
    frame = frame.withColumn("extra_age", _extra_age(engine))
    age = (
        F.when(is_child, F.col("child_age"))
        .when(is_extra, F.col("extra_age"))
        .otherwise(F.when(F.col("ordinal") == 1, F.col("partner_age")).otherwise(F.col("head_age")))
    )
    frame = frame.withColumn("age", age).withColumn("female", _female(engine, is_child, is_extra))
    return frame.select(
        "individual_id", "household_id", "ordinal", _relationship(is_child, is_extra).alias("relationship"), "age", "birthday",
        "female", "type", "head_age", "partner_age", "head_female", "partner_female", "partner_is_reference", "kind",
    )  # fmt: skip


def _with_family(engine: Engine, frame: DataFrame) -> DataFrame:
    """The ages that bound the others: mother's, youngest and oldest of the couple or head."""
    partner = F.coalesce(F.col("partner_age"), F.col("head_age"))
    return frame.select(
        "*",
        partner.alias("mother_age"),
        F.least("head_age", partner).alias("youngest_parent"),
        F.greatest("head_age", partner).alias("oldest_parent"),
    )


def _with_draws(engine: Engine, frame: DataFrame) -> DataFrame:
    """Everything that is looked up per person: ages of children, adult children and parents, kind, a normal."""
    draws, frames, person = engine.draws, engine.frames, F.col("individual_id")
    mother = F.col("mother_age")
    frame = frames.look_up(frame, child_ages(), _child_cell(engine, F.lit(0)), _child="age")
    frame = frames.look_up(frame, child_ages(), _child_cell(engine, F.lit(1)), _before="age")
    adult = F.least(F.greatest(mother, F.lit(ADULT_CHILD_MOTHER)), F.lit(100)) - ADULT_CHILD_MOTHER
    cell = draws.integer("adult child age", ADULT_CHILD_CELLS, person)
    frame = frames.look_up(frame, adult_child_ages(), adult * ADULT_CHILD_CELLS + cell, _adult="age")
    frame = frames.choose(frame, "_kind", extra_kinds(), draws.bits("kind of adult", person), F.col("type"))
    frame = frames.choose(frame, "_birth", parent_ages_at_birth(), draws.bits("parent's age at birth", person))
    return frames.quantile(frame, "_z", standard_normal(), draws.bits("age spread", person))


def _child_cell(engine: Engine, before: Column) -> Column:
    """The row of the table of children's ages for a child, or for the one so many places before it.

    The i-th of k children is drawn from the i-th of k equal parts: realistic spacing, older with the ordinal.
    """
    mother = F.col("mother_age")
    own = F.least(F.greatest(F.when(mother >= GRANDPARENT_FROM, mother - 27).otherwise(mother), F.lit(18)), F.lit(56))
    count = F.greatest(F.col("children"), F.lit(1))
    place = F.least(F.greatest(F.col("ordinal") - before - FIRST_CHILD, F.lit(0)), count - 1)
    part = (place + engine.draws.uniform("child age", F.col("individual_id") - before)) / count
    return (own - 18) * CHILD_CELLS + whole(part * CHILD_CELLS)


def _with_siblings(engine: Engine, frame: DataFrame, is_child: Column) -> DataFrame:
    """With `child_age` and `birthday`, days since the last birthday.

    Siblings of one age are twins with one birth date, whom chance makes more of. A year apart, the older one has had the
    birthday for longer, so that no two births are a few months apart.
    """
    draws, person = engine.draws, F.col("individual_id")
    older = is_child & (F.col("ordinal") > FIRST_CHILD)
    born = draws.integer("birthday", DAYS, person)
    before = draws.integer("birthday", DAYS, person - 1)
    drawn, previous = _child_age(F.col("_child")), _child_age(F.col("_before"))
    twin = older & ((drawn == previous) | draws.chance("twin", TWINS, person))
    later = before + whole(draws.uniform("birthday", person) * (DAYS - before))
    birthday = F.when(twin, before).when(older & (drawn == previous + 1), later).otherwise(born)
    return frame.withColumn("birthday", birthday).withColumn("child_age", F.when(twin, previous).otherwise(drawn))


def _child_age(drawn: Column) -> Column:
    """Never less than 15 years younger than either of the couple (30 for grandchildren)."""
    distance = F.when(F.col("mother_age") >= GRANDPARENT_FROM, 30).otherwise(15)
    return F.greatest(F.least(drawn, F.col("youngest_parent") - distance), F.lit(0).cast("bigint"))


def _kind() -> Column:
    """An adult child needs a mother and a father old enough; without them it is another relative."""
    possible = (F.col("mother_age") >= ADULT_CHILD_MOTHER) & (F.col("youngest_parent") >= 33)
    return F.when((F.col("_kind") == ADULT_CHILD) & ~possible, OTHER_RELATIVE).otherwise(F.col("_kind"))


def _extra_age(engine: Engine) -> Column:
    head, z, kind = F.col("head_age"), F.col("_z"), F.col("kind")

    def about(spread: float, offset: int, low: int, high: int) -> Column:
        age = head + offset + whole(z * spread + 0.5)
        return F.least(F.greatest(age, F.lit(low).cast("bigint")), F.lit(high).cast("bigint"))

    grown = F.least(F.col("_adult"), F.col("youngest_parent") - 15)
    elder = F.least(F.greatest(head + F.col("_birth"), F.lit(40)), F.lit(95))
    return (
        F.when(kind == ADULT_CHILD, F.greatest(grown, F.lit(18).cast("bigint")))
        .when(kind == ELDER_PARENT, elder.cast("bigint"))
        .when(kind == OTHER_RELATIVE, about(9.0, 0, 18, 90))
        .when(kind == ROOMMATE, about(4.0, 0, 18, 80))
        .when(kind == RELATIVE_ELDER, about(5.0, 24, 40, 95))
        .otherwise(about(8.0, 0, 18, 90))
    )


def _female(engine: Engine, is_child: Column, is_extra: Column) -> Column:
    share = F.when(is_child, 0.4885)
    for kind, women in extra_women().items():
        share = share.when(is_extra & (F.col("kind") == kind), women)
    drawn = engine.draws.chance("female", share.otherwise(0.5), F.col("individual_id"))
    couple = F.when(F.col("ordinal") == 0, F.col("head_female")).when(F.col("ordinal") == 1, F.col("partner_female"))
    return couple.otherwise(drawn)


def _relationship(is_child: Column, is_extra: Column) -> Column:
    """To the reference person, who is the head or, in some couples, the partner."""
    partner = F.when(F.col("type").isin(*MARRIED), "spouse").otherwise("unmarried_partner")
    couple = F.when(F.col("partner_is_reference") == (F.col("ordinal") == 1), "reference_person").otherwise(partner)
    child = F.when(F.col("mother_age") >= GRANDPARENT_FROM, "grandchild").otherwise("child")
    kind = F.col("kind")
    parent = ((kind == ELDER_PARENT) | (kind == RELATIVE_ELDER)) & (F.col("age") >= F.col("oldest_parent") + 15)
    extra = (
        F.when(kind == ROOMMATE, "roommate")
        .when(kind == ADULT_CHILD, "child")
        .when(parent, "parent")
        .otherwise("other_relative")
    )
    return F.when(is_child, child).when(is_extra, extra).otherwise(couple)
