"""What people are called: surnames by family role, given names by gender and decade of birth."""

from __future__ import annotations

import functools

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generation import reference
from generation.engine.context import Engine
from generation.engine.lookup import Choice, Lookup, alias_table, cells_lookup, choice
from generation.entities.composition import FIRST_CHILD, FIRST_EXTRA
from generation.entities.household_tables import ADULT_CHILD, ELDER_PARENT, MARRIED, RELATIVE_ELDER, RELATIVE_PEER
from generation.spec.keys import PERSON

FIRST_DECADE, DECADES = 1920, 11

FATHERS_NAME = 0.90
"""Share of couples' children with the father's surname (design choice)."""
LONE_PARENTS_NAME = 0.75
"""Share of lone parents' children with that parent's surname."""
JUNIORS = 25
"""One son in so many is named after his father (design choice: .04)."""
RELATIVES_NAME = 0.50
"""Share of relatives and parents of the head who share the head's surname."""


def with_last_name(engine: Engine, people: DataFrame) -> DataFrame:
    """People with `last_name`: each surname belongs to somebody of the household, others take it from them."""
    draws, frames = engine.draws, engine.frames
    frame = people.withColumn("_owner", _surname_owner(engine)).withColumn("_second", _hyphenates(engine))
    frame = frames.choose(frame, "_name", surnames(), draws.bits("surname", F.col("_owner")))
    # Hyphenated names put the woman's own surname before the husband's.
    own = F.when(F.col("_second"), F.col("individual_id")).otherwise(F.col("_owner"))
    frame = frames.choose(frame, "_own", surnames(), draws.bits("surname", own))
    name = F.when(F.col("_second"), F.concat_ws("-", "_own", "_name")).otherwise(F.col("_name"))
    return frame.withColumn("last_name", name).drop("_owner", "_second", "_name", "_own")


def _wife_choice(engine: Engine) -> Column:
    return engine.draws.uniform("wife's surname", F.col("household_id"))


def _mixed_marriage() -> Column:
    """Whether the household's couple are husband (the head) and wife."""
    return F.col("type").isin(*MARRIED) & ~F.col("head_female") & F.col("partner_female")


def _wife() -> Column:
    """Whether the person is the wife of a mixed married couple."""
    return (F.col("ordinal") == 1) & _mixed_marriage()


def _hyphenates(engine: Engine) -> Column:
    settings = engine.config.demographics
    u = _wife_choice(engine)
    top = settings.wife_takes_surname + settings.wife_hyphenates
    return _wife() & (u >= settings.wife_takes_surname) & (u < top)


def _surname_owner(engine: Engine) -> Column:
    """The individual whose surname a person bears."""
    draws, settings = engine.draws, engine.config.demographics
    person, ordinal, kind = F.col("individual_id"), F.col("ordinal"), F.col("kind")
    head = F.col("household_id") * PERSON
    partner = head + 1
    couple = F.col("partner_age").isNotNull()
    # Siblings share one outcome, drawn by household. Where the couple shares a name, their children have it.
    u = draws.uniform("children's surname", F.col("household_id"))
    other_parent = head + FIRST_CHILD
    share_name = _mixed_marriage() & (_wife_choice(engine) < settings.wife_takes_surname)
    of_couple = F.when((u < FATHERS_NAME) | share_name, head).otherwise(partner)
    of_lone = F.when(u < LONE_PARENTS_NAME, head).otherwise(other_parent)
    child = F.when(couple, of_couple).otherwise(of_lone)
    wife = _wife() & (_wife_choice(engine) < settings.wife_takes_surname + settings.wife_hyphenates)
    related = kind.isin(ELDER_PARENT, RELATIVE_ELDER, RELATIVE_PEER) & draws.chance(
        "relative's surname", RELATIVES_NAME, person
    )
    is_child = ordinal.between(FIRST_CHILD, FIRST_EXTRA - 1) | ((ordinal >= FIRST_EXTRA) & (kind == ADULT_CHILD))
    return F.when(is_child, child).when(wife, head).when((ordinal >= FIRST_EXTRA) & related, head).otherwise(person)


@functools.cache
def surnames() -> Choice:
    """Surnames with their 1990 Census shares."""
    table = reference.surnames()
    return choice("surnames", np.array([table["weight"]]), [list(table["surname"])])


def is_junior(engine: Engine) -> Column:
    """Whether a son has his father's first name: one son in 25 with the father's surname, never two of one father."""
    father = F.col("household_id") * PERSON
    chosen = engine.draws.integer("junior", JUNIORS, F.col("household_id")) == F.col("ordinal") - FIRST_CHILD
    child = F.col("relationship") == "child"
    return child & chosen & ~F.col("female") & ~F.col("head_female") & (_surname_owner(engine) == father)


def with_first_name(engine: Engine, people: DataFrame, owner: Column, birth_year: Column) -> DataFrame:
    """People with `first_name`, that of an individual, by gender and that one's decade of birth."""
    groups, cells = first_names()
    decade = F.least(F.greatest(F.floor((birth_year - FIRST_DECADE) / F.lit(10)), F.lit(0)), F.lit(DECADES - 1))
    row = F.col("female").cast("bigint") * DECADES + decade.cast("bigint")
    frame = engine.frames.look_up(people, groups, row, _first="first", _size="size")
    bits = engine.draws.bits("first name", owner)
    return engine.frames.choose_among(frame, "first_name", cells, bits, (F.col("_first"), F.col("_size"))).drop(
        "_first", "_size"
    )


@functools.cache
def first_names() -> tuple[Lookup, Lookup]:
    """Where each gender and decade's names begin and how many they are, and the alias tables of all."""
    table = reference.first_names()
    groups: dict[tuple[str, int], list[int]] = {}
    for row, key in enumerate(zip(table["sex"], table["decade"], strict=True)):
        groups.setdefault(key, []).append(row)
    first, size, kept, own, other = [], [], [], [], []
    for sex in ("M", "F"):
        for decade in range(DECADES):
            rows = groups[(sex, FIRST_DECADE + 10 * decade)]
            threshold, alias = alias_table(np.array([table["weight"][row] for row in rows]))
            names = [table["name"][row] for row in rows]
            first.append(len(kept))
            size.append(len(rows))
            kept += threshold
            own += names
            other += [names[a] for a in alias]
    return (
        Lookup("first name groups", {"first": np.array(first), "size": np.array(size)}),
        cells_lookup("first names", np.array(kept), own, other),
    )
