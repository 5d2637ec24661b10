"""Takes away what was learned from a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.store.store import Store


def erase_learning(store: Store, customer_id: str) -> int:
    """Remove every vector that was made of a customer's words, of searches and of conversations, for good.

    The bytes leave the file and its log, and none is made again for the conversations that there are. The customer, the
    conversations and what was suggested stay as they are.

    Returns:
        How many vectors there were.

    Raises:
        StoreError: nothing was removed.
    """
    return store.contexts.forget_customer(customer_id)
