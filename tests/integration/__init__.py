"""The parts together, as users meet them."""
