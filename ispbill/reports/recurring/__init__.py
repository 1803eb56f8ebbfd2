"""The services behind the monthly recurring revenue."""
