"""What a job made: its tables, rows and report."""
