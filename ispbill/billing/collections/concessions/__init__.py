"""What holds the steps off: promises to pay, disputes, holds."""
