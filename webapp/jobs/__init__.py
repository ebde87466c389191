"""Jobs: the history, a job, and two of them compared."""
