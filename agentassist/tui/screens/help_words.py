"""What the help says of the parts of the desk, and what its signs mean."""

from __future__ import annotations

from agentassist.tui.registry import Scope

ABOUT = {
    Scope.DESK: "The queue at the left says who needs you, the middle what was said, the right what helps. "
    "On a small screen one of them is in front, and the tabs above say which.",
    Scope.QUEUE: "Who waits, the longest first; then what is yours, what others have, and your follow-ups. "
    "Looking at a conversation leaves no trace, claiming makes it yours.",
    Scope.FILTER: "Only what has the words you type is shown. Leave it empty to see all again.",
    Scope.TRANSCRIPT: "What was said, the newest at the end; what came before you is folded at the top. "
    "The cursor goes from entry to entry, and each can be read, copied, quoted or searched for.",
    Scope.SUGGESTIONS: "Articles and videos that fit the conversation, the best first, searched anew when the customer "
    "writes. What can be viewed, judged or dismissed is the one under the cursor, at first the best.",
    Scope.SEARCH: "Your own words are searched instead of the conversation's. "
    "What is found can be inserted and sent like any suggestion.",
    Scope.COMPOSER: "What you write is saved as you type, and comes back after a crash or a restart. "
    "Letters and digits are words here: of the desk's keys those with Ctrl, Alt and F work.",
    Scope.DIALOG: "The desk goes on behind it. Nothing that is typed here is kept before it is saved.",
    Scope.FORM: "One line after the other, each with its name above it. From line to line one gets by Tab, too.",
    Scope.SHARED_FORM: "Each line is saved by itself, and the customer sees it at once, as you see theirs. "
    "Submitted, it counts as answered by the customer.",
    Scope.ARTICLE: "An article or a video's words, why it is suggested, and all of it. "
    "Others that say nearly the same are read here, too.",
    Scope.LIST: "Letters are words to find in it. What fits best stands first.",
}
"""Two sentences about each part that can have the focus. No keys of commands in them: those may be others."""

SIGNS = (
    ("●", "The customer wrote it; in the queue, with a number: so many messages that you have not seen."),
    ("◆", "An agent wrote it, you or a colleague."),
    ("○", "The bot wrote it."),
    ("·", "The system noted it."),
    ("▸", "The one that is open or chosen; before a heading: folded."),
    ("▾", "Unfolded."),
    ("✎", "Somebody is typing there."),
    ("◉", "Somebody else is looking at it."),
    ("▶", "A video, and the second at which it is said."),
    ("waiting", "Handed over to a person, and nobody has it yet."),
    ("mine", "You have it: only you can send, until you release or close it."),
    ("closed", "It has ended; it can be read and reopened, and when the customer writes it waits again."),
    ("keyword", "Search works by words only, because the index or the encoder is missing; the panel says why."),
)
"""Each sign or state, and what it means."""
