"""Scoring: how well predictions resolve a dataset's source records, and labels to train with."""
