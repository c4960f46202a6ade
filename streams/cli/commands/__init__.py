"""What the commands do, by purpose."""
