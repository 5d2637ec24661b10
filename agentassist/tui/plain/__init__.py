"""The desk as plain lines, for screen readers and scripts: no painting, no colour, no cursor movement."""
