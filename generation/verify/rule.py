"""Rules and shared relations, read from the SQL files in `rules/`.

A file is a sequence of blocks. A block starts with `-- rule: <name>` or `-- view: <name>`, goes on with further
`-- field: text` lines and ends with SQL.

- A rule names its `table` and `says` what always holds. With `over: <relation>` its SQL is a condition that is true for
  violating rows of that relation; without, it is a SELECT of the violating rows whose column `key` names them.
- A view is a relation for rules of its `scope` (slice, if it does not say); `keep: yes` materialises it, for those that
  several rules read. `gather: <column>` collects its rows from all slices, for rules of scope `value`, which see a part of
  the column's values at a time. One that `covers: <table>` has every row of the table at least once, with all columns, and
  `found_<column>`, which is null where a foreign key that it `finds` has no parent.

`{name}` stands for a value of the dataset's configuration (see `bindings`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generation.spec.catalog import TABLE_BY_NAME

RULES = Path(__file__).parent / "rules"

Scope = Literal["slice", "whole", "value"]
"""What a rule sees at once: a range of households with all descendants, all rows, or all rows with a part of what was gathered."""

_START = re.compile(r"^-- (?:rule|view): ", re.MULTILINE)
_FIELD = re.compile(r"^-- (\w+): (.*)$")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Rule:
    """One thing that is always true, as SQL that finds the rows for which it is not."""

    name: str
    table: str
    says: str
    sql: str
    over: str = ""
    scope: Scope = "slice"
    resolves: str = ""
    """The foreign key that the rule is about, if it says no more than that its parent is there."""

    @property
    def select(self) -> str:
        """The violating rows, their key in column `key`."""
        if not self.over:
            return self.sql
        return f"SELECT {TABLE_BY_NAME[self.table].primary_key} AS key FROM {self.over} WHERE {self.sql}"


@dataclass(frozen=True)
class Relation:
    """A named SELECT that rules of its scope read; `kept` ones are computed once. `covers`, `finds` and `gathered`: see above."""

    name: str
    sql: str
    kept: bool
    covers: str = ""
    finds: tuple[str, ...] = ()
    scope: Scope = "slice"
    gathered: str = ""

    def screen(self, rule: Rule) -> str:
        """A condition that holds for a row of this relation whenever the rule is broken; empty when there is none.

        Parents that are there twice repeat rows, so what the condition counts says only whether anything is broken.
        """
        if self.covers != rule.table:
            return ""
        if rule.resolves in self.finds:
            return f"{rule.resolves} IS NOT NULL AND found_{rule.resolves} IS NULL"
        return rule.sql if rule.over == rule.table else ""


@dataclass(frozen=True)
class Rulebook:
    """All relations, in the order they depend on each other, and all rules."""

    relations: tuple[Relation, ...]
    rules: tuple[Rule, ...]

    def ruled(self, scope: Scope) -> tuple[Rule, ...]:
        """The rules of a scope."""
        return tuple(rule for rule in self.rules if rule.scope == scope)

    def related(self, scope: Scope) -> tuple[Relation, ...]:
        """The relations that rules of a scope read."""
        return tuple(relation for relation in self.relations if relation.scope == scope and not relation.gathered)

    def gathered(self) -> tuple[Relation, ...]:
        """The relations whose rows are gathered from all slices."""
        return tuple(relation for relation in self.relations if relation.gathered)

    def of(self, names: Collection[str]) -> Rulebook:
        """The rules of these names, with the relations they need or are screened by."""
        rules = tuple(rule for rule in self.rules if rule.name in names)
        texts = [f"{rule.over} {rule.sql}" for rule in rules]
        texts += [relation.name for relation in self.relations if any(relation.screen(rule) for rule in rules)]
        needed: list[Relation] = []
        for relation in reversed(self.relations):
            if any(re.search(rf"\b{relation.name}\b", text) for text in texts):
                texts.append(relation.sql)
                needed.insert(0, relation)
        return Rulebook(tuple(needed), rules)


def bind(text: str, values: dict[str, str]) -> str:
    """`text` with every `{name}` replaced; `KeyError` for a name without a value."""
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], text)


def blocks(text: str) -> list[tuple[dict[str, str], str]]:
    """Every block of a rule file as its fields and its SQL."""
    starts = [match.start() for match in _START.finditer(text)]
    return [_block(text[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _block(text: str) -> tuple[dict[str, str], str]:
    lines = text.strip().splitlines()
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.match(line)
        if match is None:
            break
        fields[match.group(1)] = match.group(2).strip()
    return fields, "\n".join(lines[len(fields) :]).strip().rstrip(";")


def relation(fields: dict[str, str], sql: str) -> Relation:
    """The relation of a `view` block."""
    finds = tuple(fields["finds"].split(", ")) if "finds" in fields else ()
    scope = _scope(fields, "slice")
    return Relation(
        fields["view"],
        sql,
        fields.get("keep") == "yes",
        fields.get("covers", ""),
        finds,
        scope,
        fields.get("gather", ""),
    )


def rule(fields: dict[str, str], sql: str) -> Rule:
    """The rule of a `rule` block; rules of whole-axis tables see all rows unless they say otherwise."""
    table = fields["table"]
    scope = _scope(fields, "slice" if TABLE_BY_NAME[table].axis == "households" else "whole")
    return Rule(fields["rule"], table, fields["says"], sql, fields.get("over", ""), scope)


def _scope(fields: dict[str, str], usual: Scope) -> Scope:
    scope = fields.get("scope", usual)
    if scope not in ("slice", "whole", "value"):
        raise ValueError(f"{next(iter(fields.values()))}: scope {scope} is not slice, whole or value")
    return scope  # type: ignore[return-value]


def read_rulebook(values: dict[str, str], folder: Path = RULES) -> Rulebook:
    """The relations and rules of all files, bound to a configuration."""
    relations: list[Relation] = []
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.sql")):
        for fields, sql in blocks(path.read_text(encoding="utf-8")):
            if "view" in fields:
                relations.append(relation(fields, bind(sql, values)))
            else:
                rules.append(rule(fields, bind(sql, values)))
    return Rulebook(tuple(relations), tuple(rules))
