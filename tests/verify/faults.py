"""The planted faults, in the order of the rule files: at least one for every written rule and every catalogue kind."""

from __future__ import annotations

from tests.verify.planted import Fault, changed, copied, removed, struct

NEVER = "TIMESTAMPTZ '1999-01-01 00:00:00+00'"
FAR_OFF = "TIMESTAMPTZ '2199-01-01 00:00:00+00'"
USED_BY_EVENT = "t.mapping_id IN (SELECT mapping_id FROM content_engagements)"
USED_BY_EXPOSURE = "t.mapping_id IN (SELECT mapping_id FROM campaign_exposures)"
CREDITED = "t.exposure_id IN (SELECT exposure_id FROM outcome_metrics WHERE conversion_status = 'converted')"
LARGEST_PERSON = "(SELECT MAX(individual_id) FROM individuals)"


def _other(kind: str) -> Fault:
    """The value of the last holder is given to the first one who has a value at the same time."""
    rules = {
        "customer_id": "identifier_value_of_one_person",
        "ctv_id": "ctv_id_of_one_household",
        "home_ip": "home_ip_of_one_household_at_a_time",
    }
    last = f"(SELECT ARG_MAX({{}}, mapping_id) FROM identity_mappings WHERE identifier_type = '{kind}')"
    meanwhile = f"t.first_seen <= {last.format('last_seen')} AND t.last_seen >= {last.format('first_seen')}"
    return changed(
        rules[kind],
        "identity_mappings",
        f"identifier_value = {last.format('identifier_value')}",
        f"t.identifier_type = '{kind}' AND {meanwhile}",
    )


def _mapping_elsewhere(rule: str, table: str) -> Fault:
    """The row uses a mapping of the same person that another device carries."""
    on = f"m.individual_id = {table}.individual_id AND m.device_id <> {table}.device_id"
    mapping = f"(SELECT MIN(m.mapping_id) FROM identity_mappings AS m WHERE {on})"
    return changed(
        rule,
        table,
        f"mapping_id = {mapping}",
        f"EXISTS (SELECT 1 FROM identity_mappings AS m WHERE {on.replace(table, 't')})",
    )


def _value(rule: str, kind: str, value: str) -> Fault:
    return changed(rule, "identity_mappings", f"identifier_value = {value}", f"t.identifier_type = '{kind}'")


def _owner_swapped(rule: str, table: str) -> Fault:
    """A device in use is somebody else's of the household."""
    largest = "(SELECT MAX(i.individual_id) FROM individuals AS i WHERE i.household_id = {}.household_id)"
    used = f"t.device_id IN (SELECT device_id FROM {table}) AND t.individual_id < {largest.format('t')}"
    return changed(rule, "devices", f"individual_id = {largest.format('devices')}", used)


CATALOGUE = (
    copied("unique.households.household_id", "households", "tenure AS tenure"),
    copied("unique.content_engagements.event_id", "content_engagements", "duration AS duration"),
    copied("unique.campaigns.campaign_id", "campaigns", "budget AS budget"),
    changed("not_null.individuals.first_name", "individuals", "first_name = NULL"),
    changed("not_null.households.location.city", "households", struct("households", "location", city="NULL")),
    changed("not_null.identity_mappings.mapping_id", "identity_mappings", "mapping_id = NULL"),
    changed("not_nan.identity_mappings.confidence", "identity_mappings", "confidence = 'NaN'::DOUBLE"),
    changed(
        "not_nan.households.location.latitude", "households", struct("households", "location", latitude="'NaN'::DOUBLE")
    ),
    changed("declared.individuals.education", "individuals", "education = 'phd'"),
    changed("declared.content_catalog.category", "content_catalog", "category = 'opera'"),
    changed("declared.identity_mappings.identifier_type", "identity_mappings", "identifier_type = 'ssn'"),
    removed("resolves.individuals.household_id", "households"),
    removed(
        "resolves.identity_mappings.device_id", "devices", "t.device_id IN (SELECT device_id FROM identity_mappings)"
    ),
    removed("resolves.content_engagements.mapping_id", "identity_mappings", USED_BY_EVENT),
    removed(
        "resolves.content_engagements.content_id",
        "content_catalog",
        "t.content_id IN (SELECT content_id FROM content_engagements)",
    ),
    changed("resolves.audience_attributes.individual_id", "audience_attributes", "individual_id = -5"),
    removed(
        "resolves.campaign_assignments.campaign_id",
        "campaigns",
        "t.campaign_id IN (SELECT campaign_id FROM campaign_assignments)",
    ),
    removed(
        "resolves.response_events.exposure_id",
        "campaign_exposures",
        "t.exposure_id IN (SELECT exposure_id FROM response_events)",
    ),
    removed("resolves.outcome_metrics.response_id", "response_events"),
    removed(
        "resolves.response_events.conversion_id",
        "conversions",
        "t.conversion_id IN (SELECT conversion_id FROM response_events)",
    ),
)

