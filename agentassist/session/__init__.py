"""The headless core that the desk and the command line call."""
