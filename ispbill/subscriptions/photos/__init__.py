"""Photos of installations: the pole, the box on the wall, the proof that it is done."""
