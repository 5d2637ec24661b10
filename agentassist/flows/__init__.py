"""Decision trees: what a customer is asked, step by step, and how the bot answers from the knowledge base."""
