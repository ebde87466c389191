"""The report: targets and findings, figures and facts of a finished dataset, by SQL in DuckDB."""
