"""Tasting notes in five languages, read into the English words that a model knows."""
