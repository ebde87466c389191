"""Where finished tables go."""
