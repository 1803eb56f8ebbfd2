"""The first steps of a new company: what is done already, what comes next."""
