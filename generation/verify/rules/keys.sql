-- Keys lie in the range their parent's key gives them. What is judged in slices of households rests on this.

-- rule: person_key_in_household
-- table: individuals
-- over: individuals
-- says: individual_id lies in the range of its household_id.
individual_id < household_id * {person_stride} OR individual_id >= (household_id + 1) * {person_stride}

-- rule: device_key_in_household
-- table: devices
-- over: devices
-- says: device_id lies in the range of its household_id.
device_id < household_id * {device_stride} OR device_id >= (household_id + 1) * {device_stride}

-- rule: mapping_key_in_person
-- table: identity_mappings
-- over: identity_mappings
-- says: mapping_id lies in the range of its individual_id.
mapping_id < individual_id * {mapping_stride} OR mapping_id >= (individual_id + 1) * {mapping_stride}

-- rule: event_key_in_person
-- table: content_engagements
-- over: content_engagements
-- says: event_id lies in the range of its individual_id.
event_id < individual_id * {event_stride} OR event_id >= (individual_id + 1) * {event_stride}

-- rule: pattern_key_is_person
-- table: viewership_patterns
-- over: viewership_patterns
-- says: pattern_id equals individual_id.
pattern_id <> individual_id

-- rule: attribute_key_is_person
-- table: audience_attributes
-- over: audience_attributes
-- says: attribute_id equals individual_id.
attribute_id <> individual_id

-- rule: assignment_key_is_person_and_campaign
-- table: campaign_assignments
-- over: campaign_assignments
-- says: assignment_id is individual_id * 512 + campaign_id, so a person is assigned to a campaign once.
assignment_id <> individual_id * {campaign_stride} + campaign_id

-- rule: exposure_key_is_person_campaign_and_frequency
-- table: campaign_exposures
-- over: campaign_exposures
-- says: exposure_id is (individual_id * 512 + campaign_id) * 256 + frequency.
exposure_id <> (individual_id * {campaign_stride} + campaign_id) * {exposure_stride} + frequency

-- rule: conversion_key_in_person_and_campaign
-- table: conversions
-- over: conversions
-- says: conversion_id lies in the range of its individual_id and campaign_id.
conversion_id < (individual_id * {campaign_stride} + campaign_id) * {conversion_stride}
OR conversion_id >= (individual_id * {campaign_stride} + campaign_id + 1) * {conversion_stride}

-- rule: response_key_in_exposure
-- table: response_events
-- over: response_events
-- says: response_id lies in the range of its exposure_id.
response_id < exposure_id * {response_stride} OR response_id >= (exposure_id + 1) * {response_stride}

-- rule: outcome_key_in_response
-- table: outcome_metrics
-- over: outcome_metrics
-- says: outcome_id lies in the range of its response_id.
outcome_id < response_id * {outcome_stride} OR outcome_id >= (response_id + 1) * {outcome_stride}
