"""Usage prices of plans: what a unit costs, tier by tier."""