KEYS = (
    changed("person_key_in_household", "individuals", "individual_id = individual_id + 16 * 100000"),
    changed("device_key_in_household", "devices", "device_id = device_id + 64 * 100000"),
    changed("mapping_key_in_person", "identity_mappings", "mapping_id = mapping_id + 8192"),
    changed("event_key_in_person", "content_engagements", "event_id = event_id - 65536"),
    changed("pattern_key_is_person", "viewership_patterns", "pattern_id = pattern_id + 1"),
    changed("attribute_key_is_person", "audience_attributes", "attribute_id = attribute_id + 7"),
    changed("assignment_key_is_person_and_campaign", "campaign_assignments", "assignment_id = assignment_id + 300"),
    changed("exposure_key_is_person_campaign_and_frequency", "campaign_exposures", "exposure_id = exposure_id + 100"),
    changed("conversion_key_in_person_and_campaign", "conversions", "conversion_id = conversion_id + 4"),
    changed("response_key_in_exposure", "response_events", "response_id = response_id + 800"),
    changed("outcome_key_in_response", "outcome_metrics", "outcome_id = outcome_id + 256"),
)

HOUSEHOLDS = (
    changed("household_size_equals_members", "households", "size = size + 1"),
    removed("household_size_equals_members", "individuals", "t.relationship = 'child'"),
    copied("household_is_not_empty", "households", "household_id + 1000000 AS household_id"),
    changed(
        "household_has_one_reference_person",
        "individuals",
        "relationship = 'roommate'",
        "t.relationship = 'reference_person'",
    ),
    changed(
        "household_has_one_reference_person",
        "individuals",
        "relationship = 'reference_person'",
        "t.relationship = 'spouse'",
    ),
    changed("household_type_fits_members", "households", "household_type = 'single_person'", "t.size > 1"),
    changed("household_type_fits_members", "individuals", "relationship = 'roommate'", "t.relationship = 'spouse'"),
    changed("income_inside_its_bracket", "households", "household_income = 25000.00", "t.income_bracket = '15k_25k'"),
    changed("state_is_configured", "households", struct("households", "location", state="'ZZ'")),
    changed("postal_code_is_a_zip_code", "households", struct("households", "location", postal_code="'1234'")),
    changed("coordinates_are_in_the_us", "households", struct("households", "location", longitude="10.0::DOUBLE")),
    changed("time_zone_is_an_iana_name", "households", struct("households", "location", time_zone="'EST5'")),
    changed("household_created_before_the_window", "households", f"created_at = {FAR_OFF}"),
    changed(
        "household_created_before_its_events",
        "households",
        f"created_at = {FAR_OFF}",
        "t.household_id IN (SELECT household_id FROM individuals JOIN viewership_patterns USING (individual_id))",
    ),
)

INDIVIDUALS = (
    changed("reference_person_is_adult", "individuals", "age = 17", "t.relationship = 'reference_person'"),
    changed("partner_is_adult", "individuals", "age = 17", "t.relationship = 'spouse'"),
    changed("married_person_is_adult", "individuals", "marital_status = 'married'", "t.age < 18"),
    changed("age_agrees_with_birth_date", "individuals", "birth_date = birth_date + 366"),
    changed("age_agrees_with_birth_date", "individuals", "age = age + 1"),
    changed("age_is_possible", "individuals", "age = 116"),
    changed("parents_are_15_years_older", "individuals", "age = 100", "t.relationship = 'child'"),
    changed(
        "reference_person_is_15_years_younger_than_parent",
        "individuals",
        "relationship = 'parent'",
        "t.relationship = 'child'",
    ),
    changed(
        "grandchild_is_30_years_younger", "individuals", "relationship = 'grandchild'", "t.relationship = 'spouse'"
    ),
    changed("spouses_are_married", "individuals", "marital_status = 'divorced'", "t.relationship = 'spouse'"),
    changed("education_possible_at_the_age", "individuals", "education = 'bachelor'", "t.age < 18"),
    changed("education_possible_at_the_age", "individuals", "education = 'not_finished_school'", "t.age >= 30"),
    changed("employment_possible_at_the_age", "individuals", "employment = 'under_16'", "t.age >= 16"),
    changed("employment_possible_at_the_age", "individuals", "employment = 'retired'", "t.age BETWEEN 16 AND 44"),
    changed("names_are_not_blank", "individuals", "last_name = ' '"),
    changed("moved_in_between_birth_and_as_of", "individuals", "moved_in = birth_date - INTERVAL 1 DAY"),
    changed("moved_in_between_birth_and_as_of", "individuals", "moved_in = DATE '2026-01-02'"),
)

