-- What a candidate would have answered to a sample of live requests.
CREATE TABLE IF NOT EXISTS wine_shadow_predictions (
    request_id UUID,
    model_version TEXT,
    predicted_price NUMERIC,
    expected_error DOUBLE PRECISION,
    created_at TIMESTAMPTZ,
    PRIMARY KEY (request_id, model_version)
);
