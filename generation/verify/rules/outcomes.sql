-- rule: response_has_outcomes
-- table: outcome_metrics
-- says: Every response has an outcome; the key is the response's.
SELECT response_id AS key FROM response_credits WHERE credits = 0

-- rule: weights_sum_to_one
-- table: outcome_metrics
-- says: The attribution weights of a conversion sum to 1; the key is the response's.
SELECT response_id AS key FROM response_credits
WHERE response_type = 'conversion' AND credits > 0 AND ABS(weight - 1) > 1e-9

-- rule: revenue_sums_to_value
-- table: outcome_metrics
-- says: The revenues of a response sum to its value, to the cent; the key is the response's.
SELECT response_id AS key FROM response_credits WHERE credits > 0 AND revenue <> value

-- rule: no_credit_without_conversion
-- table: outcome_metrics
-- says: Other responses have one outcome, with weight 0 and revenue 0; the key is the response's.
SELECT response_id AS key FROM response_credits
WHERE response_type <> 'conversion' AND credits > 0
AND (credits > 1 OR least_weight <> 0 OR largest_weight <> 0 OR revenue <> 0)

-- rule: touch_is_credited_once
-- table: outcome_metrics
-- says: A response credits an exposure once; the key is the response's.
SELECT response_id AS key FROM response_credits WHERE credits <> touches

-- rule: outcome_of_other_response_on_own_exposure
-- table: outcome_metrics
-- over: outcome_context
-- says: The outcome of a response without conversion names the response's own exposure.
response_type <> 'conversion' AND exposure_id <> response_exposure_id

-- rule: credited_touch_of_the_same_person
-- table: outcome_metrics
-- over: outcome_context
-- says: A credited exposure is of the responding person to the same campaign.
touch_individual_id <> response_individual_id OR touch_campaign_id <> response_campaign_id

-- rule: credited_touch_before_the_response
-- table: outcome_metrics
-- over: outcome_context
-- says: A credited exposure is before the response.
touched_at >= responded_at

-- rule: credited_touch_inside_its_window
-- table: outcome_metrics
-- over: outcome_context
-- says: A conversion is inside the window of every exposure credited for it.
response_type = 'conversion' AND responded_at > window_end

-- rule: status_agrees_with_response
-- table: outcome_metrics
-- over: outcome_context
-- says: conversion_status is converted if and only if the response is a conversion.
(conversion_status = 'converted') <> (response_type = 'conversion')

-- rule: model_is_configured
-- table: outcome_metrics
-- over: outcome_context
-- says: attribution_model is the configured one.
attribution_model <> '{attribution_model}'

-- rule: credit_is_a_share
-- table: outcome_metrics
-- over: outcome_context
-- says: attribution_weight is 0 to 1 and revenue not negative.
attribution_weight < 0 OR attribution_weight > 1 OR revenue < 0

-- rule: weights_follow_the_model
-- table: outcome_metrics
-- says: first_touch and last_touch credit one exposure, linear credits all alike; the key is the response's.
SELECT response_id AS key FROM response_credits
WHERE response_type = 'conversion' AND credits > 0 AND (
    ('{attribution_model}' IN ('first_touch', 'last_touch') AND credits > 1)
    OR ('{attribution_model}' = 'linear' AND largest_weight - least_weight > 1e-6))
