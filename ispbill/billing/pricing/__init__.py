"""What lines come to once discounts, taxes, exemptions and rounding have had their say."""