DEVICES = (
    changed("device_seen_in_order", "devices", "first_seen = last_seen + INTERVAL 1 SECOND"),
    changed("device_seen_in_order", "devices", f"last_seen = {FAR_OFF}"),
    changed("device_owner_in_household", "devices", f"individual_id = {LARGEST_PERSON}", "t.individual_id IS NOT NULL"),
    changed("shared_device_without_owner", "devices", "shared = NOT shared"),
    changed("os_runs_on_the_device", "devices", "os = 'roku'", "t.device_type = 'smartphone'"),
)

IDENTITY = (
    changed("mapping_seen_in_order", "identity_mappings", "first_seen = last_seen + INTERVAL 1 SECOND"),
    changed("mapping_seen_in_order", "identity_mappings", f"last_seen = {FAR_OFF}"),
    changed(
        "mapping_device_in_household",
        "identity_mappings",
        "device_id = (SELECT MAX(device_id) FROM devices)",
        "t.device_id IS NOT NULL",
    ),
    changed("device_identifier_fits_device", "identity_mappings", "device_id = NULL", "t.identifier_type = 'gaid'"),
    changed("opt_out_before_as_of", "identity_mappings", f"opted_out_at = {FAR_OFF}"),
    changed(
        "opted_out_identifier_without_consent",
        "identity_mappings",
        "consent_measurement = TRUE",
        "t.opted_out_at IS NOT NULL",
    ),
    changed("confidence_is_a_share", "identity_mappings", "confidence = 1.01"),
    changed("hash_scheme_fits_type", "identity_mappings", "hash_scheme = 'sha256_hex'", "t.identifier_type = 'email'"),
    changed("hash_scheme_fits_type", "identity_mappings", "hash_scheme = NULL", "t.identifier_type = 'hashed_phone'"),
    _value("email_is_in_a_reserved_domain", "email", "'ann.lee@gmail.com'"),
    _value("email_is_in_a_reserved_domain", "email", "'ann.lee@myexample.com'"),
    _value("phone_is_unassignable", "phone", "'+12125550123'"),
    _value("ip_is_in_a_reserved_range", "home_ip", "'100.128.0.1'"),
    _value("ip_is_in_a_reserved_range", "mobile_ip", "'8.8.8.8'"),
    _value("uuid_identifier_is_version_8", "gaid", "'0f0e0d0c-0b0a-4908-8706-050403020100'"),
    _value("uuid_identifier_is_version_8", "idfa", "LOWER(identifier_value)"),
    _value("synthetic_token_says_so", "synthetic_rampid", "'XY' || identifier_value"),
    _value("identifier_value_is_not_blank", "customer_id", "''"),
    _value("hash_has_its_form", "hashed_email", "UPPER(identifier_value)"),
    _value("hashed_email_is_of_own_email", "hashed_email", "SHA256('nobody@mail.example')"),
    _value("hashed_email_is_of_own_email", "hashed_email_base64", "BASE64(UNHEX(SHA256('nobody@mail.example')))"),
    _value("hashed_phone_is_of_own_phone", "hashed_phone", "BASE64(UNHEX(SHA256('+12922000000')))"),
    _other("customer_id"),
    _other("ctv_id"),
    _other("home_ip"),
)

