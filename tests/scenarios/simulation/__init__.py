"""A simulator: seeded random timelines of several companies, through the real verbs, with every invariant looked at."""
