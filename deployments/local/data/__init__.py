"""Folders of reviews on this machine: written, split and looked at before anything is started."""
