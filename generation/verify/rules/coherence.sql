-- What the columns' comments imply beyond the list of what is always true.

-- rule: event_on_own_or_shared_device
-- table: content_engagements
-- over: event_context
-- says: Who engages uses a device of their own or a shared one.
device_owner_id <> individual_id

-- rule: event_inside_device_lifetime
-- table: content_engagements
-- over: event_context
-- says: A device is not used after its last_seen.
timestamp > device_last_seen

-- rule: exposure_on_own_or_shared_device
-- table: campaign_exposures
-- over: exposure_context
-- says: Exposures are on a device of the person's own or a shared one.
device_owner_id <> individual_id

-- rule: exposure_inside_device_lifetime
-- table: campaign_exposures
-- over: exposure_context
-- says: Nobody is exposed on a device after its last_seen.
timestamp > device_last_seen
