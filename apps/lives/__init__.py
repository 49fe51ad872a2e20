"""Lives that change who a record is about: a death, two records of one child, an adoption."""
