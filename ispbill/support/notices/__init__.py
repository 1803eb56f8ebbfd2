"""What customers and staff are told about tickets."""