ENGAGEMENTS = (
    changed("title_length_is_positive", "content_catalog", "length_seconds = 0"),
    changed("event_inside_the_window", "content_engagements", f"timestamp = {NEVER}"),
    changed("event_inside_the_window", "content_engagements", f"timestamp = {FAR_OFF}"),
    changed("duration_fits_the_title", "content_engagements", "duration = 1000000"),
    changed("completion_is_a_share", "content_engagements", "completion = 1.01"),
    changed("event_device_in_household", "content_engagements", "device_id = (SELECT MAX(device_id) FROM devices)"),
    changed(
        "event_mapping_of_the_person",
        "content_engagements",
        "mapping_id = (SELECT MAX(mapping_id) FROM identity_mappings)",
    ),
    _mapping_elsewhere("event_mapping_on_the_device", "content_engagements"),
    changed("event_inside_mapping_lifetime", "identity_mappings", f"last_seen = {NEVER}", USED_BY_EVENT),
    changed("event_before_opt_out", "identity_mappings", f"opted_out_at = {NEVER}", USED_BY_EVENT),
    changed(
        "event_only_with_consent",
        "identity_mappings",
        "consent_measurement = FALSE",
        f"{USED_BY_EVENT} AND t.opted_out_at IS NULL",
    ),
    changed(
        "event_inside_device_lifetime",
        "devices",
        f"last_seen = {NEVER}",
        "t.device_id IN (SELECT device_id FROM content_engagements)",
    ),
    _owner_swapped("event_on_own_or_shared_device", "content_engagements"),
)

DERIVED = (
    removed("pattern_for_everybody_with_events", "viewership_patterns"),
    Fault(
        "pattern_only_with_events",
        "content_engagements",
        "DELETE FROM content_engagements WHERE individual_id = (SELECT MIN(individual_id) FROM content_engagements)",
    ),
    removed("pattern_frequency_from_events", "content_engagements"),
    changed("pattern_frequency_from_events", "viewership_patterns", "frequency = frequency * 1.000000001"),
    changed("pattern_recency_from_events", "viewership_patterns", "recency = recency + 1"),
    changed(
        "pattern_categories_from_events",
        "viewership_patterns",
        "preferred_categories = LIST_REVERSE(preferred_categories)",
        "LEN(t.preferred_categories) > 1",
    ),
    changed("pattern_totals_from_events", "viewership_patterns", "watch_seconds = watch_seconds + 1"),
    removed("audience_for_everybody", "audience_attributes"),
    changed(
        "affinity_sums_to_one",
        "audience_attributes",
        "affinity_scores = MAP {'news': 0.5}",
        "CARDINALITY(t.affinity_scores) > 0",
    ),
    changed(
        "affinity_from_events",
        "audience_attributes",
        "affinity_scores = MAP(MAP_KEYS(affinity_scores), LIST_REVERSE(MAP_VALUES(affinity_scores)))",
        "MAP_VALUES(t.affinity_scores)[1] <> LIST_REVERSE(MAP_VALUES(t.affinity_scores))[1]",
    ),
    changed(
        "affinity_only_with_events",
        "audience_attributes",
        "affinity_scores = MAP {'news': 1.0}",
        "CARDINALITY(t.affinity_scores) = 0",
    ),
    changed(
        "segment_is_first_that_applies",
        "audience_attributes",
        "segment = 'general_audience'",
        "t.segment <> 'general_audience'",
    ),
    changed(
        "classifications_are_all_that_apply",
        "audience_attributes",
        "classifications = LIST_REVERSE(classifications)",
        "LEN(t.classifications) > 1",
    ),
)

CAMPAIGNS = (
    changed("flight_inside_the_window", "campaigns", "end_date = DATE '2199-01-01'"),
    changed("campaign_channels_are_configured", "campaigns", "channels = ['billboard']"),
    changed(
        "target_criteria_are_declared",
        "campaigns",
        struct("campaigns", "target_criteria", segments="['heavy_viewers']"),
    ),
    changed("campaign_follows_the_configuration", "campaigns", "view_window_days = view_window_days + 1"),
    changed("budget_and_holdout_are_possible", "campaigns", "holdout_share = 1.5"),
    changed(
        "assigned_person_meets_the_target",
        "campaigns",
        struct("campaigns", "target_criteria", min_age="114", max_age="115"),
        "t.campaign_id IN (SELECT campaign_id FROM campaign_assignments)",
    ),
    changed(
        "assigned_person_meets_the_target",
        "campaigns",
        struct("campaigns", "target_criteria", states="['ZZ']"),
        "t.campaign_id IN (SELECT campaign_id FROM campaign_assignments)",
    ),
    changed(
        "ghost_impression_of_holdout_in_flight",
        "campaign_assignments",
        f"ghost_impression_at = {FAR_OFF}",
        "t.arm = 'holdout'",
    ),
)

