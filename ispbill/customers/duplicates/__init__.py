"""Records of one and the same customer: finding them, and merging one into the other."""
