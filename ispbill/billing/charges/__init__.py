"""What is charged and credited: the lines of components, and one-time charges that wait to be billed."""
