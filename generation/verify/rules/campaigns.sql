-- rule: flight_inside_the_window
-- table: campaigns
-- over: campaigns
-- says: The flight runs forward and lies in the history window.
start_date < DATE '{window_start}' OR start_date > end_date OR end_date >= DATE '{as_of}'

-- rule: campaign_channels_are_configured
-- table: campaigns
-- over: campaigns
-- says: channels are configured channels, at least one.
NOT REGEXP_LIKE(ARRAY_JOIN(channels, ','), '{channel_list}') OR ARRAY_JOIN(channels, ',') = ''

-- rule: target_criteria_are_declared
-- table: campaigns
-- over: campaigns
-- says: Targeted genders, states, income brackets and demographic segments are declared values; ages run forward.
target_criteria.min_age > target_criteria.max_age OR target_criteria.min_age < 0
OR NOT REGEXP_LIKE(ARRAY_JOIN(target_criteria.genders, ','), '{gender_list}')
OR NOT REGEXP_LIKE(ARRAY_JOIN(target_criteria.states, ','), '{state_list}')
OR NOT REGEXP_LIKE(ARRAY_JOIN(target_criteria.income_brackets, ','), '{bracket_list}')
OR NOT REGEXP_LIKE(ARRAY_JOIN(target_criteria.segments, ','), '{segment_list}')

-- rule: campaign_follows_the_configuration
-- table: campaigns
-- over: campaigns
-- says: frequency_cap is 1 to the configured cap, the conversion windows are the configured ones.
frequency_cap < 1 OR frequency_cap > {frequency_cap}
OR click_window_days <> {click_window_days} OR view_window_days <> {view_window_days}

-- rule: budget_and_holdout_are_possible
-- table: campaigns
-- over: campaigns
-- says: budget is not negative and holdout_share 0 to 1.
budget < 0 OR holdout_share < 0 OR holdout_share > 1

-- rule: assigned_person_meets_the_target
-- table: campaign_assignments
-- over: assignment_context
-- says: An assigned person meets every part of target_criteria.
age < target_criteria.min_age OR age > target_criteria.max_age
OR (CARDINALITY(target_criteria.genders) > 0 AND NOT ARRAY_CONTAINS(target_criteria.genders, gender))
OR (CARDINALITY(target_criteria.states) > 0 AND NOT ARRAY_CONTAINS(target_criteria.states, state))
OR (CARDINALITY(target_criteria.income_brackets) > 0
    AND NOT ARRAY_CONTAINS(target_criteria.income_brackets, income_bracket))
OR (CARDINALITY(target_criteria.segments) > 0 AND NOT (
       (is_parent AND ARRAY_CONTAINS(target_criteria.segments, 'parents'))
    OR (is_student AND ARRAY_CONTAINS(target_criteria.segments, 'students'))
    OR (is_affluent AND ARRAY_CONTAINS(target_criteria.segments, 'affluent_households'))
    OR (is_young_adult AND ARRAY_CONTAINS(target_criteria.segments, 'young_adults'))
    OR (is_retiree AND ARRAY_CONTAINS(target_criteria.segments, 'retirees'))))

-- rule: ghost_impression_of_holdout_in_flight
-- table: campaign_assignments
-- over: assignment_context
-- says: Only held-out people have a ghost impression, and it is inside the flight.
ghost_impression_at IS NOT NULL AND (arm <> 'holdout' OR ghost_impression_at < CAST(start_date AS TIMESTAMP)
    OR ghost_impression_at >= CAST(end_date AS TIMESTAMP) + INTERVAL '1' DAY)
