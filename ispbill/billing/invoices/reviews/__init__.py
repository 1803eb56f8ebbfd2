"""What was billed, as billing reads it again where it may have to be billed otherwise."""
