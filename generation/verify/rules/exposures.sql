-- rule: exposure_only_in_treatment
-- table: campaign_exposures
-- over: exposure_context
-- says: Only people assigned to the treatment arm are exposed.
COALESCE(arm, 'none') <> 'treatment'

-- rule: exposure_inside_the_flight
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure is inside the flight, last day included.
timestamp < CAST(start_date AS TIMESTAMP) OR timestamp >= CAST(end_date AS TIMESTAMP) + INTERVAL '1' DAY

-- rule: exposure_under_the_cap
-- table: campaign_exposures
-- over: exposure_context
-- says: frequency is at most the campaign's frequency_cap.
frequency > frequency_cap

-- rule: exposure_frequency_counts_from_one
-- table: campaign_exposures
-- over: exposure_order
-- says: frequency runs 1..n without gap in the order of time, for each person and campaign.
frequency <> place

-- rule: exposures_follow_each_other
-- table: campaign_exposures
-- over: exposure_order
-- says: No two exposures of a person to a campaign are at the same time.
timestamp = previous_at

-- rule: exposure_on_a_channel_of_the_campaign
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure's channel is one of the campaign's.
NOT ARRAY_CONTAINS(channels, channel)

-- rule: ctv_exposure_on_a_ctv
-- table: campaign_exposures
-- over: exposure_context
-- says: Exposures through channel ctv are on ctv devices.
channel = 'ctv' AND device_type <> 'ctv'

-- rule: in_view_is_possible
-- table: campaign_exposures
-- over: exposure_context
-- says: in_view_pct is 0 to 1 and in_view_ms not negative.
in_view_pct < 0 OR in_view_pct > 1 OR in_view_ms < 0

-- rule: viewable_by_the_mrc_rule
-- table: campaign_exposures
-- over: exposure_context
-- says: is_viewable holds if and only if half the pixels were in view for 1 s (2 s for online_video and ctv).
is_viewable <> (in_view_pct >= 0.5
    AND in_view_ms >= CASE WHEN channel IN ('online_video', 'ctv') THEN 2000 ELSE 1000 END)

-- rule: exposure_device_in_household
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure's device belongs to the person's household.
device_household_id <> person_household_id

-- rule: exposure_mapping_of_the_person
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure's mapping belongs to the exposed person.
mapping_individual_id <> individual_id

-- rule: exposure_mapping_on_the_device
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure's mapping, where it is carried by a device, is carried by the exposure's device.
mapping_device_id <> device_id

-- rule: exposure_inside_mapping_lifetime
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure uses an identifier between its first_seen and last_seen.
timestamp < mapping_first_seen OR timestamp > mapping_last_seen

-- rule: exposure_before_opt_out
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure does not use an identifier at or after its opt-out.
timestamp >= mapping_opted_out_at

-- rule: exposure_only_with_consent
-- table: campaign_exposures
-- over: exposure_context
-- says: An exposure uses an identifier of somebody who consents to advertising, or did until opting out.
mapping_opted_out_at IS NULL AND NOT mapping_consent_advertising
