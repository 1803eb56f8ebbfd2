"""The plan of steps and the calendar of days on which nobody is cut off."""
