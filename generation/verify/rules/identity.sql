-- rule: mapping_seen_in_order
-- table: identity_mappings
-- over: identity_mappings
-- says: first_seen <= last_seen < as_of.
first_seen > last_seen OR last_seen >= TIMESTAMP '{as_of} 00:00:00'

-- rule: mapping_device_in_household
-- table: identity_mappings
-- over: mapping_context
-- says: A mapping's device belongs to the person's household.
device_id IS NOT NULL AND device_household_id IS DISTINCT FROM person_household_id

-- rule: device_identifier_fits_device
-- table: identity_mappings
-- over: mapping_context
-- says: An idfa, gaid or ctv_id is on a device, whose system or kind has such an identifier.
(identifier_type = 'idfa' AND COALESCE(os, '') NOT IN ('ios', 'ipados', 'tvos'))
OR (identifier_type = 'gaid' AND COALESCE(os, '') NOT IN ('android', 'google_tv'))
OR (identifier_type = 'ctv_id' AND COALESCE(device_type, '') <> 'ctv')

-- rule: opt_out_before_as_of
-- table: identity_mappings
-- over: identity_mappings
-- says: opted_out_at is before as_of.
opted_out_at >= TIMESTAMP '{as_of} 00:00:00'

-- rule: opted_out_identifier_without_consent
-- table: identity_mappings
-- over: identity_mappings
-- says: An opted-out identifier has no consent at as_of.
opted_out_at IS NOT NULL AND (consent_advertising OR consent_measurement OR consent_personalization)

-- rule: confidence_is_a_share
-- table: identity_mappings
-- over: identity_mappings
-- says: confidence is 0 to 1.
confidence < 0 OR confidence > 1

-- rule: hash_scheme_fits_type
-- table: identity_mappings
-- over: identity_mappings
-- says: Hashes name their scheme, other values have none.
hash_scheme IS DISTINCT FROM CASE identifier_type
    WHEN 'hashed_email' THEN 'sha256_hex'
    WHEN 'hashed_email_base64' THEN 'sha256_base64'
    WHEN 'hashed_phone' THEN COALESCE(hash_scheme, 'sha256_hex')
    END

-- rule: email_is_in_a_reserved_domain
-- table: identity_mappings
-- over: identity_mappings
-- says: An e-mail address is in a domain that is reserved for examples and tests.
identifier_type = 'email' AND NOT REGEXP_LIKE(LOWER(TRIM(identifier_value)),
    '^[!-?A-~]+@(([a-z0-9-]+[.])+(example|test|invalid)|([a-z0-9-]+[.])*example[.](com|net|org))$')

-- rule: phone_is_unassignable
-- table: identity_mappings
-- over: identity_mappings
-- says: A phone number is E.164 in a US area code N9X, which is not assigned.
identifier_type = 'phone' AND NOT REGEXP_LIKE(identifier_value, '^[+]1[2-9]9[0-9][2-9][0-9]{6}$')

-- rule: ip_is_in_a_reserved_range
-- table: identity_mappings
-- over: identity_mappings
-- says: An IP address is in 10.0.0.0/8, 100.64.0.0/10, 198.18.0.0/15 or 2001:db8::/32.
identifier_type IN ('home_ip', 'mobile_ip') AND NOT REGEXP_LIKE(identifier_value,
    '^((10[.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|198[.]1[89])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){2}|2001:0db8(:[0-9a-f]{4}){6})$')

-- rule: uuid_identifier_is_version_8
-- table: identity_mappings
-- over: identity_mappings
-- says: idfa (upper case), gaid, ctv_id and first_party_cookie (lower case) are RFC 9562 UUIDs of version 8.
(identifier_type = 'idfa'
 AND NOT REGEXP_LIKE(identifier_value, '^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$'))
OR (identifier_type IN ('gaid', 'ctv_id', 'first_party_cookie')
 AND NOT REGEXP_LIKE(identifier_value, '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'))

-- rule: synthetic_token_says_so
-- table: identity_mappings
-- over: identity_mappings
-- says: synthetic_rampid and synthetic_uid2 start with SYN-.
identifier_type IN ('synthetic_rampid', 'synthetic_uid2') AND identifier_value NOT LIKE 'SYN-_%'

-- rule: identifier_value_is_not_blank
-- table: identity_mappings
-- over: identity_mappings
-- says: A customer or loyalty number is not blank; the other identifiers have a form of their own.
identifier_type IN ('customer_id', 'loyalty_id') AND TRIM(identifier_value) = ''

-- rule: hash_has_its_form
-- table: identity_mappings
-- over: identity_mappings
-- says: A SHA-256 is 64 lower-case hexadecimal digits, or 44 base64 characters.
(hash_scheme = 'sha256_hex' AND NOT REGEXP_LIKE(identifier_value, '^[0-9a-f]{64}$'))
OR (hash_scheme = 'sha256_base64' AND NOT REGEXP_LIKE(identifier_value, '^[A-Za-z0-9+/]{43}=$'))

-- rule: hashed_email_is_of_own_email
-- table: identity_mappings
-- over: hashes_of_nothing_own
-- says: A hashed e-mail is the SHA-256 of a trimmed, lower-case e-mail address of the same person.
identifier_type IN ('hashed_email', 'hashed_email_base64')

-- rule: hashed_phone_is_of_own_phone
-- table: identity_mappings
-- over: hashes_of_nothing_own
-- says: A hashed phone is the SHA-256 of an E.164 phone number of the same person.
identifier_type = 'hashed_phone'
