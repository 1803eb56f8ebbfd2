"""Where the company is at home: its time zone, and its currency while no amount is written down."""
