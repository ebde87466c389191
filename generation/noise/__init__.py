"""Noise: how what a source wrote down differs from what is true."""
