-- rule: events_replay_to_the_mappings
-- table: graph_events
-- says: Replayed, the events begin every mapping once, at first_seen, and end it after last_seen, or leave it alive at as_of.
WITH begun AS (
    SELECT mapping_id, MIN(occurred_at) AS start, COUNT(*) AS times FROM graph_events
    WHERE event_type IN ({beginnings}) GROUP BY mapping_id
), ended AS (
    SELECT mapping_id, MIN(occurred_at) AS stop, COUNT(*) AS times FROM (
        SELECT previous_mapping_id AS mapping_id, occurred_at FROM graph_events WHERE previous_mapping_id IS NOT NULL
        UNION ALL
        SELECT mapping_id, occurred_at FROM graph_events WHERE event_type = 'identifier_withdrawn'
    ) GROUP BY mapping_id
)
SELECT mapping.mapping_id AS key
FROM identity_mappings AS mapping
LEFT JOIN begun ON begun.mapping_id = mapping.mapping_id
LEFT JOIN ended ON ended.mapping_id = mapping.mapping_id
WHERE begun.times IS DISTINCT FROM 1 OR begun.start <> mapping.first_seen OR COALESCE(ended.times, 1) <> 1
OR COALESCE(ended.stop, TIMESTAMP '{as_of} 00:00:00') <> mapping.last_seen + INTERVAL 1 SECOND

-- rule: everybody_came_home_once
-- table: graph_events
-- says: Everybody moved to or joined their household once, on the day they moved in.
SELECT MIN(event.graph_event_id) AS key
FROM individuals AS person
LEFT JOIN graph_events AS event ON event.individual_id = person.individual_id
    AND event.event_type IN ('person_moved', 'person_joined_household')
GROUP BY person.individual_id
HAVING COUNT(event.graph_event_id) <> 1
OR BOOL_OR(event.household_id <> person.household_id OR CAST(event.occurred_at AS DATE) <> person.moved_in)

-- rule: who_left_joined_at_once
-- table: graph_events
-- says: Who left a household joined another one in the same moment.
SELECT departure.graph_event_id AS key FROM graph_events AS departure
WHERE departure.event_type = 'person_left_household' AND NOT EXISTS (
    SELECT 1 FROM graph_events AS arrival WHERE arrival.individual_id = departure.individual_id
    AND arrival.event_type = 'person_joined_household' AND arrival.occurred_at = departure.occurred_at
)

-- rule: transferred_from_somebody_else
-- table: graph_events
-- scope: whole
-- says: A transferred identifier was somebody's of another household before, and of nobody otherwise.
SELECT event.graph_event_id AS key FROM graph_events AS event
LEFT JOIN individuals AS holder ON holder.individual_id = event.previous_individual_id
WHERE (event.event_type = 'identifier_transferred') <> (event.previous_individual_id IS NOT NULL)
OR (event.event_type = 'identifier_transferred' AND (
    holder.individual_id IS NULL OR holder.individual_id - holder.individual_id % {person_stride}
        = event.individual_id - event.individual_id % {person_stride}))

-- rule: merged_only_into_what_is_there
-- table: graph_events
-- says: A profile is created first, then merged into another that was created before, then perhaps split off from it.
SELECT event.graph_event_id AS key FROM graph_events AS event
LEFT JOIN graph_events AS own ON own.event_type = 'profile_created' AND own.profile_id = event.profile_id
LEFT JOIN graph_events AS other ON other.event_type = 'profile_created' AND other.profile_id = event.into_profile_id
LEFT JOIN graph_events AS merged ON merged.event_type = 'profile_merged' AND merged.profile_id = event.profile_id
WHERE event.event_type IN ('profile_merged', 'profile_split')
AND (own.occurred_at IS NULL OR own.occurred_at >= event.occurred_at OR other.occurred_at IS NULL
    OR other.occurred_at >= event.occurred_at OR event.profile_id = event.into_profile_id
    OR (event.event_type = 'profile_split'
        AND (merged.into_profile_id IS DISTINCT FROM event.into_profile_id OR merged.occurred_at >= event.occurred_at)))

