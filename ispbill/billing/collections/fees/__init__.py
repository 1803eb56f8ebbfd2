"""Late fees: a charge on the next bill, once for an invoice and a step, and letting one go."""