EXPOSURES = (
    changed(
        "exposure_only_in_treatment",
        "campaign_assignments",
        "arm = 'holdout'",
        "(t.individual_id, t.campaign_id) IN (SELECT (individual_id, campaign_id) FROM campaign_exposures)",
    ),
    changed("exposure_inside_the_flight", "campaign_exposures", f"timestamp = {NEVER}"),
    changed(
        "exposure_under_the_cap",
        "campaigns",
        "frequency_cap = 1",
        "t.campaign_id IN (SELECT campaign_id FROM campaign_exposures WHERE frequency = 2)",
    ),
    removed(
        "exposure_frequency_counts_from_one",
        "campaign_exposures",
        "t.frequency = 1 AND t.exposure_id + 1 IN (SELECT exposure_id FROM campaign_exposures)",
    ),
    changed("exposure_frequency_counts_from_one", "campaign_exposures", f"timestamp = {NEVER}", "t.frequency = 2"),
    changed(
        "exposures_follow_each_other",
        "campaign_exposures",
        "timestamp = (SELECT p.timestamp FROM campaign_exposures AS p "
        "WHERE p.exposure_id = campaign_exposures.exposure_id - 1)",
        "t.frequency = 2",
    ),
    changed(
        "exposure_on_a_channel_of_the_campaign",
        "campaigns",
        "channels = ['audio']",
        "t.campaign_id IN (SELECT campaign_id FROM campaign_exposures WHERE channel <> 'audio')",
    ),
    changed(
        "ctv_exposure_on_a_ctv",
        "campaign_exposures",
        "channel = 'ctv'",
        "t.device_id IN (SELECT device_id FROM devices WHERE device_type <> 'ctv')",
    ),
    changed("in_view_is_possible", "campaign_exposures", "in_view_pct = 1.01"),
    changed("viewable_by_the_mrc_rule", "campaign_exposures", "is_viewable = NOT is_viewable"),
    changed(
        "viewable_by_the_mrc_rule",
        "campaign_exposures",
        "in_view_pct = 1.0, in_view_ms = 1999, is_viewable = TRUE",
        "t.channel = 'online_video'",
    ),
    changed("exposure_device_in_household", "campaign_exposures", "device_id = (SELECT MAX(device_id) FROM devices)"),
    changed(
        "exposure_mapping_of_the_person",
        "campaign_exposures",
        "mapping_id = (SELECT MAX(mapping_id) FROM identity_mappings)",
    ),
    _mapping_elsewhere("exposure_mapping_on_the_device", "campaign_exposures"),
    changed("exposure_inside_mapping_lifetime", "identity_mappings", f"first_seen = {FAR_OFF}", USED_BY_EXPOSURE),
    changed("exposure_before_opt_out", "identity_mappings", f"opted_out_at = {NEVER}", USED_BY_EXPOSURE),
    changed(
        "exposure_only_with_consent",
        "identity_mappings",
        "consent_advertising = FALSE",
        f"{USED_BY_EXPOSURE} AND t.opted_out_at IS NULL",
    ),
    changed(
        "exposure_inside_device_lifetime",
        "devices",
        f"last_seen = {NEVER}",
        "t.device_id IN (SELECT device_id FROM campaign_exposures)",
    ),
    _owner_swapped("exposure_on_own_or_shared_device", "campaign_exposures"),
)

IS_CONVERSION = "t.response_type = 'conversion'"

RESPONSES = (
    changed("conversion_after_the_start", "conversions", f"timestamp = {NEVER}"),
    changed("conversion_value_is_positive", "conversions", "value = 0.00"),
    changed("conversion_of_the_advertiser", "conversions", "advertiser = 'Nobody'"),
    changed("conversion_on_an_own_device", "conversions", "device_id = (SELECT MAX(device_id) FROM devices)"),
    changed(
        "conversion_on_an_own_device",
        "devices",
        "device_type = 'ctv', os = 'roku'",
        "t.device_id IN (SELECT device_id FROM conversions)",
    ),
    changed(
        "response_to_own_exposure", "response_events", "exposure_id = (SELECT MAX(exposure_id) FROM campaign_exposures)"
    ),
    changed(
        "response_after_exposure",
        "response_events",
        "timestamp = (SELECT x.timestamp FROM campaign_exposures AS x "
        "WHERE x.exposure_id = response_events.exposure_id)",
    ),
    changed("response_before_as_of", "response_events", f"timestamp = {FAR_OFF}"),
    changed(
        "response_inside_click_window",
        "campaign_exposures",
        f"timestamp = {NEVER}",
        "t.exposure_id IN (SELECT exposure_id FROM response_events)",
    ),
    changed("conversion_response_inside_its_window", "response_events", f"timestamp = {FAR_OFF}", IS_CONVERSION),
    Fault(
        "conversion_response_follows_last_touch",
        "campaign_exposures",
        "INSERT INTO campaign_exposures SELECT x.* REPLACE (x.exposure_id + 200 AS exposure_id, "
        "x.timestamp + (r.timestamp - x.timestamp) / 2 AS timestamp) FROM campaign_exposures AS x "
        "JOIN response_events AS r ON r.exposure_id = x.exposure_id WHERE r.response_type = 'conversion'",
    ),
    changed("only_conversions_have_value", "response_events", "value = 1.00", "t.response_type = 'click'"),
    changed("conversion_id_of_conversions_only", "response_events", "conversion_id = NULL", IS_CONVERSION),
    changed("conversion_response_agrees_with_the_log", "response_events", "value = value + 0.01", IS_CONVERSION),
    copied("conversion_has_one_response", "response_events", "response_id + 1 AS response_id", IS_CONVERSION),
)

