"""The two JSON APIs."""
