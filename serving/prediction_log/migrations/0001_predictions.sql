-- The inference log. The first seven columns are those of the system before this one;
-- where its table already exists it is extended in place, and its rows stay.
CREATE TABLE IF NOT EXISTS wine_predictions (
    id SERIAL PRIMARY KEY,
    country TEXT,
    description TEXT,
    province TEXT,
    millesime TEXT,
    predicted_price NUMERIC,
    created_at TIMESTAMP DEFAULT NOW()
);
ALTER TABLE wine_predictions
    ADD COLUMN IF NOT EXISTS request_id UUID UNIQUE,
    ADD COLUMN IF NOT EXISTS variety TEXT,
    ADD COLUMN IF NOT EXISTS winery TEXT,
    ADD COLUMN IF NOT EXISTS region TEXT,
    ADD COLUMN IF NOT EXISTS designation TEXT,
    ADD COLUMN IF NOT EXISTS points NUMERIC,
    ADD COLUMN IF NOT EXISTS interval_low NUMERIC,
    ADD COLUMN IF NOT EXISTS interval_high NUMERIC,
    ADD COLUMN IF NOT EXISTS interval_coverage NUMERIC,
    ADD COLUMN IF NOT EXISTS expected_error DOUBLE PRECISION,
    ADD COLUMN IF NOT EXISTS model_version TEXT,
    ADD COLUMN IF NOT EXISTS latency_ms DOUBLE PRECISION,
    ADD COLUMN IF NOT EXISTS warnings JSONB,
    ADD COLUMN IF NOT EXISTS client TEXT;
-- Drift, retention and the operators' page read by time.
CREATE INDEX IF NOT EXISTS wine_predictions_created_at ON wine_predictions (created_at);
