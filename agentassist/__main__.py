"""Starts the command line: `agentassist`, or `python -m agentassist`."""

from agentassist.cli.root import main

if __name__ == "__main__":
    main()
