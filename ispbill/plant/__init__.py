"""The fibre plant: LCP > splitter > NAP > port. What lies where, how much of it is free, how far it reaches."""
