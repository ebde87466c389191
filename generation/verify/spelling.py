"""What the rules and Apache Spark spell differently: little enough to be written down here."""

from __future__ import annotations

import re

_IN_ORDER = re.compile(r"ARRAY_AGG\((\w+) ORDER BY (\w+) DESC, \1\)")
"""Spark's collected lists have no order."""

_ORDERED = r"TRANSFORM(ARRAY_SORT(COLLECT_LIST(STRUCT(-\2 AS place, \1 AS value))), one -> one.value)"


def in_spark(sql: str) -> str:
    """The SQL of a rule or relation as Spark has to read it to find the same rows.

    In Java's regular expressions `$` is also before a line feed that ends the text; `\\z` is the end alone.
    """
    return _IN_ORDER.sub(_ORDERED, sql).replace("$'", r"\\z'")
