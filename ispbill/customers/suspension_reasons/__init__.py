"""Why service stops for a time: names with what they mean for the bill."""
