"""What the commands of the command line do, by their noun: each takes the parsed options and returns an exit code."""
