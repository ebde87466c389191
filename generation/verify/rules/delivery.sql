-- rule: channel_cap_is_kept
-- table: campaign_exposures
-- says: Nobody has more exposures to a campaign on one channel than the configured cap; the key is that of the last one.
SELECT MAX(exposure_id) AS key
FROM campaign_exposures
GROUP BY individual_id, campaign_id, channel
HAVING COUNT(*) > {channel_cap}

-- rule: household_ctv_cap_is_kept
-- table: campaign_exposures
-- says: The members of a household have together at most the configured exposures to a campaign on connected TV.
SELECT MAX(x.exposure_id) AS key
FROM campaign_exposures AS x
JOIN individuals AS i ON i.individual_id = x.individual_id
WHERE x.channel = 'ctv'
GROUP BY i.household_id, x.campaign_id
HAVING COUNT(*) > {household_ctv_cap}

-- rule: bot_impression_inside_the_flight
-- table: bot_impressions
-- says: A bot impression is inside its campaign's flight and on one of its channels.
SELECT b.impression_id AS key
FROM bot_impressions AS b
JOIN campaigns AS c ON c.campaign_id = b.campaign_id
WHERE b.timestamp < CAST(c.start_date AS TIMESTAMP) OR b.timestamp >= CAST(c.end_date AS TIMESTAMP) + INTERVAL '1' DAY
OR NOT ARRAY_CONTAINS(c.channels, b.channel)

-- rule: bot_class_fits_origin
-- table: bot_impressions
-- over: bot_impressions
-- says: Data centers and declared crawlers are general invalid traffic, spoofed and hijacked devices sophisticated.
(ivt_class = 'givt') <> (origin IN ('data_center', 'declared_crawler'))

-- rule: bot_report_is_possible
-- table: bot_impressions
-- over: bot_impressions
-- says: Reported view is possible, general bots report none, and is_viewable follows the MRC rule.
in_view_pct < 0 OR in_view_pct > 1 OR in_view_ms < 0
OR (ivt_class = 'givt' AND (in_view_pct <> 0 OR in_view_ms <> 0))
OR is_viewable <> (in_view_pct >= 0.5
    AND in_view_ms >= CASE WHEN channel IN ('online_video', 'ctv') THEN 2000 ELSE 1000 END)

-- rule: bot_address_is_for_documentation
-- table: bot_impressions
-- over: bot_impressions
-- says: ip_address is in a network that RFC 5737 keeps for documentation.
NOT REGEXP_LIKE(ip_address, '^(192[.]0[.]2|198[.]51[.]100|203[.]0[.]113)[.][0-9]+$')
