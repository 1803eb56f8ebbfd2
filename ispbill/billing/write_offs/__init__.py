"""Write-offs: debt that is given up, its tax included, until the customer pays after all."""
