"""Double entry: accounts, journal entries, balances."""
