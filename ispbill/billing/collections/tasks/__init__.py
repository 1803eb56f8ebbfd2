"""Steps of which customers are told by hand: calls and visits of the staff."""
