"""The tables. A migration that was released never changes: a later one is added below it.

Entries are the only thing that code writes about a conversation. Who has it and how far it is follows from them, and is
kept in `conversation_state` by the triggers here, so that a queue over 100,000 closed conversations reads a few rows.
`agentassist.store.derive` says the same in Python; `health.check` compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from agentassist.store import crossing_tables
from agentassist.store.schema import APPLICATION_ID

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("agentassist.store")

_PEOPLE = """
CREATE TABLE customers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  timezone TEXT NOT NULL,
  language TEXT NOT NULL,
  attributes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  channel TEXT NOT NULL,
  started_at TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_customer ON conversations (customer_id, started_at);
CREATE INDEX conversations_started ON conversations (started_at);
"""

# What an event says is in `data` too; the two columns are for the triggers and for reports, which then need no JSON.
_ENTRIES = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  at TEXT NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
  author_name TEXT NOT NULL CHECK (author <> 'agent' OR author_name <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('message', 'choice', 'form', 'article', 'event')),
  text TEXT NOT NULL,
  data TEXT NOT NULL,
  event TEXT CHECK (event IN ('handoff', 'claimed', 'released', 'closed', 'reopened', 'follow_up')),
  disposition TEXT,
  UNIQUE (conversation_id, seq),
  CHECK ((kind = 'event') = (event IS NOT NULL)),
  CHECK ((event IS 'closed') = (disposition IS NOT NULL))
) STRICT;

CREATE TRIGGER entries_keep_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_keep_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END;
"""

# What is erased later must leave the full text too, so the delete trigger is there although entries_keep_delete stands.
# Columns are not weighed against each other and ranking by relevance is not used: no sizes are kept.
# FTS5 by itself merges its segments in bursts, 64 pages for each of its levels at once: at a million entries one append
# in a few thousand took 27 to 36 ms. A little merging with every eighth entry is the same work, spread: at most 2 ms.
# A long entry fills more pages, each of which is merged once a level, so it merges more.
_FULL_TEXT = """
CREATE VIRTUAL TABLE entries_fts USING fts5 (
  text, content = 'entries', content_rowid = 'id', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER entries_fts_insert AFTER INSERT ON entries
BEGIN INSERT INTO entries_fts (rowid, text) VALUES (NEW.id, NEW.text); END;
INSERT INTO entries_fts (entries_fts, rank) VALUES ('automerge', 0);
CREATE TRIGGER entries_fts_merge AFTER INSERT ON entries WHEN NEW.id % 8 = 0 OR length(NEW.text) > 1000
BEGIN INSERT INTO entries_fts (entries_fts, rank) VALUES ('merge', 16 + length(NEW.text) / 100); END;
CREATE TRIGGER entries_fts_delete AFTER DELETE ON entries
BEGIN INSERT INTO entries_fts (entries_fts, rowid, text) VALUES ('delete', OLD.id, OLD.text); END;
"""

