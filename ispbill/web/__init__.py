"""What all HTML faces share."""
