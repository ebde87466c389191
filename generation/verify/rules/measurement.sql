-- rule: effect_of_every_assignment
-- table: campaign_effects
-- says: Every assignment has an effect of the same person, campaign and arm; the key is the assignment's.
SELECT a.assignment_id AS key
FROM campaign_assignments AS a
LEFT JOIN campaign_effects AS e ON e.effect_id = a.assignment_id
WHERE e.effect_id IS NULL OR e.individual_id <> a.individual_id OR e.campaign_id <> a.campaign_id OR e.arm <> a.arm

-- rule: potential_outcomes_are_possible
-- table: campaign_effects
-- over: campaign_effects
-- says: Chances are 0 to 1, outcomes 0 or 1, exposure never lowers one, and without exposures both are the same.
p0 < 0 OR p1 > 1 OR p0 > p1 OR y0 NOT IN (0, 1) OR y1 NOT IN (0, 1) OR y0 > y1 OR intent < 0 OR exposures < 0
OR (exposures = 0 AND (p0 <> p1 OR y0 <> y1))

-- rule: outcome_is_that_of_the_arm
-- table: campaign_effects
-- over: campaign_effects
-- says: y is y1 in treatment and y0 in holdout; cause is as y and y0 say, household only where others at home are exposed.
y <> CASE WHEN arm = 'treatment' THEN y1 ELSE y0 END
OR cause <> CASE WHEN y = 0 THEN 'none' WHEN y0 = 0 THEN 'campaign' WHEN cause = 'household' THEN 'household'
    ELSE 'baseline' END
OR (cause = 'household' AND household_exposures = 0)
OR (cause IN ('campaign', 'household')) <> (caused_by IS NOT NULL)

-- rule: household_exposures_are_counted
-- table: campaign_effects
-- says: household_exposures are those of the other members in the treatment arm where spillover is configured, else 0.
SELECT e.effect_id AS key
FROM campaign_effects AS e
JOIN individuals AS i ON i.individual_id = e.individual_id
JOIN (
    SELECT m.household_id, o.campaign_id, SUM(CASE WHEN o.arm = 'treatment' THEN o.exposures ELSE 0 END) AS seen
    FROM campaign_effects AS o JOIN individuals AS m ON m.individual_id = o.individual_id
    GROUP BY m.household_id, o.campaign_id
) AS h ON h.household_id = i.household_id AND h.campaign_id = e.campaign_id
WHERE e.household_exposures <> {spills_over} * (h.seen - CASE WHEN e.arm = 'treatment' THEN e.exposures ELSE 0 END)

-- rule: effect_has_its_exposures
-- table: campaign_effects
-- says: A treated person has as many exposures as the effect says, a held-out one a ghost impression if it says any.
SELECT e.effect_id AS key
FROM campaign_effects AS e
JOIN campaign_assignments AS a ON a.assignment_id = e.effect_id
LEFT JOIN (
    SELECT individual_id, campaign_id, COUNT(*) AS seen FROM campaign_exposures GROUP BY individual_id, campaign_id
) AS x ON x.individual_id = e.individual_id AND x.campaign_id = e.campaign_id
WHERE COALESCE(x.seen, 0) <> CASE WHEN e.arm = 'treatment' THEN e.exposures ELSE 0 END
OR (e.arm = 'holdout' AND (a.ghost_impression_at IS NOT NULL) <> (e.exposures > 0))

-- rule: outcome_is_in_the_log
-- table: campaign_effects
-- says: A person has a conversion of the campaign, of the effect's value, if and only if y is 1.
SELECT e.effect_id AS key
FROM campaign_effects AS e
LEFT JOIN (
    SELECT individual_id, campaign_id, COUNT(*) AS conversions, SUM(value) AS value
    FROM conversions GROUP BY individual_id, campaign_id
) AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
WHERE COALESCE(c.conversions, 0) <> e.y OR c.value <> e.value

-- rule: cause_comes_before_its_effect
-- table: campaign_effects
-- says: The causing exposure is the person's own, for cause household another member's; it precedes the conversion.
SELECT e.effect_id AS key
FROM campaign_effects AS e
JOIN campaign_exposures AS x ON x.exposure_id = e.caused_by
JOIN conversions AS c ON c.individual_id = e.individual_id AND c.campaign_id = e.campaign_id
JOIN individuals AS buyer ON buyer.individual_id = e.individual_id
JOIN individuals AS viewer ON viewer.individual_id = x.individual_id
WHERE (x.individual_id = e.individual_id) <> (e.cause = 'campaign') OR buyer.household_id <> viewer.household_id
OR x.campaign_id <> e.campaign_id OR x.timestamp >= c.timestamp

