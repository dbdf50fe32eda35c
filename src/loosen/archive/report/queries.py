"""The report's SQL: from files to the tables `places`, `recordings` and `reps`, and on to their sums."""

SETTINGS = """
SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET preserve_insertion_order = false
"""
# A table's files. A folder above them with a name like `verdict=full` is no partition. A part that was written before a
# field was added lacks it, so `schema_of_TABLE`, which has all fields and no row, is joined.
FILES = """(
    SELECT * FROM read_parquet({files}, filename = true, hive_partitioning = false, union_by_name = true)
    UNION ALL BY NAME SELECT * FROM schema_of_{table}
)"""
# At an address, only what was found last counts.
PLACES = """
CREATE TEMP TABLE places AS
WITH place AS (
    SELECT address, arg_max(unit, seen_at) AS unit, max(seen_at) AS seen_at, arg_max(modified, seen_at) AS modified
    FROM {places} GROUP BY address
)
SELECT place.*, {person} AS person, {day} AS day FROM place {join} WHERE place.unit != ''
"""
CONTENTS = """
SELECT address, arg_max(unit, seen_at) AS unit FROM {places} GROUP BY address HAVING arg_max(unit, seen_at) != ''
"""
# The quarters of an hour (UTC, from 1970 on) in which files changed: no clock is put forward or back within one.
QUARTERS = """
SELECT DISTINCT epoch_us(modified) // 900_000_000 FROM places WHERE modified IS NOT NULL AND day IS NULL
"""
# A recording may have been watched more than once, by another version or for another exercise: the last time counts.
RECORDINGS = """
CREATE TEMP TABLE recordings AS
WITH last AS (
    SELECT *, parse_filename(filename) AS part FROM {recordings}
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY done_at DESC, filename DESC) = 1
), place AS (
    SELECT unit, person, day IS NULL AS day_of_file,
           coalesce(day, min(modified + to_seconds(ahead_s)) OVER places_of::DATE) AS day
    FROM places LEFT JOIN clock ON epoch_us(modified) // 900_000_000 = quarter
    WINDOW places_of AS (
        PARTITION BY unit ORDER BY person IS NULL, seen_at DESC, address
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
    QUALIFY row_number() OVER places_of = 1
)
SELECT row_number() OVER () AS number, unit, part, status, reason, broken_at_s, counted, person, day, day_of_file,
       status = 'watched' AND exercise IS NULL AS other, date_trunc('week', day)::DATE AS week
FROM last JOIN place USING (unit)
"""
TOLD_APART = "SELECT DISTINCT person FROM recordings WHERE person != '' ORDER BY 1"
OF_TWO = """
SELECT arg_min(address, person), arg_max(address, person), count(*) OVER ()
FROM places SEMI JOIN (SELECT unit FROM places GROUP BY unit HAVING count(*) > 1) USING (unit)
GROUP BY unit HAVING min(person) != max(person) ORDER BY ALL LIMIT 1
"""
REPS = """
CREATE TEMP TABLE reps AS
SELECT r.number AS recording, r.person, r.week, p.exercise, p.verdict, p.counted, p.faults,
       p.measures."range".value AS reach, p.measures."range".plus_minus AS error, p.measures."range".unit AS unit
FROM {reps} AS p
JOIN recordings AS r ON p.unit = r.unit AND parse_filename(p.filename) = r.part
WHERE r.person IS NOT NULL
"""
WHOLE = """
SELECT count(*), count_if(person IS NULL), count_if(person IS NOT NULL AND broken_at_s IS NOT NULL),
       min(day) FILTER (person IS NOT NULL), max(day) FILTER (person IS NOT NULL),
       count_if(person IS NOT NULL AND day_of_file AND day IS NOT NULL)
FROM recordings
"""
SET_ASIDE = """
SELECT reason, count(*) AS n FROM recordings WHERE person IS NOT NULL AND status != 'watched'
GROUP BY 1 ORDER BY n DESC, 1
"""
# A week without a recording is a row too, except in gaps of more than a year (a clock that was never set says 1970).
# Recordings whose day is not known come last, in a week without a date, whose days cannot be counted.
WEEKS = """
WITH days AS (
    SELECT person, day, count(*) AS recordings, count_if(status != 'watched') AS set_aside,
           count_if(broken_at_s IS NOT NULL) AS in_part, count_if(other) AS other,
           sum(coalesce(counted, 0)) AS counted
    FROM recordings WHERE person IS NOT NULL GROUP BY ALL
), weeks AS (
    SELECT person, date_trunc('week', day)::DATE AS week, count_if(day IS NOT NULL AND counted > 0) AS days,
           count_if(day IS NOT NULL AND recordings = set_aside) AS days_unread, sum(recordings) AS recordings,
           sum(set_aside) AS set_aside, sum(in_part) AS in_part, sum(other) AS other, sum(counted) AS counted
    FROM days GROUP BY ALL
), gaps AS (
    SELECT person, week, lead(week) OVER (PARTITION BY person ORDER BY week) AS next
    FROM weeks WHERE week IS NOT NULL
), every AS (
    SELECT person, week FROM weeks
    UNION ALL
    SELECT person, unnest(generate_series(week + 7, next - 7, INTERVAL 7 DAY))::DATE
    FROM gaps WHERE next - week <= {longest_gap_days}
)
SELECT every.person, every.week, coalesce(days, 0), coalesce(days_unread, 0), coalesce(recordings, 0)::BIGINT,
       coalesce(set_aside, 0)::BIGINT, coalesce(in_part, 0)::BIGINT, coalesce(other, 0)::BIGINT,
       coalesce(counted, 0)::BIGINT
FROM every LEFT JOIN weeks ON every.person = weeks.person AND every.week IS NOT DISTINCT FROM weeks.week ORDER BY ALL
"""
# For each recording: n attempts, m of them counted, k of these full, c with a range; t and q are the sums of these
# ranges and of their squares.
SETS = """
CREATE TEMP TABLE sets AS
SELECT exercise, recording, count(*) AS n, count_if(counted) AS m, count_if(counted AND verdict = 'full') AS k,
       count(reach) FILTER (counted) AS c, sum(reach) FILTER (counted) AS t, sum(reach * reach) FILTER (counted) AS q,
       sum(error) FILTER (counted AND reach IS NOT NULL) AS errors,
       count(error) FILTER (counted AND reach IS NOT NULL) AS with_error, any_value(unit) AS unit
FROM reps GROUP BY ALL
"""
BLOCKS = """
CREATE TEMP TABLE blocks AS
SELECT person, week, exercise, sum(n)::BIGINT AS n, sum(m)::BIGINT AS m, sum(k)::BIGINT AS k, sum(c)::BIGINT AS c,
       sum(t) AS t, sum(q) AS q, sum(m * m)::DOUBLE AS mm, sum(c * c)::DOUBLE AS cc, count_if(m > 0) AS m_groups,
       count_if(c > 0) AS c_groups, sum(k * k / m) FILTER (m > 0) AS k_groups,
       sum(t * t / c) FILTER (c > 0) AS t_groups, sum(errors) / sum(with_error) AS error,
       any_value(sets.unit) AS unit
FROM sets JOIN recordings ON recording = number GROUP BY ALL
"""
MOVEMENTS = "SELECT person, week, exercise, m, n, k, c, t, mm, cc, error, unit FROM blocks ORDER BY ALL"
# Over an exercise's blocks: the sums of its verdicts and of its ranges, each with the blocks that have two recordings.
ALIKE = """
SELECT exercise,
       sum(m)::DOUBLE, sum(m_groups)::BIGINT, count_if(m > 0), sum(mm / m) FILTER (m > 0), sum(k)::DOUBLE,
       sum(k_groups), sum(k * k / m) FILTER (m > 0), count_if(m_groups > 1),
       sum(c)::DOUBLE, sum(c_groups)::BIGINT, count_if(c > 0), sum(cc / c) FILTER (c > 0), sum(q),
       sum(t_groups), sum(t * t / c) FILTER (c > 0), count_if(c_groups > 1)
FROM {blocks} GROUP BY exercise ORDER BY exercise
"""
PERSONS = """
(SELECT exercise, sum(COLUMNS(* EXCLUDE (person, week, exercise, error, unit))) FROM blocks GROUP BY exercise, person)
"""
MOVEMENT_FAULTS = """
SELECT person, week, exercise, fault, count(*) AS n
FROM (SELECT person, week, exercise, unnest(faults) AS fault FROM reps)
GROUP BY ALL ORDER BY n DESC, fault
"""
# Everybody together, in groups of one person's (of one recording's, if persons are not told apart).
EVERYBODY = """
WITH of_one AS (
    SELECT exercise, {one} AS one, sum(n)::BIGINT AS n FROM sets JOIN recordings ON recording = number GROUP BY ALL
), found AS (
    SELECT exercise, name, one, count(*) AS k FROM (SELECT exercise, {name} AS name, {one} AS one FROM reps)
    GROUP BY ALL
), every AS (
    SELECT exercise, sum(n)::BIGINT AS n, count(*) AS groups, sum(n * n)::DOUBLE AS nn FROM of_one GROUP BY ALL
)
SELECT exercise, name, sum(k)::BIGINT AS times, every.n, groups, nn, sum(k * k / of_one.n)
FROM found JOIN of_one USING (exercise, one) JOIN every USING (exercise)
GROUP BY ALL ORDER BY exercise, times DESC, name
"""
