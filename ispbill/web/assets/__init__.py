"""What the browser gets: sources, build, addresses. The build imports nothing but the standard library."""
