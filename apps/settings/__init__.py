"""Education settings, local areas, groups, term dates."""
