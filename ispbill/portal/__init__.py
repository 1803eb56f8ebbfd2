"""What a company's customers see of their own account."""
