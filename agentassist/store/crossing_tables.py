"""The SQL of version 4: what happens between the tree, the bot and a person, and what the customer's page needs.

As with every migration, what is here never changes once it was released.
"""

from __future__ import annotations

# The names of the events are in a trigger from now on: a trigger can be made anew, a CHECK only with its whole table.
# The rows keep their ids, so the full text, which points at them, stays as it is.
ENTRIES = """
CREATE TABLE entries_new (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  at TEXT NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
  author_name TEXT NOT NULL CHECK (author <> 'agent' OR author_name <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('message', 'choice', 'form', 'article', 'event')),
  text TEXT NOT NULL,
  data TEXT NOT NULL,
  event TEXT,
  disposition TEXT,
  UNIQUE (conversation_id, seq),
  CHECK ((kind = 'event') = (event IS NOT NULL)),
  CHECK ((event IS 'closed') = (disposition IS NOT NULL))
) STRICT;
INSERT INTO entries_new (id, conversation_id, seq, at, author, author_name, kind, text, data, event, disposition)
SELECT id, conversation_id, seq, at, author, author_name, kind, text, data, event, disposition FROM entries;
DROP TABLE entries;
ALTER TABLE entries_new RENAME TO entries;

CREATE TRIGGER entries_keep_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_keep_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END;
CREATE TRIGGER entries_known_event BEFORE INSERT ON entries
WHEN NEW.event NOT IN (
  'handoff', 'claimed', 'released', 'closed', 'reopened', 'follow_up',
  'flow', 'back', 'wished', 'lent', 'returned', 'opened', 'rated'
)
BEGIN SELECT RAISE(ABORT, 'CHECK: no such event'); END;

CREATE TRIGGER entries_fts_insert AFTER INSERT ON entries
BEGIN INSERT INTO entries_fts (rowid, text) VALUES (NEW.id, NEW.text); END;
CREATE TRIGGER entries_fts_merge AFTER INSERT ON entries WHEN NEW.id % 8 = 0 OR length(NEW.text) > 1000
BEGIN INSERT INTO entries_fts (entries_fts, rank) VALUES ('merge', 16 + length(NEW.text) / 100); END;
CREATE TRIGGER entries_fts_delete AFTER DELETE ON entries
BEGIN INSERT INTO entries_fts (entries_fts, rowid, text) VALUES ('delete', OLD.id, OLD.text); END;
"""

# How strained the customer was comes with the handoff; whatever else stands there counts as nothing.
STATE = """
ALTER TABLE conversation_state ADD COLUMN friction REAL NOT NULL DEFAULT 0.0;

CREATE TRIGGER entries_number BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT last_seq + 1 FROM conversation_state WHERE conversation_id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'entries are numbered without a gap'); END;

CREATE TRIGGER entries_one_owner BEFORE INSERT ON entries
WHEN NEW.event = 'claimed'
  AND (SELECT state FROM conversation_state WHERE conversation_id = NEW.conversation_id) IN ('claimed', 'closed')
BEGIN SELECT RAISE(ABORT, 'only what nobody has can be claimed'); END;

-- The columns that the indexes hold are left alone here, so that a message costs no index page.
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

-- From the tree it goes back to the agent who lent it there, if one did.
CREATE TRIGGER entries_handoff AFTER INSERT ON entries WHEN NEW.event = 'handoff'
BEGIN
  UPDATE conversation_state SET reason = NEW.text, friction = CASE
    WHEN json_type(NEW.data, '$.friction') IN ('integer', 'real')
    THEN min(1.0, max(0.0, json_extract(NEW.data, '$.friction'))) ELSE 0.0 END
  WHERE conversation_id = NEW.conversation_id;
  UPDATE conversation_state
  SET state = CASE agent WHEN '' THEN 'waiting' ELSE 'claimed' END, since_seq = NEW.seq, since_at = NEW.at
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

CREATE TRIGGER entries_digital AFTER INSERT ON entries WHEN NEW.event IN ('lent', 'returned')
BEGIN
  UPDATE conversation_state
  SET state = 'digital', agent = iif(NEW.event = 'lent', agent, ''), since_seq = NEW.seq, since_at = NEW.at
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

# A visitor is known by the hash of a token that only their browser has. What a page sends carries a number of the
# page's own, so that what is sent again after a lost answer is stored once. A link's token stands in /a/TOKEN.
# Where the customer's page is: not a record, as with the desks.
WEB = """
CREATE TABLE visitors (
  token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  customer_id TEXT NOT NULL REFERENCES customers (id),
  conversation_id INTEGER REFERENCES conversations (id),
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visitors_conversation ON visitors (conversation_id);
CREATE TABLE page_sends (
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  send_id TEXT NOT NULL CHECK (send_id <> ''),
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, send_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE article_links (
  token TEXT PRIMARY KEY CHECK (token <> ''),
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  article_id TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (conversation_id, article_id, url)
) STRICT, WITHOUT ROWID;
CREATE TABLE customer_presence (
  conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
  typing INTEGER NOT NULL CHECK (typing IN (0, 1)),
  at TEXT NOT NULL
) STRICT;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE CHECK (key <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('email')),
  conversation_id INTEGER NOT NULL REFERENCES conversations (id),
  payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead', 'cancelled')),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_queued ON outbox (id) WHERE state = 'queued';
CREATE INDEX outbox_conversation ON outbox (conversation_id);
"""
