"""Synthetic identity graphs, generated with Spark from a configuration and a seed."""

__version__ = "0.1.0"
