"""The tests tell the story of the product; they mirror the package."""
