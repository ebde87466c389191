-- rule: title_length_is_positive
-- table: content_catalog
-- over: content_catalog
-- says: length_seconds is positive.
length_seconds <= 0

-- rule: event_inside_the_window
-- table: content_engagements
-- over: event_context
-- says: An event is inside the history window, as_of excluded.
timestamp < TIMESTAMP '{window_start} 00:00:00' OR timestamp >= TIMESTAMP '{as_of} 00:00:00'

-- rule: duration_fits_the_title
-- table: content_engagements
-- over: event_context
-- says: duration is 0 to the title's length.
duration < 0 OR duration > length_seconds

-- rule: completion_is_a_share
-- table: content_engagements
-- over: event_context
-- says: completion is 0 to 1.
completion < 0 OR completion > 1

-- rule: event_device_in_household
-- table: content_engagements
-- over: event_context
-- says: An event's device belongs to the person's household.
device_household_id <> person_household_id

-- rule: event_mapping_of_the_person
-- table: content_engagements
-- over: event_context
-- says: An event's mapping belongs to the event's person.
mapping_individual_id <> individual_id

-- rule: event_mapping_on_the_device
-- table: content_engagements
-- over: event_context
-- says: An event's mapping, where it is carried by a device, is carried by the event's device.
mapping_device_id <> device_id

-- rule: event_inside_mapping_lifetime
-- table: content_engagements
-- over: event_context
-- says: An event uses an identifier between its first_seen and last_seen.
timestamp < mapping_first_seen OR timestamp > mapping_last_seen

-- rule: event_before_opt_out
-- table: content_engagements
-- over: event_context
-- says: An event does not use an identifier at or after its opt-out.
timestamp >= mapping_opted_out_at

-- rule: event_only_with_consent
-- table: content_engagements
-- over: event_context
-- says: An event uses an identifier of somebody who consents to measurement, or did until opting out.
mapping_opted_out_at IS NULL AND NOT mapping_consent_measurement