-- rule: canonical_id_is_live
-- table: canonical_ids
-- says: What a profile resolves to is live and resolves to itself; a live profile resolves to itself.
SELECT own.profile_id AS key FROM canonical_ids AS own
JOIN canonical_ids AS stands ON stands.profile_id = own.canonical_id
WHERE stands.is_retired OR stands.canonical_id <> stands.profile_id OR own.is_retired = (own.canonical_id = own.profile_id)

-- rule: canonical_id_follows_the_events
-- table: canonical_ids
-- says: A profile is retired if it was merged last, and then resolves to what the profile it was merged into resolves to.
WITH latest AS (
    SELECT profile_id, MAX_BY(event_type, occurred_at) AS event_type, MAX_BY(into_profile_id, occurred_at) AS into_profile_id,
        MAX(occurred_at) AS occurred_at
    FROM graph_events WHERE profile_id IS NOT NULL GROUP BY profile_id
)
SELECT own.profile_id AS key FROM canonical_ids AS own
LEFT JOIN latest ON latest.profile_id = own.profile_id
LEFT JOIN canonical_ids AS target ON target.profile_id = latest.into_profile_id
WHERE latest.profile_id IS NULL OR own.is_retired <> (latest.event_type = 'profile_merged')
OR (own.is_retired AND (own.canonical_id <> target.canonical_id OR own.retired_at <> latest.occurred_at))
OR (own.retired_at IS NULL) = own.is_retired

-- rule: edge_has_its_truth
-- table: identity_edges
-- says: The truth of every edge is known.
SELECT edge_id AS key FROM identity_edges ANTI JOIN identity_edges_truth USING (edge_id)

-- rule: login_is_certain
-- table: identity_edges
-- says: Deterministic edges are correct and have confidence 1.
SELECT edge_id AS key FROM identity_edges JOIN identity_edges_truth USING (edge_id)
WHERE match_type = 'deterministic' AND (NOT is_correct OR confidence <> 1)

-- rule: edge_confidence_is_a_share
-- table: identity_edges
-- over: identity_edges
-- says: A confidence lies between 0 and 1.
confidence NOT BETWEEN 0 AND 1

-- rule: edge_observed_in_order
-- table: identity_edges
-- over: identity_edges
-- says: An edge was observed at least once, first before last and before as_of.
observations < 1 OR first_observed > last_observed OR last_observed >= TIMESTAMP '{as_of} 00:00:00'
OR (observations = 1 AND first_observed <> last_observed)

-- rule: correct_edge_has_the_persons_profile
-- table: identity_edges
-- says: An edge is correct exactly if its profile is the profile of the person who was seen.
SELECT edge_id AS key FROM identity_edges JOIN identity_edges_truth AS truth USING (edge_id)
JOIN canonical_ids AS profile USING (profile_id)
WHERE truth.is_correct <> (profile.individual_id = truth.individual_id)

-- rule: false_edge_has_a_cause
-- table: identity_edges_truth
-- over: identity_edges_truth
-- says: False edges have a cause, correct ones have none.
is_correct = (cause IS NOT NULL)

-- rule: edge_identifier_is_of_the_person
-- table: identity_edges
-- says: The identifier of an edge stands for the person who was seen, while it was.
SELECT edge_id AS key FROM identity_edges AS edge JOIN identity_edges_truth AS truth USING (edge_id)
WHERE NOT EXISTS (
    SELECT 1 FROM identity_mappings AS mapping
    WHERE mapping.individual_id = truth.individual_id AND mapping.identifier_value = edge.identifier_value
    AND mapping.identifier_type = edge.identifier_type AND edge.first_observed >= mapping.first_seen
    AND edge.last_observed <= mapping.last_seen
)
