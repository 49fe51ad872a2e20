"""How somebody signs in, at a provider too, and the accounts that administrators keep."""
