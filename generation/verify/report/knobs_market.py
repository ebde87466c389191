"""Settings of engagement and campaigns beside their rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

from generation.spec.certificate import Knob
from generation.spec.config import Config
from generation.verify.report.ground import Ground
from generation.verify.report.knob import ERRORS, bounded, exact, judged, mean, share, shown

NORMAL = NormalDist()

AGE_BAND = """CASE WHEN age < 18 THEN 0 WHEN age < 25 THEN 1 WHEN age < 35 THEN 2 WHEN age < 45 THEN 3
                   WHEN age < 55 THEN 4 WHEN age < 65 THEN 5 ELSE 6 END"""
"""Activity depends on age, so its spread is measured inside bands of age."""

SETTLED_DAYS = 14
"""Campaigns that ended so long before as_of have all their conversions in the log."""


def knobs(ground: Ground) -> Iterator[Knob]:
    """All settings of the last two sections that have rows."""
    yield from _engagement(ground)
    yield from _audiences(ground)
    yield from _delivery(ground)
    yield from _responses(ground)
    yield from _measurement(ground)
    yield from _attribution(ground)


def _engagement(ground: Ground) -> Iterator[Knob]:
    asked = ground.config.engagement
    as_of = f"DATE '{ground.config.output.as_of}'"
    days, events = ground.one(
        f"SELECT DATE_DIFF('day', CAST(MIN(utc_hour) AS DATE), {as_of}), COALESCE(SUM(events), 0)::BIGINT FROM hourly"
    )
    says = "Days from the first event to as_of."
    yield (
        judged("engagement.history_days", says, (asked.history_days, days), 1.0, events, "days")
        if events >= 20 * asked.history_days
        else shown("engagement.history_days", says, days if events else None, events, asked.history_days, "days")
    )
    average, deviation, n = ground.one(f"""
        SELECT AVG(events) * 30.0 / {asked.history_days}, COALESCE(STDDEV_POP(events), 0) * 30.0 / {asked.history_days},
               COUNT(*) FROM person WHERE uses""")
    says, unit = "Mean events per 30 days of a person of 13 or over with a device.", "events per 30 days"
    wanted = asked.events_per_person_month
    yield mean("engagement.events_per_person_month", says, wanted, (average, deviation, n), 0.06 * wanted, unit)
    yield _spread(ground)
    yield _inactive(ground)
    titles = ground.one("SELECT COUNT(*) FROM content_catalog")[0]
    yield exact("engagement.titles", "Titles in the catalog.", asked.titles, titles, titles, "titles")
    yield from _popularity(ground)


def _spread(ground: Ground) -> Knob:
    """The spread of a log-normal rate from how many exceed its mean: that many are 1 - Phi(sigma / 2)."""
    asked = ground.config.engagement
    above, n = ground.one(f"""
        WITH banded AS (SELECT {AGE_BAND} AS band, events FROM person WHERE uses),
        means AS (SELECT band, AVG(events) / {1 - asked.inactive_share!r} AS middle FROM banded GROUP BY band)
        SELECT COUNT(*) FILTER (events > middle), COUNT(*) FROM banded JOIN means USING (band)""")
    active = n * (1 - asked.inactive_share)
    says = "Standard deviation of log activity, from how many people are busier than the mean of their age."
    expected = asked.events_per_person_month * asked.history_days / 30
    if expected < 8 or active < 500 or not 0 < above < active:
        return shown("engagement.activity_sigma", says, None, n, asked.activity_sigma, "log units")
    part = above / active
    sigma = 2 * NORMAL.inv_cdf(1 - part) if part < 0.5 else 0.0
    error = 2 / NORMAL.pdf(asked.activity_sigma / 2) * math.sqrt(part * (1 - part) / active)
    pair = (asked.activity_sigma, sigma)
    return judged("engagement.activity_sigma", says, pair, 0.15 + ERRORS * error, round(active), "log units")


def _inactive(ground: Ground) -> Knob:
    """Of the people without an event, those whom chance does not explain."""
    asked = ground.config.engagement
    none, n = ground.one("SELECT COUNT(*) FILTER (events = 0), COUNT(*) FROM person WHERE uses")
    says = "People with a device who never engage: those without an event, less those by chance."
    by_chance = _silent(ground.config)
    if not n or by_chance > 0.5:
        return shown("engagement.inactive_share", says, None, n, asked.inactive_share, "%")
    found = (none / n - by_chance) / (1 - by_chance)
    error = math.sqrt(max(none, 1) / n * (1 - min(none, n) / n) / n) / (1 - by_chance)
    return judged("engagement.inactive_share", says, (asked.inactive_share, found), 0.015 + ERRORS * error, n, "%")


def _silent(config: Config) -> float:
    """Probability that an active person has no event in the window."""
    asked = config.engagement
    if asked.inactive_share >= 1:
        return 1.0
    rate = asked.events_per_person_month * asked.history_days / 30 / (1 - asked.inactive_share)
    sigma, nodes = asked.activity_sigma, 400
    places = (NORMAL.inv_cdf((node + 0.5) / nodes) for node in range(nodes))
    return sum(math.exp(-rate * math.exp(sigma * z - sigma * sigma / 2)) for z in places) / nodes


def _popularity(ground: Ground) -> Iterator[Knob]:
    """Popularity by the key of the title, which is its rank: no rank is taken from the counts. Which category somebody
    turns to is taste, so titles are compared within theirs.
    """
    asked = ground.config.engagement
    rows = ground.rows("""
        SELECT c.category, c.content_id, COALESCE(e.events, 0) FROM content_catalog AS c
        LEFT JOIN title AS e ON e.content_id = c.content_id""")
    shelves: dict[str, Shelf] = {}
    for category, key, events in rows:
        shelves.setdefault(category, []).append((math.log(int(key) + asked.popularity_offset), int(events)))
    n = sum(int(row[2]) for row in rows)
    says = "Exponent of popularity by the rank of a title, its key, by maximum likelihood within the categories."
    name = "engagement.popularity_exponent"
    if n < 1_000 or len(rows) < 100:
        yield shown(name, says, None, n, asked.popularity_exponent)
    else:
        exponent, information = _likeliest(list(shelves.values()))
        pair = (asked.popularity_exponent, exponent)
        yield judged(name, says, pair, 0.02 + ERRORS / math.sqrt(information), n)
    top = max(1, len(rows) // 10)
    bound = math.log(top + asked.popularity_offset)
    target = sum(_above(shelf, bound, asked.popularity_exponent) for shelf in shelves.values()) / max(n, 1)
    says = f"Share of events of the first {top:,} titles; the target follows from offset and exponent."
    first = sum(int(row[2]) for row in rows if int(row[1]) <= top)
    yield share("engagement.popularity_offset", says, target, (first, n), 0.01)


EXPONENTS, EXPONENT_STEP = (-1.0, 4.0), 1e-9
"""Between which exponents the likeliest is looked for, and how finely."""

Shelf = list[tuple[float, int]]
"""The titles of a category: log of rank plus offset, and events."""


def _above(shelf: Shelf, bound: float, exponent: float) -> float:
    """The events of a category that its first titles, up to a bound of the logs, were to have."""
    weights = [math.exp(-exponent * at) for at, _ in shelf]
    first = sum(weight for weight, (at, _) in zip(weights, shelf, strict=True) if at <= bound)
    return sum(events for _, events in shelf) * first / sum(weights)


def _likeliest(shelves: list[Shelf]) -> tuple[float, float]:
    """The exponent under which the events are likeliest, and how much they say of it (Fisher information): Newton's steps,
    and halves of what is left wherever one would lead out of it.
    """
    observed = sum(at * events for shelf in shelves for at, events in shelf)
    low, high, exponent = *EXPONENTS, 1.0
    while True:
        moments = [_moments(shelf, exponent) for shelf in shelves]
        excess = sum(middle for middle, _ in moments) - observed
        information = max(sum(spread for _, spread in moments), 1e-9)
        low, high = (exponent, high) if excess > 0 else (low, exponent)
        step = exponent + excess / information
        following = step if low < step < high else (low + high) / 2
        if abs(following - exponent) < EXPONENT_STEP:
            return exponent, information
        exponent = following


def _moments(shelf: Shelf, exponent: float) -> tuple[float, float]:
    """Sum of the logs that the events of a category were to have under an exponent, and its variance."""
    weights = [math.exp(-exponent * at) for at, _ in shelf]
    total, events = sum(weights), sum(events for _, events in shelf)
    middle = sum(w * at for w, (at, _) in zip(weights, shelf, strict=True)) / total
    spread = sum(w * (at - middle) ** 2 for w, (at, _) in zip(weights, shelf, strict=True)) / total
    return events * middle, events * spread


def _audiences(ground: Ground) -> Iterator[Knob]:
    """Thresholds: the smallest value of those in the segment, and that nobody outside reaches it."""
    asked, name = ground.config.engagement.audiences, "engagement.audiences"
    heavy, reached, heavies, recency, lapsed, lapses = ground.one(f"""
        SELECT MIN(frequency) FILTER (is_heavy), COUNT(*) FILTER (is_heavy <> (frequency >= {asked.heavy_frequency!r})),
               COUNT(*) FILTER (is_heavy),
               MIN(recency) FILTER (is_lapsed), COUNT(*) FILTER (is_lapsed <> (recency >= {asked.lapsed_days})),
               COUNT(*) FILTER (is_lapsed)
        FROM (SELECT v.frequency, v.recency, list_contains(a.classifications, 'heavy_viewers') AS is_heavy,
                     list_contains(a.classifications, 'lapsed_viewers') AS is_lapsed
              FROM viewership_patterns AS v JOIN audience_attributes AS a ON a.individual_id = v.individual_id)""")
    says = "Lowest frequency of a heavy viewer; nobody else reaches it."
    found = (heavy, not reached)
    yield bounded(f"{name}.heavy_frequency", says, asked.heavy_frequency, found, heavies, "events per 30 days")
    says = "Fewest days without an event of a lapsed viewer; nobody else reaches it."
    yield bounded(f"{name}.lapsed_days", says, asked.lapsed_days, (recency, not lapsed), lapses, "days")
    least, few, fans, wrong = ground.one(f"""
        SELECT MIN(score) FILTER (is_fan), MIN(events) FILTER (is_fan), COUNT(*) FILTER (is_fan),
               COUNT(*) FILTER (is_fan <> (score >= {asked.affinity!r} AND events >= {asked.minimum_events}))
        FROM (SELECT COALESCE(element_at(a.affinity_scores, 'sports')[1], 0) AS score, p.events,
                     list_contains(a.classifications, 'sports_fans') AS is_fan
              FROM audience_attributes AS a JOIN activity AS p ON p.individual_id = a.individual_id)""")
    says = "Lowest share of time a sports fan gives to sports; nobody else with enough events reaches it."
    yield bounded(f"{name}.affinity", says, asked.affinity, (least, not wrong), fans, "%")
    says = "Fewest events of a sports fan; nobody else reaches it with so much time for sports."
    yield bounded(f"{name}.minimum_events", says, asked.minimum_events, (few, not wrong), fans, "events")


def _delivery(ground: Ground) -> Iterator[Knob]:
    asked = ground.config.campaigns
    count, shortest, longest = ground.one(
        "SELECT COUNT(*), MIN(end_date - start_date) + 1, MAX(end_date - start_date) + 1 FROM campaigns"
    )
    yield exact("campaigns.count", "Campaigns.", asked.count, count, count, "campaigns")
    kept = (longest, shortest == longest == asked.flight_days)
    yield bounded("campaigns.flight_days", "Days of every flight.", asked.flight_days, kept, count, "days")
    adults = ground.one("SELECT COUNT(*) FROM person WHERE age >= 18")[0]
    assigned = ground.one("SELECT COUNT(*) FROM pair")[0]
    says = "Adults who meet a campaign's criteria and can be reached, mean of the campaigns."
    actual = assigned / count / adults if count and adults else None
    yield shown("campaigns.eligible_share", says, actual, count, asked.eligible_share, "%")
    reached, n, mean_frequency, deviation = ground.one("""
        SELECT COUNT(*) FILTER (exposures > 0), COUNT(*), AVG(exposures) FILTER (exposures > 0),
               STDDEV_POP(exposures) FILTER (exposures > 0)
        FROM pair WHERE arm = 'treatment' AND NOT opted_out""")
    says = "Eligible people, not held out and not opted out, with at least one exposure to the campaign."
    yield share("campaigns.reach", says, asked.reach, (reached, n), 0.01)
    says = "Mean exposures of a reached person who did not opt out."
    found = (mean_frequency, deviation, reached)
    yield mean("campaigns.mean_frequency", says, asked.mean_frequency, found, 0.03 * asked.mean_frequency, "exposures")
    most, n = ground.one("SELECT MAX(exposures), COUNT(*) FROM touched")
    says = "Most exposures of a person to a campaign."
    yield bounded(
        "campaigns.frequency_cap", says, asked.frequency_cap, (most, most <= asked.frequency_cap), n, "exposures"
    )
    used = [row[0] for row in ground.rows("SELECT DISTINCT channel FROM campaign_exposures ORDER BY 1")]
    total = ground.one("SELECT COUNT(*) FROM campaign_exposures")[0]
    says = "Channels with exposures; only those that were asked for."
    knob = shown("campaigns.channels", says, ", ".join(used) or None, total, ", ".join(sorted(asked.channels)))
    outcome = "within" if set(used) <= set(asked.channels) else "outside"
    yield knob.model_copy(update={"outcome": outcome if total else "shown"})


def _responses(ground: Ground) -> Iterator[Knob]:
    asked = ground.config.campaigns
    rows = ground.rows("""
        SELECT e.channel, COUNT(*), COUNT(r.exposure_id) FROM campaign_exposures AS e
        LEFT JOIN (SELECT DISTINCT exposure_id FROM response_events WHERE response_type = 'click') AS r
               ON r.exposure_id = e.exposure_id
        WHERE e.frequency = 1 GROUP BY e.channel""")
    clicks = {channel: (int(hits), int(n)) for channel, n, hits in rows}
    for channel, rate in asked.click_rates.items():
        found = clicks.get(channel, (0, 0))
        says = f"First exposures by {channel} that were clicked."
        yield share(f"campaigns.click_rates.{channel}", says, rate, found, 0.02 * rate)
    clicked, signed, visited, exposures = ground.one("""
        SELECT COUNT(*) FILTER (click), COUNT(*) FILTER (click AND signup), COUNT(*) FILTER (visit AND NOT click),
               (SELECT COUNT(*) FROM campaign_exposures)
        FROM (SELECT exposure_id, BOOL_OR(response_type = 'click') AS click, BOOL_OR(response_type = 'signup') AS signup,
                     BOOL_OR(response_type = 'visit') AS visit
              FROM response_events WHERE response_type <> 'conversion' GROUP BY exposure_id)""")
    says = "Exposures without a click that were followed by a visit."
    found = (visited, exposures - clicked)
    yield share("campaigns.visit_rate", says, asked.visit_rate, found, 0.02 * asked.visit_rate)
    yield share(
        "campaigns.signup_rate", "Clicks that were followed by a sign-up.", asked.signup_rate, (signed, clicked), 0.005
    )


def _measurement(ground: Ground) -> Iterator[Knob]:
    asked, name = ground.config.campaigns.measurement, "campaigns.measurement"
    found = ground.one("SELECT COUNT(*) FILTER (arm = 'holdout'), COUNT(*) FROM pair")
    says = "Eligible people who are held out, over all campaigns."
    yield share(f"{name}.holdout_share", says, asked.holdout_share, found, 0.001)
    settled = f"""
        SELECT p.arm, COUNT(*) AS n, COUNT(*) FILTER (p.conversions > 0) AS hits,
               AVG(p.exposures / (p.exposures + {asked.saturation_exposures!r})) AS dose
        FROM pair AS p JOIN campaigns AS c ON c.campaign_id = p.campaign_id
        WHERE c.end_date <= DATE '{ground.config.output.as_of}' - {SETTLED_DAYS} GROUP BY p.arm"""
    arms = {arm: (int(n), int(hits), float(dose)) for arm, n, hits, dose in ground.rows(settled)}
    out, base, _ = arms.get("holdout", (0, 0, 0.0))
    says = f"Held-out people who converted, of campaigns that ended {SETTLED_DAYS} days before as_of or earlier."
    if asked.spillover:
        # Held-out people have exposures at home, and so has everybody.
        yield shown(f"{name}.conversion_rate", says, base / out if out else None, out, asked.conversion_rate, "%")
    else:
        yield share(f"{name}.conversion_rate", says, asked.conversion_rate, (base, out), 0.02 * asked.conversion_rate)
    treated, converted, dose = arms.get("treatment", (0, 0, 0.0))
    says = (
        "Conversion rate of the treatment arm over that of the holdout, less 1; the target is the lift at full exposure, "
        "scaled to the exposures there were. Campaigns have half to one and a half times the lift."
    )
    wanted = asked.lift * (1 - asked.null_share) * dose
    if min(base, converted) < 20 or asked.spillover:
        yield shown(f"{name}.lift", says, None, treated + out, wanted, "%")
    else:
        rate, rest = converted / treated, base / out
        error = rate / rest * math.sqrt((1 - rate) / converted + (1 - rest) / base)
        pair = (wanted, rate / rest - 1)
        tolerance = 0.5 * asked.lift * dose + ERRORS * error
        yield judged(f"{name}.lift", says, pair, tolerance, treated + out, "%")
    says = "Mean of exposures / (exposures + this), over the treatment arm: the scale of the lift above."
    yield shown(f"{name}.saturation_exposures", says, dose if treated else None, treated, asked.saturation_exposures)


def _attribution(ground: Ground) -> Iterator[Knob]:
    asked, name = ground.config.campaigns.attribution, "campaigns.attribution"
    models = [row[0] for row in ground.rows("SELECT DISTINCT attribution_model FROM outcome_metrics ORDER BY 1")]
    n = ground.one("SELECT COUNT(*) FROM outcome_metrics")[0]
    says = "The model that gave the credit."
    yield (
        exact(f"{name}.model", says, asked.model, ", ".join(models), n)
        if n
        else shown(f"{name}.model", says, None, 0, asked.model)
    )
    rows = ground.rows("""
        SELECT k.exposure_id IS NOT NULL AS clicked, MAX(EPOCH(r.timestamp - e.timestamp)) / 86400, COUNT(*)
        FROM outcome_metrics AS o
        JOIN response_events AS r ON r.response_id = o.response_id AND r.response_type = 'conversion'
        JOIN campaign_exposures AS e ON e.exposure_id = o.exposure_id
        LEFT JOIN (SELECT DISTINCT exposure_id FROM response_events WHERE response_type = 'click') AS k
               ON k.exposure_id = o.exposure_id
        GROUP BY 1""")
    longest = {bool(clicked): (float(days), int(count)) for clicked, days, count in rows}
    for clicked, setting in ((True, "click_window_days"), (False, "view_window_days")):
        days, count = longest.get(clicked, (0.0, 0))
        # A clicked exposure counts for the longer of the two.
        window = max(asked.click_window_days, asked.view_window_days) if clicked else asked.view_window_days
        says = f"Most days from a credited exposure {'with' if clicked else 'without'} a click to its conversion."
        yield bounded(f"{name}.{setting}", says, getattr(asked, setting), (days, days <= window), count, "days")
