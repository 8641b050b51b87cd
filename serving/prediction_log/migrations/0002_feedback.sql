-- What wines really cost. No foreign key: a price for an unknown request is kept and reported.
CREATE TABLE IF NOT EXISTS wine_feedback (
    request_id UUID PRIMARY KEY,
    actual_price NUMERIC NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    client TEXT,
    source TEXT
);
CREATE INDEX IF NOT EXISTS wine_feedback_received_at ON wine_feedback (received_at);
