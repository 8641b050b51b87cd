"""The flows that Prefect runs."""

import gc

# What a flow imports are half a million objects that stay: to look through them for garbage took a fifth of
# the time that the imports took.
gc.set_threshold(100_000, 20, 20)
