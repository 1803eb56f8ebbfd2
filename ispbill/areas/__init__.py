"""Where customers live: region, city, barangay, or what the ISP calls its levels."""
