"""What the database is asked. $1: since when (UTC), $2: the length of a bucket.

Rows of the system before this one have only their first seven columns filled; every figure skips
what is missing. Buckets and total come from one pass over the span.
"""

from __future__ import annotations

from typing import Final

FIGURES: Final = """
WITH span AS (
    SELECT date_bin($2, created_at, TIMESTAMP '2001-01-01') AT TIME ZONE 'UTC' AS at,
           latency_ms, predicted_price::float8 AS price, expected_error,
           CASE WHEN jsonb_typeof(warnings) = 'array' THEN jsonb_array_length(warnings) END AS warnings
    FROM wine_predictions WHERE created_at >= $1
)
SELECT at, count(*) AS requests,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS latency_p50,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS latency_p95,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY latency_ms) AS latency_p99,
       avg((warnings > 0)::int)::float8 AS warned,
       percentile_cont(0.1) WITHIN GROUP (ORDER BY price) AS price_low,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS price_median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY price) AS price_high,
       avg(expected_error) AS expected_error
FROM span GROUP BY GROUPING SETS ((at), ())
"""

REALISED: Final = """
SELECT date_bin($2, created_at, TIMESTAMP '2001-01-01') AT TIME ZONE 'UTC' AS at, count(*) AS feedback,
       avg(abs(ln(actual_price / predicted_price)))::float8 AS realised_error,
       avg(expected_error) AS expected_of_realised
FROM wine_predictions JOIN wine_feedback USING (request_id)
WHERE created_at >= $1 AND actual_price > 0 AND predicted_price > 0
GROUP BY GROUPING SETS ((1), ())
"""

VERSIONS: Final = """
SELECT date_bin($2, created_at, TIMESTAMP '2001-01-01') AT TIME ZONE 'UTC' AS at,
       coalesce(model_version, 'before') AS version, count(*) AS requests
FROM wine_predictions WHERE created_at >= $1 GROUP BY 1, 2 ORDER BY 1, 2
"""

WARNINGS: Final = """
SELECT warning ->> 'code' AS code, count(*) AS requests
FROM wine_predictions,
     jsonb_array_elements(CASE WHEN jsonb_typeof(warnings) = 'array' THEN warnings ELSE '[]' END) AS warning
WHERE created_at >= $1 AND warning ? 'code' GROUP BY 1 ORDER BY 2 DESC LIMIT 10
"""
