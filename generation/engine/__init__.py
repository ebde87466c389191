"""How random values are drawn and looked up with Spark columns, the same on every engine."""