CONVERTED, NOT_CONVERTED = "t.conversion_status = 'converted'", "t.conversion_status = 'not_converted'"
LARGEST_EXPOSURE = "(SELECT MAX(exposure_id) FROM campaign_exposures)"

OUTCOMES = (
    removed("response_has_outcomes", "outcome_metrics", NOT_CONVERTED),
    changed("weights_sum_to_one", "outcome_metrics", "attribution_weight = attribution_weight - 0.00000001", CONVERTED),
    changed("revenue_sums_to_value", "outcome_metrics", "revenue = revenue + 0.01", CONVERTED),
    changed("no_credit_without_conversion", "outcome_metrics", "attribution_weight = 0.5", NOT_CONVERTED),
    copied("touch_is_credited_once", "outcome_metrics", "outcome_id + 100 AS outcome_id", CONVERTED),
    changed(
        "outcome_of_other_response_on_own_exposure",
        "outcome_metrics",
        f"exposure_id = {LARGEST_EXPOSURE}",
        NOT_CONVERTED,
    ),
    changed("credited_touch_of_the_same_person", "outcome_metrics", f"exposure_id = {LARGEST_EXPOSURE}", CONVERTED),
    changed("credited_touch_before_the_response", "campaign_exposures", f"timestamp = {FAR_OFF}", CREDITED),
    changed("credited_touch_inside_its_window", "campaign_exposures", f"timestamp = {NEVER}", CREDITED),
    changed("status_agrees_with_response", "outcome_metrics", "conversion_status = 'converted'", NOT_CONVERTED),
    changed(
        "model_is_configured",
        "outcome_metrics",
        "attribution_model = CASE attribution_model WHEN 'linear' THEN 'time_decay' ELSE 'linear' END",
    ),
    changed("credit_is_a_share", "outcome_metrics", "attribution_weight = -0.1"),
    copied(
        "weights_follow_the_model",
        "outcome_metrics",
        "outcome_id + 100 AS outcome_id, attribution_weight / 2 + 0.1 AS attribution_weight",
        CONVERTED,
    ),
)

FAULTS: tuple[Fault, ...] = (
    *CATALOGUE,
    *KEYS,
    *HOUSEHOLDS,
    *INDIVIDUALS,
    *DEVICES,
    *IDENTITY,
    *ENGAGEMENTS,
    *DERIVED,
    *CAMPAIGNS,
    *EXPOSURES,
    *RESPONSES,
    *OUTCOMES,
)

TREATED, HELD_OUT = "t.arm = 'treatment'", "t.arm = 'holdout'"
ANOTHERS = "(SELECT MAX(exposure_id) FROM campaign_exposures)"
WHOLE_CAMPAIGN = "t.breakdown = 'campaign' AND t.incremental_conversions > 0"


def _all_on(rule: str, channel: str, who: str, more_than: int) -> Fault:
    """All exposures of somebody to a campaign are on one channel, more than a cap allows."""
    crowded = (
        f"SELECT {who} AS who, campaign_id FROM campaign_exposures GROUP BY ALL HAVING COUNT(*) > {more_than} "
        "ORDER BY ALL LIMIT 1"
    )
    return Fault(
        rule,
        "campaign_exposures",
        f"UPDATE campaign_exposures SET channel = '{channel}' WHERE ({who}, campaign_id) IN ({crowded})",
    )


