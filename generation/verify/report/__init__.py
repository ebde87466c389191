"""The report: targets and findings, figures and facts of a finished dataset, by SQL in DuckDB."""

from generation.verify.report.make import report
from generation.verify.report.write import write_report

__all__ = ["report", "write_report"]
