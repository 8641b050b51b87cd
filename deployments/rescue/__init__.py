"""Runs whose process has died are marked and run again; runs that ended are left alone."""