_STATE = """
CREATE TABLE conversation_state (
  conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  state TEXT NOT NULL DEFAULT 'digital' CHECK (state IN ('digital', 'waiting', 'claimed', 'closed')),
  agent TEXT NOT NULL DEFAULT '',
  since_seq INTEGER NOT NULL DEFAULT 0,
  since_at TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  disposition TEXT NOT NULL DEFAULT '',
  last_seq INTEGER NOT NULL DEFAULT 0,
  last_at TEXT NOT NULL,
  preview_seq INTEGER NOT NULL DEFAULT 0,
  customer_entries INTEGER NOT NULL DEFAULT 0,
  bot_entries INTEGER NOT NULL DEFAULT 0,
  agent_entries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX conversation_state_open ON conversation_state (state, agent, since_at) WHERE state <> 'closed';
CREATE INDEX conversation_state_agent ON conversation_state (agent, conversation_id) WHERE agent <> '';

CREATE TRIGGER conversations_state AFTER INSERT ON conversations
BEGIN
  INSERT INTO conversation_state (conversation_id, since_at, last_at) VALUES (NEW.id, NEW.started_at, NEW.started_at);
END;

CREATE TRIGGER entries_number BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT last_seq + 1 FROM conversation_state WHERE conversation_id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'entries are numbered without a gap'); END;

CREATE TRIGGER entries_one_owner BEFORE INSERT ON entries
WHEN NEW.event = 'claimed'
  AND (SELECT state FROM conversation_state WHERE conversation_id = NEW.conversation_id) IN ('claimed', 'closed')
BEGIN SELECT RAISE(ABORT, 'only what nobody has can be claimed'); END;

-- The columns of the two indexes above are left alone here, so that a message costs no index page.
CREATE TRIGGER entries_count AFTER INSERT ON entries
BEGIN
  UPDATE conversation_state SET
    last_seq = NEW.seq,
    last_at = NEW.at,
    preview_seq = CASE WHEN NEW.kind IN ('message', 'article') THEN NEW.seq ELSE preview_seq END,
    customer_entries = customer_entries + (NEW.author = 'customer'),
    bot_entries = bot_entries + (NEW.author = 'bot'),
    agent_entries = agent_entries + (NEW.author = 'agent')
  WHERE conversation_id = NEW.conversation_id;
END;

-- A customer who writes after the wrap-up is waiting again: nobody may answer into the void.
CREATE TRIGGER entries_return AFTER INSERT ON entries WHEN NEW.author = 'customer' AND NEW.kind <> 'event'
BEGIN
  UPDATE conversation_state
  SET state = 'waiting', agent = '', disposition = '', since_seq = NEW.seq, since_at = NEW.at
  WHERE conversation_id = NEW.conversation_id AND state = 'closed';
END;

CREATE TRIGGER entries_handoff AFTER INSERT ON entries WHEN NEW.event = 'handoff'
BEGIN
  UPDATE conversation_state SET reason = NEW.text WHERE conversation_id = NEW.conversation_id;
  UPDATE conversation_state SET state = 'waiting', since_seq = NEW.seq, since_at = NEW.at
  WHERE conversation_id = NEW.conversation_id AND state = 'digital';
END;

CREATE TRIGGER entries_claimed AFTER INSERT ON entries WHEN NEW.event = 'claimed'
BEGIN
  UPDATE conversation_state SET state = 'claimed', agent = NEW.author_name, since_seq = NEW.seq, since_at = NEW.at
  WHERE conversation_id = NEW.conversation_id;
END;

CREATE TRIGGER entries_released AFTER INSERT ON entries WHEN NEW.event = 'released'
BEGIN
  UPDATE conversation_state SET state = 'waiting', agent = '', since_seq = NEW.seq, since_at = NEW.at
  WHERE conversation_id = NEW.conversation_id;
END;

CREATE TRIGGER entries_closed AFTER INSERT ON entries WHEN NEW.event = 'closed'
BEGIN
  UPDATE conversation_state
  SET state = 'closed', since_seq = NEW.seq, since_at = NEW.at, disposition = NEW.disposition
  WHERE conversation_id = NEW.conversation_id;
END;

CREATE TRIGGER entries_reopened AFTER INSERT ON entries WHEN NEW.event = 'reopened'
BEGIN
  UPDATE conversation_state
  SET state = CASE NEW.author WHEN 'agent' THEN 'claimed' ELSE 'waiting' END,
    agent = CASE NEW.author WHEN 'agent' THEN NEW.author_name ELSE '' END,
    disposition = '', since_seq = NEW.seq, since_at = NEW.at
  WHERE conversation_id = NEW.conversation_id;
END;
"""

