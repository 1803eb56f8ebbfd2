"""What the browser gets: sources, their build, their addresses. The build imports the standard library only."""
