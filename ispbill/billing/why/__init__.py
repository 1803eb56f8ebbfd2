"""Why a line was charged what it was, and why a customer was cut off: traced back through what is on record."""
