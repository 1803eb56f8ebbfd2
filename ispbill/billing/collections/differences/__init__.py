"""Where service is not what is due: paid but blocked, unpaid but open."""
