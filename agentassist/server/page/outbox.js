// What the server has not got yet. It outlives a reload, and is kept once: the server knows its id when it comes again.
import { alone, random, storage } from "/dom.js";

const PREFIX = "aa.out.";
const kept = storage("localStorage");
const own = storage("sessionStorage"); // a tab keeps its name over a reload
const tab = own.get("aa.tab") || random();
own.set("aa.tab", tab);
let busy = false;
let pause = 0;
let timer = 0;
let count = 0;
let seen = 0;
let changed = () => {};
let conversation = () => null;
const waiting = new Map();
const delivered = new Map();

export async function post(path, body) {
  const answer = await fetch("/api/" + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20000),
  });
  let data = {};
  try {
    data = await answer.json();
  } catch {}
  return { ok: answer.ok, status: answer.status, data };
}

export function start(whenChanged, whose) {
  changed = whenChanged;
  conversation = whose;
  addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && changed());
}

// What is still to be shown as on its way, the oldest first.
export function items() {
  const stored = kept.keys().filter((key) => key.startsWith(PREFIX)).map((key) => JSON.parse(kept.get(key)));
  return [...stored, ...delivered.values()].sort((a, b) => (a.order < b.order ? -1 : 1));
}

// Queue something to say or to do; resolves with the server's answer when there is one.
export function add(path, body, label = "") {
  const id = random();
  const order = `${Date.now()}`.padStart(15, "0") + `${(count += 1)}`.padStart(6, "0");
  kept.set(PREFIX + id, JSON.stringify({ id, tab, order, path, body, label, at: Date.now() }));
  const answered = new Promise((resolve) => waiting.set(id, resolve));
  changed();
  flush();
  return answered;
}

export function drop(id) {
  kept.drop(PREFIX + id);
  delivered.delete(id);
  changed();
}

// Forget what the page shows as an entry by now.
export function settle(ids, seq) {
  seen = seq;
  for (const id of ids) {
    kept.drop(PREFIX + id);
    waiting.get(id)?.({ ok: true, data: {} }); // by another tab
    waiting.delete(id);
  }
  for (const [id, item] of delivered) if (ids.has(id) || item.seq <= seq) delivered.delete(id);
}

export function retry() {
  pause = 0;
  flush();
}

// Another tab's is left to it, until that tab must be gone.
const ours = (one) => one.tab === tab || Date.now() - one.at > 3000;
const next = () => conversation() && items().find((one) => !one.bad && one.seq === undefined && ours(one));

export async function flush() {
  if (busy) return;
  clearTimeout(timer);
  if (!next()) return;
  busy = true;
  await alone("aa.out", deliver); // what is kept is all tabs'
}

async function deliver() {
  const item = next();
  let answer = null;
  try {
    if (item) answer = await post(item.path, { ...item.body, id: item.id, conversation: conversation() });
  } catch {} // no connection, or too slow a one
  busy = false;
  if (item) take(item, answer);
}

function take(item, answer) {
  const later = !answer || answer.status >= 500 || [401, 408, 429].includes(answer.status);
  if (later || answer.data.error === "other-conversation") {
    pause = Math.min(pause * 2 || 1000, 30000);
    timer = setTimeout(flush, pause);
    changed(answer);
    return;
  }
  pause = 0;
  kept.drop(PREFIX + item.id);
  if (answer.ok) {
    if (answer.data.seq > seen) delivered.set(item.id, { ...item, seq: answer.data.seq });
  } else if (item.path === "say") {
    const bad = answer.data.error;
    kept.set(PREFIX + item.id, JSON.stringify({ ...item, bad, why: answer.data.text }));
  }
  waiting.get(item.id)?.(answer);
  waiting.delete(item.id);
  changed(answer);
  flush();
}

// What was refused because its conversation had ended may be said in the next one.
export function reopen() {
  for (const item of items().filter((one) => one.bad === "closed")) {
    const { bad, why, ...again } = item;
    kept.set(PREFIX + item.id, JSON.stringify(again));
  }
  retry();
}
