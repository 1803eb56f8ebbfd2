"""What every feature stands on; no blueprints, no tables, no business."""
