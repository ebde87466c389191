"""What both sides agree on: configuration, table catalogue, estimate, fingerprint, report shapes.

Nothing in here imports Spark, so a web process can import all of it.
"""
