-- rule: pattern_for_everybody_with_events
-- table: viewership_patterns
-- says: Everybody with events has a viewership pattern; the key is the person's.
SELECT p.individual_id AS key
FROM person_habits AS p
WHERE NOT EXISTS (SELECT 1 FROM viewership_patterns AS v WHERE v.individual_id = p.individual_id)

-- rule: pattern_only_with_events
-- table: viewership_patterns
-- says: Nobody without events has a viewership pattern.
SELECT v.pattern_id AS key
FROM viewership_patterns AS v
WHERE NOT EXISTS (SELECT 1 FROM person_habits AS p WHERE p.individual_id = v.individual_id)

-- rule: pattern_frequency_from_events
-- table: viewership_patterns
-- says: frequency is events * 30 / history days, exactly.
SELECT v.pattern_id AS key
FROM viewership_patterns AS v
JOIN person_habits AS p ON p.individual_id = v.individual_id
WHERE v.frequency <> CAST(p.events AS DOUBLE) * 30 / {history_days}

-- rule: pattern_recency_from_events
-- table: viewership_patterns
-- says: recency is the days from the UTC date of the last event to as_of.
SELECT v.pattern_id AS key
FROM viewership_patterns AS v
JOIN person_habits AS p ON p.individual_id = v.individual_id
WHERE p.last_day + v.recency <> DATE '{as_of}'

-- rule: pattern_categories_from_events
-- table: viewership_patterns
-- says: preferred_categories are the categories with events by seconds, most first, ties by name.
SELECT v.pattern_id AS key
FROM viewership_patterns AS v
JOIN person_habits AS p ON p.individual_id = v.individual_id
WHERE v.preferred_categories IS DISTINCT FROM p.preferred_categories

-- rule: pattern_totals_from_events
-- table: viewership_patterns
-- says: events and watch_seconds are the count and the sum of durations of the person's events.
SELECT v.pattern_id AS key
FROM viewership_patterns AS v
JOIN person_habits AS p ON p.individual_id = v.individual_id
WHERE v.events <> p.events OR v.watch_seconds <> p.seconds

-- rule: audience_for_everybody
-- table: audience_attributes
-- says: Everybody has audience attributes; the key is the person's.
SELECT i.individual_id AS key
FROM individuals AS i
WHERE NOT EXISTS (SELECT 1 FROM audience_attributes AS a WHERE a.individual_id = i.individual_id)

-- rule: affinity_sums_to_one
-- table: audience_attributes
-- over: affinity_checks
-- says: The affinity_scores of somebody with events sum to 1.
ABS(total - 1) > 1e-9 OR scores <> scores_with_events

-- rule: affinity_from_events
-- table: audience_attributes
-- over: affinity_checks
-- says: An affinity is the category's share of the seconds (of the events, where no second was spent).
largest_error > 1e-8

-- rule: affinity_only_with_events
-- table: audience_attributes
-- over: audience_context
-- says: affinity_scores is empty without events.
NOT has_events AND affinity_count > 0

-- rule: segment_is_first_that_applies
-- table: audience_attributes
-- over: audience_context
-- says: segment is the first, in declared priority, that applies.
segment <> CASE
    WHEN is_heavy_viewer THEN 'heavy_viewers'
    WHEN is_sports_fan THEN 'sports_fans'
    WHEN is_news_follower THEN 'news_followers'
    WHEN is_gamer THEN 'gamers'
    WHEN is_lapsed THEN 'lapsed_viewers'
    WHEN is_parent THEN 'parents'
    WHEN is_student THEN 'students'
    WHEN is_affluent THEN 'affluent_households'
    WHEN is_young_adult THEN 'young_adults'
    WHEN is_retiree THEN 'retirees'
    ELSE 'general_audience' END

-- rule: classifications_are_all_that_apply
-- table: audience_attributes
-- over: audience_context
-- says: classifications are all segments that apply, by name.
classifications <> CONCAT(
    CASE WHEN is_affluent THEN 'affluent_households,' ELSE '' END,
    CASE WHEN is_gamer THEN 'gamers,' ELSE '' END,
    'general_audience',
    CASE WHEN is_heavy_viewer THEN ',heavy_viewers' ELSE '' END,
    CASE WHEN is_lapsed THEN ',lapsed_viewers' ELSE '' END,
    CASE WHEN is_news_follower THEN ',news_followers' ELSE '' END,
    CASE WHEN is_parent THEN ',parents' ELSE '' END,
    CASE WHEN is_retiree THEN ',retirees' ELSE '' END,
    CASE WHEN is_sports_fan THEN ',sports_fans' ELSE '' END,
    CASE WHEN is_student THEN ',students' ELSE '' END,
    CASE WHEN is_young_adult THEN ',young_adults' ELSE '' END)
