-- Whose a value is. No slice of households can tell: what these rules compare is gathered from all of them.

-- rule: identifier_value_of_one_person
-- table: identity_mappings
-- scope: value
-- says: An identifier value belongs to one person (ctv_id and IP addresses aside, which households share).
-- Only those of equal hash are compared by value and person.
WITH suspects AS (
    SELECT digest FROM person_identifiers GROUP BY digest HAVING COUNT(*) > 1
)
SELECT MIN(m.mapping_id) AS key
FROM identity_mappings AS m
JOIN suspects ON suspects.digest = HASH(m.identifier_type, m.identifier_value)
WHERE m.identifier_type NOT IN ('ctv_id', 'home_ip', 'mobile_ip')
GROUP BY m.identifier_type, m.identifier_value
HAVING MIN(m.individual_id) <> MAX(m.individual_id)

-- rule: ctv_id_of_one_household
-- table: identity_mappings
-- scope: value
-- says: A ctv_id belongs to people of one household.
WITH suspects AS (
    SELECT digest FROM household_identifiers WHERE identifier_type = 'ctv_id'
    GROUP BY digest HAVING MIN(household_id) <> MAX(household_id)
)
SELECT MIN(m.mapping_id) AS key
FROM identity_mappings AS m
JOIN suspects ON suspects.digest = HASH(m.identifier_value)
JOIN individuals AS i ON i.individual_id = m.individual_id
WHERE m.identifier_type = 'ctv_id'
GROUP BY m.identifier_value
HAVING MIN(i.household_id) <> MAX(i.household_id)

-- rule: home_ip_of_one_household_at_a_time
-- table: identity_mappings
-- scope: value
-- says: At any moment, a home_ip belongs to people of one household.
WITH held AS (
    SELECT digest, household_id, first_seen, last_seen FROM household_identifiers WHERE identifier_type = 'home_ip'
),
reused AS (
    SELECT digest FROM held GROUP BY digest HAVING MIN(household_id) <> MAX(household_id)
),
suspects AS (
    SELECT DISTINCT a.digest
    FROM held AS a
    JOIN reused ON reused.digest = a.digest
    JOIN held AS b ON b.digest = a.digest AND b.household_id <> a.household_id
    WHERE a.first_seen <= b.last_seen AND b.first_seen <= a.last_seen
),
holders AS (
    SELECT m.mapping_id, m.identifier_value, m.first_seen, m.last_seen, i.household_id
    FROM identity_mappings AS m
    JOIN suspects ON suspects.digest = HASH(m.identifier_value)
    JOIN individuals AS i ON i.individual_id = m.individual_id
    WHERE m.identifier_type = 'home_ip'
)
SELECT DISTINCT a.mapping_id AS key
FROM holders AS a
JOIN holders AS b ON b.identifier_value = a.identifier_value AND b.household_id <> a.household_id
WHERE a.first_seen <= b.last_seen AND b.first_seen <= a.last_seen
