"""The documents behind the amounts of the tax report."""
