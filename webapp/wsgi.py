"""The app for another WSGI server than ours: webapp.wsgi:app. Run `python -m webapp.dispatcher` beside it."""

from __future__ import annotations

from webapp import create_app

app = create_app()
