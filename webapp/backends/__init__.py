"""Where jobs run: one module a place, all behind the port in `base`."""
