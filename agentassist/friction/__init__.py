"""How much a conversation strains its customer, from what can be counted in it, and what follows for the agent."""
