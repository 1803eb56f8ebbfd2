"""What a report is: its words, its period, and the sheet that it draws."""