MEASURED: tuple[Fault, ...] = (
    _all_on("channel_cap_is_kept", "display", "individual_id", 5),
    _all_on("household_ctv_cap_is_kept", "ctv", "individual_id // 16", 16),
    changed("bot_impression_inside_the_flight", "bot_impressions", f"timestamp = {NEVER}"),
    changed(
        "bot_impression_inside_the_flight",
        "campaigns",
        "channels = ['audio']",
        "t.campaign_id IN (SELECT campaign_id FROM bot_impressions WHERE channel <> 'audio')",
    ),
    changed("bot_class_fits_origin", "bot_impressions", "origin = 'data_center'", "t.ivt_class = 'sivt'"),
    changed("bot_report_is_possible", "bot_impressions", "in_view_ms = 1", "t.ivt_class = 'givt'"),
    changed("bot_report_is_possible", "bot_impressions", "is_viewable = NOT is_viewable"),
    changed("bot_address_is_for_documentation", "bot_impressions", "ip_address = '8.8.8.8'"),
    removed("effect_of_every_assignment", "campaign_effects"),
    changed("effect_of_every_assignment", "campaign_effects", "arm = 'holdout'", TREATED),
    changed("potential_outcomes_are_possible", "campaign_effects", "y0 = 1", "t.y1 = 0"),
    changed("potential_outcomes_are_possible", "campaign_effects", "p1 = p1 * 1.1", "t.exposures = 0"),
    changed("potential_outcomes_are_possible", "campaign_effects", "p0 = p1 + 0.1"),
    changed("outcome_is_that_of_the_arm", "campaign_effects", "y = 1 - y"),
    changed("outcome_is_that_of_the_arm", "campaign_effects", "cause = 'baseline'", "t.cause = 'campaign'"),
    changed("outcome_is_that_of_the_arm", "campaign_effects", "caused_by = NULL", "t.cause = 'campaign'"),
    changed("outcome_is_that_of_the_arm", "campaign_effects", "caused_by = NULL", "t.cause = 'household'"),
    changed(
        "outcome_is_that_of_the_arm",
        "campaign_effects",
        f"cause = 'household', caused_by = {ANOTHERS}",
        "t.cause = 'baseline' AND t.household_exposures = 0",
    ),
    changed("household_exposures_are_counted", "campaign_effects", "household_exposures = household_exposures + 1"),
    changed("effect_has_its_exposures", "campaign_effects", "exposures = exposures + 1", TREATED),
    changed("effect_has_its_exposures", "campaign_effects", "exposures = 0", f"{HELD_OUT} AND t.exposures > 0"),
    changed("outcome_is_in_the_log", "campaign_effects", "value = value + 0.01", "t.y = 1"),
    removed("outcome_is_in_the_log", "conversions"),
    changed("cause_comes_before_its_effect", "campaign_effects", f"caused_by = {ANOTHERS}", "t.cause = 'campaign'"),
    changed("cause_comes_before_its_effect", "campaign_effects", f"caused_by = {ANOTHERS}", "t.cause = 'household'"),
    removed("lift_adds_up", "campaign_lift"),
    changed("lift_adds_up", "campaign_lift", "spillover_conversions = spillover_conversions + 1", WHOLE_CAMPAIGN),
    changed("lift_adds_up", "campaign_lift", "itt = itt + 0.01", WHOLE_CAMPAIGN),
    changed("lift_adds_up", "campaign_lift", "att = att * 1.1", WHOLE_CAMPAIGN),
    changed("lift_adds_up", "campaign_lift", "relative_lift = NULL", WHOLE_CAMPAIGN),
    changed("lift_adds_up", "campaign_lift", "reached = reached + 1", "t.breakdown = 'segment'"),
    changed(
        "channels_share_the_effect",
        "campaign_lift",
        "incremental_revenue = incremental_revenue + 1",
        "t.breakdown = 'channel'",
    ),
    changed("credits_sum_to_one", "attribution_credits", "weight = weight - 0.000001"),
    changed("credits_sum_to_one", "attribution_credits", "revenue = revenue + 0.01"),
    removed("credits_sum_to_one", "attribution_credits", "t.model = 'linear' AND t.touches > 1"),
    removed("credit_is_under_every_model", "attribution_credits", "t.model = 'linear' AND t.touches = 1"),
    changed("credit_is_of_a_touch", "attribution_credits", f"exposure_id = {ANOTHERS}"),
    changed("credit_is_of_a_touch", "attribution_credits", "touch = touches + 1"),
    changed("credit_is_of_a_touch", "attribution_credits", f"exposure_id = {ANOTHERS}", "t.unit = 'household'"),
    removed("credit_is_under_every_model", "attribution_credits", "t.unit = 'household' AND t.touches = 1"),
    changed(
        "outcomes_follow_the_primary_model", "attribution_credits", "revenue = revenue + 0.01", "t.model = 'linear'"
    ),
)
"""Faults of datasets with effects and credits."""

