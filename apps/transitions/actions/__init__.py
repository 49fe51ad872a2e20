"""Everything that changes a move.

`planning`: the holder's side. `receiving`: the destination's. `delivery`: the worker's.
"""
