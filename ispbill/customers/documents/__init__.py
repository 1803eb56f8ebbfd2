"""A customer's papers: contracts, identity cards, permits."""
