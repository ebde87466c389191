-- Relations that several rules read. Independent of how the rows were made: everything is joined, nothing recomputed
-- from keys. Timestamps are UTC.

-- view: household_members
-- keep: yes
SELECT h.household_id, h.size, h.household_type,
       COALESCE(m.members, 0) AS members, COALESCE(m.reference_people, 0) AS reference_people,
       COALESCE(m.spouses, 0) AS spouses, COALESCE(m.partners, 0) AS partners, COALESCE(m.minors, 0) AS minors
FROM households AS h
LEFT JOIN (
    SELECT household_id, COUNT(*) AS members,
           SUM(CASE WHEN relationship = 'reference_person' THEN 1 ELSE 0 END) AS reference_people,
           SUM(CASE WHEN relationship = 'spouse' THEN 1 ELSE 0 END) AS spouses,
           SUM(CASE WHEN relationship = 'unmarried_partner' THEN 1 ELSE 0 END) AS partners,
           SUM(CASE WHEN relationship IN ('child', 'grandchild') AND age < 18 THEN 1 ELSE 0 END) AS minors
    FROM individuals
    GROUP BY household_id
) AS m ON m.household_id = h.household_id

-- view: relatives
-- Every person beside the household's reference person and that person's partner, where there is one.
SELECT i.individual_id, i.relationship, i.age, i.marital_status,
       r.age AS reference_age, r.marital_status AS reference_marital_status, p.age AS partner_age
FROM individuals AS i
JOIN individuals AS r ON r.household_id = i.household_id AND r.relationship = 'reference_person'
LEFT JOIN individuals AS p ON p.household_id = i.household_id AND p.relationship IN ('spouse', 'unmarried_partner')

-- view: device_context
-- covers: devices
-- finds: individual_id
SELECT d.*, o.household_id AS owner_household_id, o.individual_id AS found_individual_id
FROM devices AS d
LEFT JOIN individuals AS o ON o.individual_id = d.individual_id

-- view: mapping_context
-- covers: identity_mappings
-- finds: individual_id, device_id
SELECT m.*, i.household_id AS person_household_id, d.household_id AS device_household_id,
       d.individual_id AS device_owner_id, d.device_type, d.os,
       i.individual_id AS found_individual_id, d.device_id AS found_device_id
FROM identity_mappings AS m
LEFT JOIN individuals AS i ON i.individual_id = m.individual_id
LEFT JOIN devices AS d ON d.device_id = m.device_id

-- view: household_identifiers
-- gather: digest
-- Which households the identifiers of a home belong to, and when; their values by hash, which needs little memory.
SELECT m.identifier_type, HASH(m.identifier_value) AS digest, m.first_seen, m.last_seen, i.household_id
FROM identity_mappings AS m
JOIN individuals AS i ON i.individual_id = m.individual_id
WHERE m.identifier_type IN ('ctv_id', 'home_ip')

-- view: person_identifiers
-- gather: digest
-- The hash of every identifier that is one person's alone.
SELECT HASH(identifier_type, identifier_value) AS digest
FROM identity_mappings
WHERE identifier_type NOT IN ('ctv_id', 'home_ip', 'mobile_ip')

-- view: hashes_of_nothing_own
-- Hashes for which their person has no e-mail address or phone number of that hash.
WITH plain AS (
    SELECT individual_id, identifier_type = 'email' AS is_email,
           SHA2(CASE identifier_type WHEN 'email' THEN LOWER(TRIM(identifier_value))
                                     ELSE TRIM(identifier_value) END, 256) AS hex
    FROM identity_mappings
    WHERE identifier_type IN ('email', 'phone')
)
SELECT m.mapping_id, m.identifier_type
FROM (
    SELECT mapping_id, individual_id, identifier_type, identifier_value, identifier_type <> 'hashed_phone' AS is_email,
           COALESCE(hash_scheme = 'sha256_base64', FALSE) AS is_base64
    FROM identity_mappings
    WHERE identifier_type IN ('hashed_email', 'hashed_email_base64', 'hashed_phone')
) AS m
ANTI JOIN (
    SELECT individual_id, is_email, FALSE AS is_base64, hex AS digest FROM plain
    UNION ALL
    SELECT individual_id, is_email, TRUE AS is_base64, BASE64(UNHEX(hex)) AS digest FROM plain
) AS own ON own.individual_id = m.individual_id AND own.digest = m.identifier_value
    AND own.is_email = m.is_email AND own.is_base64 = m.is_base64

-- view: used_mappings
-- keep: yes
-- The mappings that events and exposures name: a small part of all, so that joins need not hold all.
SELECT m.mapping_id, m.individual_id, m.device_id, m.first_seen, m.last_seen, m.opted_out_at,
       m.consent_advertising, m.consent_measurement
FROM identity_mappings AS m
SEMI JOIN (
    SELECT mapping_id FROM content_engagements UNION SELECT mapping_id FROM campaign_exposures
) AS named ON named.mapping_id = m.mapping_id

