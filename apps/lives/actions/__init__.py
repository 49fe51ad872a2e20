"""Everything that closes a record or opens it again.

`closing`: what every closing stops. `death`: a child has died. `joining`: two records of one child.
`adoption`: a new identity, and the earlier record sealed.
"""
