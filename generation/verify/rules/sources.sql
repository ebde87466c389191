-- rule: record_has_a_person
-- table: source_records
-- says: Every source record is of a person.
SELECT record_id AS key FROM source_records ANTI JOIN person_links USING (record_id)

-- rule: captured_before_as_of
-- table: source_records
-- over: source_records
-- says: A record was captured before as_of.
captured_on >= DATE '{as_of}'

-- rule: source_has_its_columns_only
-- table: source_records
-- over: source_records
-- says: A record has no value in a column that its source does not have.
(source NOT IN ('web_analytics') AND cookie_id IS NOT NULL)
OR (source NOT IN ('ctv_app') AND tv_id IS NOT NULL)
OR (source NOT IN ('web_analytics', 'ctv_app') AND (hashed_email IS NOT NULL OR ip_address IS NOT NULL))
OR (source NOT IN ('crm', 'ecommerce', 'public_records') AND street_address IS NOT NULL)
OR (source IN ('web_analytics', 'ctv_app', 'call_center', 'public_records') AND email IS NOT NULL)
OR (source IN ('web_analytics', 'ctv_app', 'public_records') AND phone IS NOT NULL)
OR (source IN ('ecommerce', 'web_analytics', 'ctv_app') AND birth_date IS NOT NULL)
OR (source = 'web_analytics' AND (first_name IS NOT NULL OR last_name IS NOT NULL))

-- rule: record_belongs_to_nobody_real
-- table: source_records
-- over: source_records
-- says: A record's mailbox is in a domain for examples, its phone number and network address cannot be assigned.
NOT REGEXP_LIKE(email, '[.]example$') OR NOT REGEXP_LIKE(phone, '^[+]1[2-9]9[0-9][2-9][0-9]{6}$')
OR NOT REGEXP_LIKE(ip_address, '^(10[.]|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]|198[.]1[89][.]|2001:0db8:)')

-- rule: ledger_has_the_records_cell
-- table: cell_corruptions
-- says: The ledger's noisy value is the record's cell, and differs from the original one.
SELECT corruption_id AS key FROM cell_corruptions AS ledger JOIN source_records AS record USING (record_id)
WHERE ledger.noisy_value IS NOT DISTINCT FROM ledger.original_value
OR ledger.noisy_value IS DISTINCT FROM CASE ledger.column_name
    WHEN 'first_name' THEN record.first_name WHEN 'last_name' THEN record.last_name
    WHEN 'birth_date' THEN CAST(record.birth_date AS STRING) WHEN 'gender' THEN record.gender
    WHEN 'email' THEN record.email WHEN 'hashed_email' THEN record.hashed_email WHEN 'phone' THEN record.phone
    WHEN 'street_address' THEN record.street_address WHEN 'city' THEN record.city WHEN 'state' THEN record.state
    WHEN 'postal_code' THEN record.postal_code WHEN 'cookie_id' THEN record.cookie_id WHEN 'tv_id' THEN record.tv_id
    WHEN 'ip_address' THEN record.ip_address END

-- rule: undone_record_is_the_person
-- table: source_records
-- says: With the ledger undone, name, birth date, gender and place of a record are those of its person.
WITH undone AS (
    SELECT record_id,
        MAX(original_value) FILTER (WHERE column_name = 'first_name') AS first_name,
        MAX(original_value) FILTER (WHERE column_name = 'last_name') AS last_name,
        MAX(original_value) FILTER (WHERE column_name = 'birth_date') AS birth_date,
        MAX(original_value) FILTER (WHERE column_name = 'gender') AS gender,
        MAX(original_value) FILTER (WHERE column_name = 'city') AS city,
        MAX(original_value) FILTER (WHERE column_name = 'state') AS state,
        MAX(original_value) FILTER (WHERE column_name = 'postal_code') AS postal_code
    FROM cell_corruptions GROUP BY record_id
)
SELECT record.record_id AS key
FROM source_records AS record
JOIN person_links AS link ON link.record_id = record.record_id
JOIN individuals AS person ON person.individual_id = link.individual_id
JOIN households AS home ON home.household_id = person.household_id
LEFT JOIN undone ON undone.record_id = record.record_id
WHERE COALESCE(undone.first_name, record.first_name) <> person.first_name
OR COALESCE(undone.last_name, record.last_name) <> person.last_name
OR COALESCE(undone.birth_date, CAST(record.birth_date AS STRING)) <> CAST(person.birth_date AS STRING)
OR COALESCE(undone.gender, record.gender) <> person.gender
OR COALESCE(undone.city, record.city) <> home.location.city
OR COALESCE(undone.state, record.state) <> home.location.state
OR COALESCE(undone.postal_code, record.postal_code) <> home.location.postal_code

-- rule: case_is_of_the_records_person
-- table: hard_cases
-- says: A hard case names the person of its record.
SELECT case_id AS key FROM hard_cases JOIN person_links USING (record_id)
WHERE hard_cases.individual_id <> person_links.individual_id

-- rule: changed_cell_is_its_hard_case
-- table: cell_corruptions
-- says: A cell that a hard case has changed is among the hard cases, with its record.
SELECT corruption_id AS key FROM cell_corruptions
WHERE noise_type IN ({written_cases})
AND NOT EXISTS (SELECT 1 FROM hard_cases WHERE hard_cases.record_id = cell_corruptions.record_id AND case_type = noise_type)