_WORK = """
CREATE TABLE seen (
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE searches (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  seq INTEGER NOT NULL,
  query TEXT NOT NULL,
  mode TEXT NOT NULL,
  degraded TEXT NOT NULL,
  hits INTEGER NOT NULL,
  took_ms REAL NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX searches_conversation ON searches (conversation_id);

CREATE TABLE suggestions (
  id INTEGER PRIMARY KEY,
  search_id INTEGER NOT NULL REFERENCES searches (id),
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  rank INTEGER NOT NULL CHECK (rank > 0),
  article_id TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  passage TEXT NOT NULL,
  score REAL NOT NULL,
  similarity REAL,
  reason TEXT NOT NULL,
  UNIQUE (search_id, rank)
) STRICT;
CREATE INDEX suggestions_conversation ON suggestions (conversation_id);

CREATE TABLE suggestion_events (
  id INTEGER PRIMARY KEY,
  suggestion_id INTEGER NOT NULL REFERENCES suggestions (id),
  outcome TEXT NOT NULL
    CHECK (outcome IN ('shown', 'inserted', 'sent', 'dismissed', 'thumbs_up', 'thumbs_down')),
  agent TEXT NOT NULL,
  reason TEXT NOT NULL,
  entry_seq INTEGER,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX suggestion_events_suggestion ON suggestion_events (suggestion_id);
CREATE UNIQUE INDEX suggestion_events_shown_once ON suggestion_events (suggestion_id, agent) WHERE outcome = 'shown';
CREATE TRIGGER suggestions_keep BEFORE UPDATE ON suggestions
BEGIN SELECT RAISE(ABORT, 'a suggestion stays as it was ranked'); END;
CREATE TRIGGER suggestion_events_keep BEFORE UPDATE ON suggestion_events
BEGIN SELECT RAISE(ABORT, 'what happened to a suggestion never changes'); END;

CREATE TABLE follow_ups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER REFERENCES conversations (id),
  customer_id TEXT REFERENCES customers (id),
  owner TEXT NOT NULL CHECK (owner <> ''),
  note TEXT NOT NULL,
  due TEXT NOT NULL,
  zone TEXT NOT NULL,
  wall TEXT NOT NULL,
  only_if_no_reply INTEGER NOT NULL CHECK (only_if_no_reply IN (0, 1)),
  after_seq INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  done_at TEXT
) STRICT;
CREATE INDEX follow_ups_open ON follow_ups (owner, due) WHERE done_at IS NULL;
CREATE INDEX follow_ups_conversation ON follow_ups (conversation_id);

CREATE TABLE drafts (
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  agent TEXT NOT NULL,
  text TEXT NOT NULL,
  seen_seq INTEGER NOT NULL,
  saved_at TEXT NOT NULL,
  PRIMARY KEY (conversation_id, agent)
) STRICT, WITHOUT ROWID;
"""


@migrations(name="m001_records")
def _records(db: Database) -> None:
    for script in (_PEOPLE, _ENTRIES, _FULL_TEXT, _STATE, _WORK):
        db.executescript(script)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