-- view: event_context
-- covers: content_engagements
-- finds: individual_id, content_id, device_id, mapping_id
SELECT e.*, i.household_id AS person_household_id, c.length_seconds,
       d.household_id AS device_household_id, d.individual_id AS device_owner_id, d.last_seen AS device_last_seen,
       m.individual_id AS mapping_individual_id, m.device_id AS mapping_device_id, m.first_seen AS mapping_first_seen,
       m.last_seen AS mapping_last_seen, m.opted_out_at AS mapping_opted_out_at,
       m.consent_measurement AS mapping_consent_measurement,
       i.individual_id AS found_individual_id, c.content_id AS found_content_id, d.device_id AS found_device_id,
       m.mapping_id AS found_mapping_id
FROM content_engagements AS e
LEFT JOIN individuals AS i ON i.individual_id = e.individual_id
LEFT JOIN content_catalog AS c ON c.content_id = e.content_id
LEFT JOIN devices AS d ON d.device_id = e.device_id
LEFT JOIN used_mappings AS m ON m.mapping_id = e.mapping_id

-- view: person_categories
-- keep: yes
SELECT e.individual_id, c.category, COUNT(*) AS events, SUM(CAST(e.duration AS BIGINT)) AS seconds,
       MIN(e.timestamp) AS first_at, MAX(e.timestamp) AS last_at
FROM content_engagements AS e
JOIN content_catalog AS c ON c.content_id = e.content_id
GROUP BY e.individual_id, c.category

-- view: person_habits
-- keep: yes
SELECT individual_id, SUM(events) AS events, SUM(seconds) AS seconds, COUNT(*) AS categories,
       MIN(first_at) AS first_at, CAST(MAX(last_at) AS DATE) AS last_day,
       ARRAY_AGG(category ORDER BY seconds DESC, category) AS preferred_categories
FROM person_categories
GROUP BY individual_id

-- view: person_traits
-- keep: yes
-- The demographic segments, which do not depend on events, and what campaigns target.
SELECT i.individual_id, i.age, i.gender, h.location.state AS state, h.income_bracket,
       i.age >= 18 AND hm.minors > 0 AS is_parent,
       i.employment = 'student' AS is_student,
       i.age >= 25 AND h.household_income >= 150000 AS is_affluent,
       i.age >= 18 AND i.age <= 34 AS is_young_adult,
       i.employment = 'retired' AS is_retiree
FROM individuals AS i
JOIN households AS h ON h.household_id = i.household_id
JOIN household_members AS hm ON hm.household_id = i.household_id

-- view: person_behavior
-- keep: yes
SELECT a.individual_id,
       CAST(p.events AS DOUBLE) * 30 / {history_days} >= {heavy_frequency} AS is_heavy_viewer,
       p.events >= {minimum_events} AND a.affinity_scores['sports'] >= {affinity} AS is_sports_fan,
       p.events >= {minimum_events} AND a.affinity_scores['news'] >= {affinity} AS is_news_follower,
       p.events >= {minimum_events} AND a.affinity_scores['gaming'] >= {affinity} AS is_gamer,
       p.last_day + {lapsed_days} <= DATE '{as_of}' AS is_lapsed
FROM audience_attributes AS a
JOIN person_habits AS p ON p.individual_id = a.individual_id

-- view: audience_context
SELECT a.attribute_id, a.individual_id, a.segment, ARRAY_JOIN(a.classifications, ',') AS classifications,
       CARDINALITY(a.affinity_scores) AS affinity_count,
       COALESCE(b.is_heavy_viewer, FALSE) AS is_heavy_viewer, COALESCE(b.is_sports_fan, FALSE) AS is_sports_fan,
       COALESCE(b.is_news_follower, FALSE) AS is_news_follower, COALESCE(b.is_gamer, FALSE) AS is_gamer,
       COALESCE(b.is_lapsed, FALSE) AS is_lapsed, b.individual_id IS NOT NULL AS has_events,
       t.is_parent, t.is_student, t.is_affluent, t.is_young_adult, t.is_retiree
FROM audience_attributes AS a
LEFT JOIN person_behavior AS b ON b.individual_id = a.individual_id
JOIN person_traits AS t ON t.individual_id = a.individual_id

-- view: affinity_checks
-- keep: yes
-- Scores beside the shares of seconds (of events, where no second was spent), for people with events.
SELECT a.attribute_id, MAX(CARDINALITY(a.affinity_scores)) AS scores,
       SUM(CASE WHEN a.affinity_scores[c.category] IS NULL THEN 0 ELSE 1 END) AS scores_with_events,
       SUM(COALESCE(a.affinity_scores[c.category], 0)) AS total,
       MAX(ABS(COALESCE(a.affinity_scores[c.category], 0) - CASE
           WHEN p.seconds > 0 THEN CAST(c.seconds AS DOUBLE) / CAST(p.seconds AS DOUBLE)
           ELSE CAST(c.events AS DOUBLE) / CAST(p.events AS DOUBLE) END)) AS largest_error
