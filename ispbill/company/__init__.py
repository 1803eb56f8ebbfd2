"""What the ISP says about itself: settings, legal identity, number series."""
