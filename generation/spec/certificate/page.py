"""The report as one file that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from generation.spec.certificate.body import body
from generation.spec.certificate.document import Report
from generation.spec.charts.canvas import safe

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' "
    "fill='%233451c9'/%3E%3Cpath d='M4 8.5l2.7 2.7L12 5.5' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E"
)


def page(report: Report) -> str:
    """The whole file."""
    title = f"{report.dataset.name}: report of a synthetic dataset"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<title>{safe(title)}</title><link rel="icon" href="{ICON}"><style>{style()}</style></head><body>'
        f'<header class="r-head"><p class="r-kicker">Certificate of a synthetic dataset</p><h1>{safe(report.dataset.name)}</h1>'
        f'<p class="r-notice">{safe(report.notice)}</p></header><main>{body(report)}</main>'
        f'<footer class="r-foot"><p>{safe(report.notice)}</p></footer></body></html>\n'
    )


def style() -> str:
    """The page's style: its ground, the report's parts, the charts."""
    here, charts = files("generation.spec.certificate"), files("generation.spec.charts")
    sheets = (here / "page.css", here / "report.css", charts / "chart.css")
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
