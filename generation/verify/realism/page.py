"""The page of all comparisons, docs/realism.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generation.spec.config import Config
from generation.verify.realism.measure import Measure

HEAD = """# Realism

How {households:,} generated households (seed {seed}, {settings}) compare with the published world.
Written by `idgraph realism DATASET --output docs/realism.md`, which reads the finished tables and knows nothing of how they
were made.

At this size significance tests reject differences of a tenth of a per cent, so every row has an effect size and a limit
that was set before the data were made. TVD is the total variation distance, half the sum of the absolute differences
of shares. A row that misses its limit says **missed**. Rows marked *shown* compare with a figure of another year or
concept, or without a firm source, and have no verdict.

{met} of {judged} rows are within their limits.
"""


def outcome(measure: Measure) -> str:
    """The verdict in a word."""
    if measure.weight == "reported":
        return "shown"
    return "within" if measure.ok else "MISSED"


def page(config: Config, measures: Sequence[Measure]) -> str:
    """The page as Markdown."""
    judged = [measure for measure in measures if measure.weight == "limit"]
    head = HEAD.format(
        households=config.households.count,
        seed=config.output.seed,
        settings=f"as of {config.output.as_of}, {config.engagement.history_days} days",
        met=sum(measure.ok for measure in judged),
        judged=len(judged),
    )
    topics = dict.fromkeys(measure.topic for measure in measures)
    return "\n".join([head, *(line for topic in topics for line in _section(topic, measures))])


def _section(topic: str, measures: Sequence[Measure]) -> Iterator[str]:
    yield f"## {topic.capitalize()}\n"
    yield "| comparison | target | actual | n | verdict | source |"
    yield "| --- | --- | --- | ---: | --- | --- |"
    for measure in measures:
        if measure.topic == topic:
            verdict = outcome(measure).replace("MISSED", "**missed**").replace("shown", "*shown*")
            cells = (measure.says, measure.target, measure.actual, f"{measure.n:,}", verdict, measure.source)
            yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""