FROM audience_attributes AS a
JOIN person_habits AS p ON p.individual_id = a.individual_id
JOIN person_categories AS c ON c.individual_id = a.individual_id
GROUP BY a.attribute_id

-- view: assignment_context
SELECT a.*, c.start_date, c.end_date, c.target_criteria, t.age, t.gender, t.state, t.income_bracket,
       t.is_parent, t.is_student, t.is_affluent, t.is_young_adult, t.is_retiree
FROM campaign_assignments AS a
JOIN campaigns AS c ON c.campaign_id = a.campaign_id
JOIN person_traits AS t ON t.individual_id = a.individual_id

-- view: exposure_context
-- covers: campaign_exposures
-- finds: individual_id, campaign_id, device_id, mapping_id
SELECT x.*, a.arm, c.start_date, c.end_date, c.frequency_cap, c.channels,
       i.household_id AS person_household_id,
       d.device_type, d.household_id AS device_household_id, d.individual_id AS device_owner_id,
       d.last_seen AS device_last_seen,
       m.individual_id AS mapping_individual_id, m.device_id AS mapping_device_id, m.first_seen AS mapping_first_seen,
       m.last_seen AS mapping_last_seen, m.opted_out_at AS mapping_opted_out_at,
       m.consent_advertising AS mapping_consent_advertising,
       i.individual_id AS found_individual_id, c.campaign_id AS found_campaign_id, d.device_id AS found_device_id,
       m.mapping_id AS found_mapping_id
FROM campaign_exposures AS x
LEFT JOIN campaign_assignments AS a ON a.individual_id = x.individual_id AND a.campaign_id = x.campaign_id
LEFT JOIN campaigns AS c ON c.campaign_id = x.campaign_id
LEFT JOIN individuals AS i ON i.individual_id = x.individual_id
LEFT JOIN devices AS d ON d.device_id = x.device_id
LEFT JOIN used_mappings AS m ON m.mapping_id = x.mapping_id

-- view: exposure_order
SELECT exposure_id, frequency, timestamp,
       ROW_NUMBER() OVER (PARTITION BY individual_id, campaign_id ORDER BY timestamp, exposure_id) AS place,
       LAG(timestamp) OVER (PARTITION BY individual_id, campaign_id ORDER BY timestamp, exposure_id) AS previous_at
FROM campaign_exposures

-- view: touches
-- keep: yes
-- Every exposure to a campaign with a response, and until when a conversion after it counts.
SELECT x.exposure_id, x.individual_id, x.campaign_id, x.timestamp AS touched_at,
       x.timestamp + INTERVAL '1' DAY * (CASE WHEN k.exposure_id IS NULL THEN c.view_window_days
                                              ELSE c.click_window_days END) AS window_end
FROM campaign_exposures AS x
JOIN campaigns AS c ON c.campaign_id = x.campaign_id
LEFT JOIN (SELECT DISTINCT exposure_id FROM response_events WHERE response_type = 'click') AS k
       ON k.exposure_id = x.exposure_id
WHERE EXISTS (SELECT 1 FROM response_events AS r
              WHERE r.individual_id = x.individual_id AND r.campaign_id = x.campaign_id)

-- view: response_context
SELECT r.*, x.individual_id AS touch_individual_id, x.campaign_id AS touch_campaign_id, x.timestamp AS touched_at,
       c.click_window_days, t.window_end,
       v.conversion_id AS logged_id, v.individual_id AS logged_individual_id, v.campaign_id AS logged_campaign_id,
       v.timestamp AS logged_at, v.value AS logged_value
FROM response_events AS r
LEFT JOIN campaign_exposures AS x ON x.exposure_id = r.exposure_id
LEFT JOIN campaigns AS c ON c.campaign_id = r.campaign_id
LEFT JOIN touches AS t ON t.exposure_id = r.exposure_id
LEFT JOIN conversions AS v ON v.conversion_id = r.conversion_id

-- view: outcome_context
SELECT o.*, r.response_type, r.individual_id AS response_individual_id, r.campaign_id AS response_campaign_id,
       r.timestamp AS responded_at, r.exposure_id AS response_exposure_id,
       x.individual_id AS touch_individual_id, x.campaign_id AS touch_campaign_id, x.timestamp AS touched_at,
       t.window_end
FROM outcome_metrics AS o
LEFT JOIN response_events AS r ON r.response_id = o.response_id
LEFT JOIN campaign_exposures AS x ON x.exposure_id = o.exposure_id
LEFT JOIN touches AS t ON t.exposure_id = o.exposure_id

-- view: response_credits
-- keep: yes
SELECT r.response_id, r.response_type, r.exposure_id, r.value, COUNT(o.outcome_id) AS credits,
       COUNT(DISTINCT o.exposure_id) AS touches, SUM(o.attribution_weight) AS weight, SUM(o.revenue) AS revenue,
       MIN(o.attribution_weight) AS least_weight, MAX(o.attribution_weight) AS largest_weight
FROM response_events AS r
LEFT JOIN outcome_metrics AS o ON o.response_id = r.response_id
GROUP BY r.response_id, r.response_type, r.exposure_id, r.value