# Where each desk is, for the others: not a record. A desk that ended without a word leaves a row that goes stale.
_PRESENCE = """
CREATE TABLE presence (
  desk TEXT PRIMARY KEY CHECK (desk <> ''),
  agent TEXT NOT NULL,
  conversation_id INTEGER REFERENCES conversations (id) ON DELETE CASCADE,
  typing INTEGER NOT NULL CHECK (typing IN (0, 1)),
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# SQLite cannot change a CHECK, so the table is made again, with the same ids; nothing points at it.
_OUTCOMES = """
CREATE TABLE suggestion_events_new (
  id INTEGER PRIMARY KEY,
  suggestion_id INTEGER NOT NULL REFERENCES suggestions (id),
  outcome TEXT NOT NULL CHECK (
    outcome IN ('shown', 'opened', 'inserted', 'sent', 'dismissed', 'thumbs_up', 'thumbs_down', 'restored')
  ),
  agent TEXT NOT NULL,
  reason TEXT NOT NULL,
  entry_seq INTEGER,
  at TEXT NOT NULL
) STRICT;
INSERT INTO suggestion_events_new (id, suggestion_id, outcome, agent, reason, entry_seq, at)
SELECT id, suggestion_id, outcome, agent, reason, entry_seq, at FROM suggestion_events ORDER BY id;
DROP TABLE suggestion_events;
ALTER TABLE suggestion_events_new RENAME TO suggestion_events;
CREATE INDEX suggestion_events_suggestion ON suggestion_events (suggestion_id);
CREATE UNIQUE INDEX suggestion_events_shown_once ON suggestion_events (suggestion_id, agent) WHERE outcome = 'shown';
CREATE TRIGGER suggestion_events_keep BEFORE UPDATE ON suggestion_events
BEGIN SELECT RAISE(ABORT, 'what happened to a suggestion never changes'); END;
"""

# Before this version nobody knew how likely a hit was: NULL.
_CONFIDENCE = """
ALTER TABLE suggestions ADD COLUMN probability REAL;
ALTER TABLE searches ADD COLUMN no_match INTEGER NOT NULL DEFAULT 0 CHECK (no_match IN (0, 1));
"""


@migrations(name="m002_desks")
def _desks(db: Database) -> None:
    for script in (_PRESENCE, _OUTCOMES, _CONFIDENCE):
        db.executescript(script)


# What was asked, as a vector and never as words: a lesson can be compared with a later question, and read by nobody.
# Whoever holds lessons in memory reads only what is newer, so what is taken away has to be told: the triggers count it,
# also when a row goes because its search did. An article that was unlearned counts only what happened after that event.
_LEARNING = """
CREATE TABLE contexts (
  search_id INTEGER PRIMARY KEY REFERENCES searches (id) ON DELETE CASCADE,
  model TEXT NOT NULL CHECK (model <> ''),
  vector BLOB NOT NULL CHECK (length(vector) > 0)
) STRICT;
CREATE TABLE session_vectors (
  conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  last_seq INTEGER NOT NULL,
  model TEXT NOT NULL CHECK (model <> ''),
  problem BLOB NOT NULL,
  vector BLOB NOT NULL,
  made_at TEXT NOT NULL
) STRICT;
CREATE INDEX session_vectors_made ON session_vectors (made_at);
CREATE TABLE unlearned (
  article_id TEXT PRIMARY KEY,
  event_id INTEGER NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE forgetting (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  contexts INTEGER NOT NULL,
  session_vectors INTEGER NOT NULL
) STRICT;
INSERT INTO forgetting VALUES (1, 0, 0);
CREATE TRIGGER contexts_forgotten AFTER DELETE ON contexts
BEGIN UPDATE forgetting SET contexts = contexts + 1; END;
CREATE TRIGGER session_vectors_forgotten AFTER DELETE ON session_vectors
BEGIN UPDATE forgetting SET session_vectors = session_vectors + 1; END;
CREATE TRIGGER unlearned_forgotten AFTER INSERT ON unlearned
BEGIN UPDATE forgetting SET contexts = contexts + 1; END;
"""

# As in the version before: the table is made again for its CHECK. Most events are `shown`, which teaches nothing.
_EDITED = """
CREATE TABLE suggestion_events_new (
  id INTEGER PRIMARY KEY,
  suggestion_id INTEGER NOT NULL REFERENCES suggestions (id),
  outcome TEXT NOT NULL CHECK (
    outcome IN ('shown', 'opened', 'inserted', 'sent', 'edited', 'dismissed', 'thumbs_up', 'thumbs_down', 'restored')
  ),
  agent TEXT NOT NULL,
  reason TEXT NOT NULL,
  entry_seq INTEGER,
  at TEXT NOT NULL
) STRICT;
INSERT INTO suggestion_events_new (id, suggestion_id, outcome, agent, reason, entry_seq, at)
SELECT id, suggestion_id, outcome, agent, reason, entry_seq, at FROM suggestion_events ORDER BY id;
DROP TABLE suggestion_events;
ALTER TABLE suggestion_events_new RENAME TO suggestion_events;
CREATE INDEX suggestion_events_suggestion ON suggestion_events (suggestion_id);
CREATE INDEX suggestion_events_telling ON suggestion_events (id) WHERE outcome <> 'shown';
CREATE UNIQUE INDEX suggestion_events_shown_once ON suggestion_events (suggestion_id, agent) WHERE outcome = 'shown';
CREATE TRIGGER suggestion_events_keep BEFORE UPDATE ON suggestion_events
BEGIN SELECT RAISE(ABORT, 'what happened to a suggestion never changes'); END;
"""

# Before this version nobody kept which version of an article was suggested: empty.
_VERSIONS = "ALTER TABLE suggestions ADD COLUMN version TEXT NOT NULL DEFAULT '';"


@migrations(name="m003_learning")
def _learning(db: Database) -> None:
    for script in (_LEARNING, _EDITED, _VERSIONS):
        db.executescript(script)


@migrations(name="m004_crossing")
def _crossing(db: Database) -> None:
    for script in (crossing_tables.ENTRIES, crossing_tables.STATE, crossing_tables.WEB):
        db.executescript(script)
