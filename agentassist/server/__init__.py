"""The customer's side: a web page on the same records as the desks."""
