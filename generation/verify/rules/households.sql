-- rule: household_size_equals_members
-- table: households
-- over: household_members
-- says: size is the number of individuals in the household.
size <> members

-- rule: household_is_not_empty
-- table: households
-- over: household_members
-- says: Somebody lives in every household.
members = 0

-- rule: household_has_one_reference_person
-- table: households
-- over: household_members
-- says: Every household has exactly one reference person.
reference_people <> 1

-- rule: household_type_fits_members
-- table: households
-- over: household_members
-- says: Married households have one spouse, cohabiting ones one partner, others neither; who is single lives alone.
spouses <> CASE WHEN household_type LIKE 'married%' THEN 1 ELSE 0 END
OR partners <> CASE WHEN household_type LIKE 'cohabiting%' THEN 1 ELSE 0 END
OR (members = 1) <> (household_type = 'single_person')

-- rule: income_inside_its_bracket
-- table: households
-- over: households
-- says: household_income lies in income_bracket, lower bound included.
NOT (CASE income_bracket
    WHEN 'under_15k' THEN household_income < 15000
    WHEN '15k_25k' THEN household_income >= 15000 AND household_income < 25000
    WHEN '25k_35k' THEN household_income >= 25000 AND household_income < 35000
    WHEN '35k_50k' THEN household_income >= 35000 AND household_income < 50000
    WHEN '50k_75k' THEN household_income >= 50000 AND household_income < 75000
    WHEN '75k_100k' THEN household_income >= 75000 AND household_income < 100000
    WHEN '100k_150k' THEN household_income >= 100000 AND household_income < 150000
    WHEN '150k_200k' THEN household_income >= 150000 AND household_income < 200000
    WHEN '200k_plus' THEN household_income >= 200000
    ELSE FALSE END)

-- rule: state_is_configured
-- table: households
-- over: households
-- says: location.state is a US state or DC, and one of the configured states where some are configured.
location.state NOT IN ({states})

-- rule: postal_code_is_a_zip_code
-- table: households
-- over: households
-- says: location.postal_code has five digits.
NOT REGEXP_LIKE(location.postal_code, '^[0-9]{5}$')

-- rule: coordinates_are_in_the_us
-- table: households
-- over: households
-- says: location.latitude is 18 to 72 degrees north and location.longitude 64 to 180 degrees west, or east of 172.
location.latitude NOT BETWEEN 18 AND 72
OR NOT (location.longitude BETWEEN -180 AND -64 OR location.longitude BETWEEN 172 AND 180)

-- rule: time_zone_is_an_iana_name
-- table: households
-- over: households
-- says: location.time_zone is an IANA name of the United States.
NOT REGEXP_LIKE(location.time_zone, '^(America|Pacific|US)/[A-Za-z_]+(/[A-Za-z_]+)?$')

-- rule: household_created_before_the_window
-- table: households
-- over: households
-- says: created_at is before the history window.
created_at >= TIMESTAMP '{window_start} 00:00:00'

-- rule: household_created_before_its_events
-- table: households
-- says: created_at is not after the first event of any member.
SELECT h.household_id AS key
FROM households AS h
JOIN individuals AS i ON i.household_id = h.household_id
JOIN person_habits AS p ON p.individual_id = i.individual_id
WHERE p.first_at < h.created_at
