-- rule: device_seen_in_order
-- table: devices
-- over: devices
-- says: first_seen <= last_seen < as_of.
first_seen > last_seen OR last_seen >= TIMESTAMP '{as_of} 00:00:00'

-- rule: device_owner_in_household
-- table: devices
-- over: device_context
-- says: The owner lives in the device's household.
individual_id IS NOT NULL AND owner_household_id IS DISTINCT FROM household_id

-- rule: shared_device_without_owner
-- table: devices
-- over: devices
-- says: A device is shared if and only if it has no owner.
shared <> (individual_id IS NULL)

-- rule: os_runs_on_the_device
-- table: devices
-- over: devices
-- says: The operating system exists for the kind of device.
NOT (CASE device_type
    WHEN 'smartphone' THEN os IN ('ios', 'android')
    WHEN 'tablet' THEN os IN ('ipados', 'android', 'windows', 'chromeos')
    WHEN 'computer' THEN os IN ('windows', 'macos', 'chromeos')
    WHEN 'ctv' THEN os IN ('roku', 'fire_tv', 'tizen', 'webos', 'google_tv', 'tvos')
    ELSE TRUE END)
