-- Credits as the models are defined, with ordinary numbers; nothing here is shared with the generator.
-- $stride: 1 where a person's own exposures are touches, 16 where those of everybody at home are.
WITH clicks AS (SELECT DISTINCT exposure_id FROM response_events WHERE response_type = 'click'),
seen AS (
    SELECT c.conversion_id, c.value, c.timestamp AS converted_at, x.exposure_id, x.channel, x.timestamp AS touched_at,
           date_diff('second', x.timestamp, c.timestamp) AS passed, k.exposure_id IS NOT NULL AS is_clicked
    FROM conversions AS c
    JOIN campaign_exposures AS x ON x.individual_id // $stride = c.individual_id // $stride AND x.campaign_id = c.campaign_id
    LEFT JOIN clicks AS k ON k.exposure_id = x.exposure_id
),
touches AS (
    SELECT *, row_number() OVER path AS touch, count(*) OVER (PARTITION BY conversion_id) AS touches
    FROM seen
    WHERE passed > 0 AND passed <= 86400 * CASE WHEN is_clicked THEN $click ELSE $view END
    WINDOW path AS (PARTITION BY conversion_id ORDER BY touched_at, exposure_id)
),
exposed AS (
    SELECT x.individual_id // $stride AS who, x.campaign_id, list(DISTINCT x.channel) AS channels, max(c.conversion_id) IS NOT NULL AS converted
    FROM campaign_exposures AS x
    LEFT JOIN conversions AS c ON c.individual_id // $stride = x.individual_id // $stride AND c.campaign_id = x.campaign_id
    GROUP BY ALL
),
effects AS (
    SELECT n.channel, greatest(0.001, 1 - coalesce(
        (SELECT avg(e.converted::INT) FROM exposed AS e WHERE NOT list_contains(e.channels, n.channel)), 0)
        / (SELECT avg(e.converted::INT) FROM exposed AS e)) AS effect
    FROM (SELECT DISTINCT channel FROM campaign_exposures) AS n
),
shares AS (
    SELECT t.*, m.model, CASE m.model
        WHEN 'first_touch' THEN (touch = 1)::INT
        WHEN 'last_touch' THEN (touch = touches)::INT
        WHEN 'linear' THEN 1
        WHEN 'time_decay' THEN pow(2, -floor(passed / 3600) / 168.0)
        WHEN 'position_based' THEN CASE WHEN touches <= 2 THEN 1 WHEN touch IN (1, touches) THEN 0.4 ELSE 0.2 / (touches - 2) END
        ELSE e.effect END AS share
    FROM touches AS t
    JOIN effects AS e ON e.channel = t.channel
    CROSS JOIN (SELECT unnest(['first_touch', 'last_touch', 'linear', 'time_decay', 'position_based', 'removal_effect'])
                AS model) AS m
)
SELECT conversion_id, exposure_id, CASE $stride WHEN 1 THEN 'person' ELSE 'household' END AS unit, model, channel, touch, touches, value, converted_at, touched_at,
       share / sum(share) OVER (PARTITION BY conversion_id, model) AS weight
FROM shares
