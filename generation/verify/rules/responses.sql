-- rule: conversion_after_the_start
-- table: conversions
-- says: A conversion is logged from the flight's start to before as_of.
SELECT v.conversion_id AS key
FROM conversions AS v
JOIN campaigns AS c ON c.campaign_id = v.campaign_id
WHERE v.timestamp < CAST(c.start_date AS TIMESTAMP) OR v.timestamp >= TIMESTAMP '{as_of} 00:00:00'

-- rule: conversion_value_is_positive
-- table: conversions
-- over: conversions
-- says: A conversion's value is positive.
value <= 0

-- rule: conversion_of_the_advertiser
-- table: conversions
-- says: A conversion is logged by its campaign's advertiser.
SELECT v.conversion_id AS key
FROM conversions AS v
JOIN campaigns AS c ON c.campaign_id = v.campaign_id
WHERE v.advertiser <> c.advertiser

-- rule: conversion_on_an_own_device
-- table: conversions
-- says: An order is placed on a phone of the person, or a tablet or computer of the household; never on a TV.
SELECT v.conversion_id AS key
FROM conversions AS v
JOIN individuals AS i ON i.individual_id = v.individual_id
JOIN devices AS d ON d.device_id = v.device_id
WHERE d.household_id <> i.household_id OR d.individual_id <> v.individual_id OR d.device_type = 'ctv'

-- rule: response_to_own_exposure
-- table: response_events
-- over: response_context
-- says: A response follows an exposure of the same person to the same campaign.
touch_individual_id <> individual_id OR touch_campaign_id <> campaign_id

-- rule: response_after_exposure
-- table: response_events
-- over: response_context
-- says: A response is later than its exposure.
timestamp <= touched_at

-- rule: response_before_as_of
-- table: response_events
-- over: response_context
-- says: A response is before as_of.
timestamp >= TIMESTAMP '{as_of} 00:00:00'

-- rule: response_inside_click_window
-- table: response_events
-- over: response_context
-- says: A response is within click_window_days of its exposure.
timestamp > touched_at + INTERVAL '1' DAY * click_window_days

-- rule: conversion_response_inside_its_window
-- table: response_events
-- over: response_context
-- says: A conversion is within the view window of its exposure, or the click window if that was clicked.
response_type = 'conversion' AND timestamp > window_end

-- rule: conversion_response_follows_last_touch
-- table: response_events
-- says: A conversion follows the last exposure whose window it is in.
SELECT DISTINCT r.response_id AS key
FROM response_events AS r
JOIN campaign_exposures AS own ON own.exposure_id = r.exposure_id
JOIN touches AS t ON t.individual_id = r.individual_id AND t.campaign_id = r.campaign_id
WHERE r.response_type = 'conversion' AND t.touched_at > own.timestamp
AND t.touched_at < r.timestamp AND r.timestamp <= t.window_end

-- rule: only_conversions_have_value
-- table: response_events
-- over: response_context
-- says: value is 0.00 unless the response is a conversion.
response_type <> 'conversion' AND value <> 0

-- rule: conversion_id_of_conversions_only
-- table: response_events
-- over: response_context
-- says: A response refers to a conversion if and only if it is one.
(response_type = 'conversion') <> (conversion_id IS NOT NULL)

-- rule: conversion_response_agrees_with_the_log
-- table: response_events
-- over: response_context
-- says: A conversion response has the person, campaign, time and value of its conversion.
logged_id IS NOT NULL AND (logged_individual_id <> individual_id OR logged_campaign_id <> campaign_id
    OR logged_at <> timestamp OR logged_value <> value)

-- rule: conversion_has_one_response
-- table: response_events
-- says: A conversion is the response to one exposure only.
SELECT MIN(response_id) AS key
FROM response_events
WHERE conversion_id IS NOT NULL
GROUP BY conversion_id
HAVING COUNT(*) > 1