-- rule: lift_adds_up
-- table: campaign_lift
-- says: The rows of a campaign and of its segments are the sums of the effects of their people; the key is the campaign's.
SELECT COALESCE(l.campaign_id, s.campaign_id) AS key
FROM (SELECT * FROM campaign_lift WHERE breakdown <> 'channel') AS l
FULL OUTER JOIN (
    SELECT p.campaign_id, p.group_name, COUNT(*) AS eligible,
           SUM(CASE WHEN p.arm = 'treatment' THEN 1 ELSE 0 END) AS treated,
           SUM(CASE WHEN p.exposures > 0 THEN 1 ELSE 0 END) AS reached,
           SUM(CASE WHEN p.exposures > 0 THEN p.y0 ELSE 0 END) AS baseline, SUM(p.y1 - p.y0) AS gained,
           SUM(CASE WHEN p.arm = 'treatment' THEN p.y1 - p.y0 ELSE 0 END) AS incremental,
           SUM(CASE WHEN p.arm = 'treatment' AND p.y1 > p.y0 THEN p.value ELSE 0 END) AS revenue,
           SUM(CASE WHEN p.cause = 'household' THEN 1 ELSE 0 END) AS spilled
    FROM (
        SELECT e.*, 'all' AS group_name FROM campaign_effects AS e
        UNION ALL
        SELECT e.*, a.segment AS group_name
        FROM campaign_effects AS e JOIN audience_attributes AS a ON a.individual_id = e.individual_id
    ) AS p
    GROUP BY p.campaign_id, p.group_name
) AS s ON s.campaign_id = l.campaign_id AND s.group_name = l.group_name
WHERE l.campaign_id IS NULL OR s.campaign_id IS NULL OR l.eligible <> s.eligible OR l.treated <> s.treated
OR l.reached <> s.reached OR l.baseline_conversions <> s.baseline OR l.incremental_conversions <> s.incremental
OR l.incremental_revenue <> s.revenue OR l.spillover_conversions <> s.spilled OR ABS(l.itt * s.eligible - s.gained) > 1e-6
OR ABS(COALESCE(l.att, 0) * s.reached - s.gained) > 1e-6
OR (l.relative_lift IS NULL) <> (s.baseline = 0) OR ABS(l.relative_lift * s.baseline - s.gained) > 1e-6

-- rule: channels_share_the_effect
-- table: campaign_lift
-- says: What the channels of a campaign caused adds up to what the campaign caused; the key is the campaign's.
SELECT campaign_id AS key
FROM campaign_lift
GROUP BY campaign_id
HAVING SUM(CASE breakdown WHEN 'campaign' THEN incremental_conversions WHEN 'channel' THEN -incremental_conversions
           ELSE 0 END) <> 0
OR SUM(CASE breakdown WHEN 'campaign' THEN incremental_revenue WHEN 'channel' THEN -incremental_revenue ELSE 0 END) <> 0

-- rule: credits_sum_to_one
-- table: attribution_credits
-- says: The weights of a conversion sum to 1 and the revenues to its value for each unit and model; the key is the conversion's.
SELECT k.conversion_id AS key
FROM (
    SELECT conversion_id, unit, model, SUM(weight) AS weight, SUM(revenue) AS revenue
    FROM attribution_credits GROUP BY conversion_id, unit, model
) AS k
JOIN conversions AS c ON c.conversion_id = k.conversion_id
WHERE ABS(k.weight - 1) > 1e-9 OR k.revenue <> c.value

-- rule: credit_is_under_every_model
-- table: attribution_credits
-- says: A response has a person's credits under every model, another conversion none; a household's are under every or none.
SELECT c.conversion_id AS key
FROM conversions AS c
LEFT JOIN (SELECT DISTINCT conversion_id FROM response_events) AS r ON r.conversion_id = c.conversion_id
LEFT JOIN (
    SELECT conversion_id, COUNT(DISTINCT CASE WHEN unit = 'person' THEN model END) AS own,
           COUNT(DISTINCT CASE WHEN unit = 'household' THEN model END) AS at_home
    FROM attribution_credits GROUP BY conversion_id
) AS k ON k.conversion_id = c.conversion_id
WHERE COALESCE(k.own, 0) <> CASE WHEN r.conversion_id IS NULL THEN 0 ELSE 6 END
OR COALESCE(k.at_home, 0) NOT IN (0, 6) OR COALESCE(k.at_home, 0) < COALESCE(k.own, 0)

-- rule: credit_is_of_a_touch
-- table: attribution_credits
-- says: A credited exposure is the converting person's or household's, to the campaign, on its channel and in its window.
SELECT k.credit_id AS key
FROM attribution_credits AS k
JOIN conversions AS c ON c.conversion_id = k.conversion_id
JOIN campaign_exposures AS x ON x.exposure_id = k.exposure_id
JOIN individuals AS buyer ON buyer.individual_id = c.individual_id
JOIN individuals AS viewer ON viewer.individual_id = x.individual_id
LEFT JOIN (SELECT DISTINCT exposure_id FROM response_events WHERE response_type = 'click') AS r
    ON r.exposure_id = k.exposure_id
WHERE buyer.household_id <> viewer.household_id OR (k.unit = 'person' AND x.individual_id <> c.individual_id)
OR x.campaign_id <> c.campaign_id OR x.channel <> k.channel
OR x.timestamp >= c.timestamp OR k.touch < 1 OR k.touch > k.touches OR k.weight <= 0 OR k.weight > 1 OR k.revenue < 0
OR c.timestamp > x.timestamp + CASE WHEN r.exposure_id IS NULL THEN INTERVAL '{view_window_days}' DAY
    ELSE INTERVAL '{longest_window_days}' DAY END

-- rule: outcomes_follow_the_primary_model
-- table: attribution_credits
-- says: outcome_metrics has the person's credits of the configured model; the key is the outcome's.
SELECT o.outcome_id AS key
FROM outcome_metrics AS o
JOIN response_events AS r ON r.response_id = o.response_id AND r.response_type = 'conversion'
LEFT JOIN attribution_credits AS k
    ON k.conversion_id = r.conversion_id AND k.exposure_id = o.exposure_id AND k.model = o.attribution_model
    AND k.unit = 'person'
WHERE k.credit_id IS NULL OR ABS(k.weight - o.attribution_weight) > 1e-9 OR k.revenue <> o.revenue
