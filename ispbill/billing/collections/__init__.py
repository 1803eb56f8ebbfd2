"""What happens to money that is not paid: reminders, fees, suspension, promises, disputes, and who may be online."""
