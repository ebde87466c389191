"""How old each person is, given who they are in their household."""
