"""What several tables must know alike: who lives in a household, which devices it has, which identifiers they carry.

Each module holds pure functions of keys, so that a table recomputes what another one says instead of joining it.
"""
