"""The database: wizard sessions, jobs and what happened to them."""