UNTOUCHED = "t.record_id NOT IN (SELECT record_id FROM cell_corruptions) AND t.source = 'crm'"

RECORDED: tuple[Fault, ...] = (
    removed("record_has_a_person", "person_links"),
    changed("captured_before_as_of", "source_records", "captured_on = DATE '2199-01-01'"),
    changed("source_has_its_columns_only", "source_records", "cookie_id = 'x'", "t.source = 'crm'"),
    changed("source_has_its_columns_only", "source_records", "email = 'a@b.example'", "t.source = 'ctv_app'"),
    changed("record_belongs_to_nobody_real", "source_records", "email = 'a@b.com'", "t.source = 'crm'"),
    changed("record_belongs_to_nobody_real", "source_records", "phone = '+12125550100'", "t.source = 'crm'"),
    changed("record_belongs_to_nobody_real", "source_records", "ip_address = '8.8.8.8'", "t.source = 'ctv_app'"),
    changed("ledger_has_the_records_cell", "cell_corruptions", "noisy_value = 'another'"),
    changed("ledger_has_the_records_cell", "cell_corruptions", "noisy_value = original_value"),
    removed("undone_record_is_the_person", "cell_corruptions", "t.column_name = 'city'"),
    changed("undone_record_is_the_person", "source_records", "last_name = 'Nobody'", UNTOUCHED),
    changed("case_is_of_the_records_person", "hard_cases", "individual_id = -1"),
    removed("changed_cell_is_its_hard_case", "hard_cases", "t.case_type = 'recycled_phone'"),
)
"""Faults of datasets with source records."""

GRAPH = (
    removed("events_replay_to_the_mappings", "graph_events", "t.event_type = 'identifier_created'"),
    removed("events_replay_to_the_mappings", "graph_events", "t.event_type = 'identifier_withdrawn'"),
    changed(
        "events_replay_to_the_mappings",
        "graph_events",
        "occurred_at = occurred_at + INTERVAL 1 SECOND",
        "t.event_type = 'identifier_reset'",
    ),
    changed("everybody_came_home_once", "graph_events", f"occurred_at = {FAR_OFF}", "t.event_type = 'person_moved'"),
    removed(
        "who_left_joined_at_once",
        "graph_events",
        "t.event_type = 'person_joined_household' AND EXISTS "
        "(SELECT 1 FROM graph_events AS o WHERE o.graph_event_id = t.graph_event_id + 1)",
    ),
    changed(
        "transferred_from_somebody_else",
        "graph_events",
        "previous_individual_id = individual_id",
        "t.event_type = 'identifier_transferred'",
    ),
    changed(
        "merged_only_into_what_is_there", "graph_events", f"occurred_at = {NEVER}", "t.event_type = 'profile_merged'"
    ),
    changed(
        "merged_only_into_what_is_there", "graph_events", f"occurred_at = {NEVER}", "t.event_type = 'profile_split'"
    ),
    changed("canonical_id_is_live", "canonical_ids", "canonical_id = profile_id", "t.is_retired"),
    changed("canonical_id_follows_the_events", "canonical_ids", "is_retired = NOT is_retired"),
    removed("edge_has_its_truth", "identity_edges_truth"),
    changed("login_is_certain", "identity_edges", "confidence = 0.9", "t.match_type = 'deterministic'"),
    changed("edge_confidence_is_a_share", "identity_edges", "confidence = 1.01"),
    changed("edge_observed_in_order", "identity_edges", "observations = 0"),
    changed("edge_observed_in_order", "identity_edges", f"last_observed = {FAR_OFF}"),
    changed("correct_edge_has_the_persons_profile", "identity_edges_truth", "is_correct = NOT is_correct"),
    changed("false_edge_has_a_cause", "identity_edges_truth", "cause = NULL", "NOT t.is_correct"),
    changed("edge_identifier_is_of_the_person", "identity_edges", "identifier_value = 'nobody'"),
)
