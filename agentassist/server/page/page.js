// What the page knows, what it hears, and what the customer does.
import { $, T, alone, announce, el, link, random, storage } from "/dom.js";
import * as outbox from "/outbox.js";
import * as panels from "/panels.js";
import * as shown from "/view.js";

const drafts = storage("sessionStorage");
const framed = window.parent !== window;
const late = (item) => !online || Date.now() - item.at > 1500;
let key = null;
let seq = 0;
let view = null;
let source = null;
let heard = 0;
let online = true;
let tries = 0;
let unread = 0;
let promptAs = "";
let begun = null;
let tall = 0;

// The line to the server

async function begin() {
  const { language } = navigator;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const ask = () => outbox.post("begin", { language, timezone: zone });
  try {
    // One tab at a time, so that two share one conversation.
    const answer = await alone("aa.begin", ask);
    if (!answer.ok) return again(answer.status === 429 ? T.slow : T.unreachable);
    // Another one each time: the browser keeps no cookie here, as some do within another site's page.
    if (key && !view && answer.data.conversation !== key) return blocked();
    if (answer.data.conversation !== key) forget(answer.data.conversation);
    listen();
  } catch {
    again(T.unreachable);
  }
}

function forget(next) {
  key = next;
  seq = 0;
  promptAs = "";
  begun = null;
}

function blocked() {
  net(T.cookies);
  $("net").append(" ", link(location.origin, T.open));
}

function again(words) {
  source?.close();
  source = null;
  net(words);
  tries += 1;
  setTimeout(begin, Math.min(1000 * 2 ** tries, 20000) * (0.75 + Math.random() / 2));
}

function listen() {
  source?.close();
  source = new EventSource(`/api/stream?after=${key}-${seq}`);
  heard = Date.now();
  const mine = source;
  source.addEventListener("view", (event) => mine === source && (fine(), take(JSON.parse(event.data))));
  source.addEventListener("beat", fine);
  source.addEventListener("bye", (event) => {
    mine.close();
    // With too many pages open the one that is looked at goes on.
    if (event.data === "many") addEventListener("focus", begin, { once: true });
    else setTimeout(begin, event.data === "moved" ? 0 : 1000 + Math.random() * 1000);
  });
  source.onerror = () => {
    if (mine !== source) return;
    if (mine.readyState === EventSource.CLOSED) again(T.reconnecting);
    else setTimeout(() => mine === source && mine.readyState !== EventSource.OPEN && net(T.reconnecting), 1500);
  };
}

function fine() {
  heard = Date.now();
  tries = 0;
  if (!online) outbox.retry();
  net("");
}

function net(words) {
  if (words && !navigator.onLine) words = T.offline;
  online = !words;
  $("net").hidden = online;
  if (!online) $("busy").hidden = true;
  if ($("net").textContent !== words) $("net").textContent = words;
  drawPending();
}

addEventListener("online", () => (outbox.retry(), begin()));
addEventListener("offline", () => net(T.offline));
setInterval(() => {
  if (source && Date.now() - heard > 45000) again(T.reconnecting);
  if (online) outbox.flush();
  drawPending();
}, 5000);

// What the server says

function take(data) {
  const fresh = data.reset || data.conversation !== key;
  if (fresh) {
    forget(data.conversation);
    shown.clear();
    $("log").setAttribute("aria-live", "off");
  }
  const stay = fresh || nearEnd();
  const news = data.entries.filter((entry) => entry.seq > seq);
  if (news.length) begun = null;
  for (const entry of news) {
    shown.addEntry(entry, data);
    if (!fresh && entry.author !== "customer") begun ??= $("log").lastElementChild;
  }
  seq = Math.max(seq, data.seq);
  view = data;
  outbox.settle(new Set(news.map((entry) => entry.send_id).filter(Boolean)), seq);
  drawPending();
  draw();
  if (fresh) setTimeout(() => $("log").setAttribute("aria-live", "polite"), 500);
  else count(news.filter((entry) => entry.author === "agent" || entry.author === "bot").length);
  if (stay || news.some((entry) => entry.author === "customer")) toEnd();
  outbox.flush();
}

function draw() {
  const { state, agent, prompt } = view;
  const bot = view.bot || T.bot;
  const status = { digital: bot, waiting: T.statusWaiting, claimed: `${agent || T.team} ${T.statusPerson}`, closed: T.statusClosed }[state];
  if ($("status").title !== status) {
    $("status").title = status;
    $("status").replaceChildren(status, state === "digital" ? el("span", { class: "wide" }, " · " + T.statusBot) : "");
  }
  $("text").placeholder = state === "closed" ? T.placeholderClosed : T.placeholder;
  if (!view.can_ask && document.activeElement === $("person")) $("text").focus();
  $("person").hidden = !view.can_ask;
  const asked = prompt && { ...prompt, back: view.can_go_back };
  const as = JSON.stringify(asked && [asked.node, asked.question, asked.options, asked.back, asked.fields?.map((one) => one.id)]);
  if (as !== promptAs) {
    promptAs = as;
    shown.prompt(asked, act);
  } else if (asked) shown.refill(asked);
  shown.changeable(view.can_go_back && state === "digital" ? act.back : null);
  for (const way of ["email", "callback"]) $(way).hidden = state !== "digital" || !view.wishes.includes(way);
  const busy = view.agent_typing ? `${agent || T.team} ${T.typing}` : view.thinking ? `${bot} ${T.thinking}` : "";
  $("busy").hidden = !busy;
  $("busy").lastElementChild.textContent = busy;
  panels.draw(view, act);
}

function drawPending() {
  shown.pending(outbox.items(), late, {
    edit: (item) => {
      $("text").value = [item.label, $("text").value].filter(Boolean).join("\n");
      outbox.drop(item.id);
      typed();
      $("text").focus();
    },
    remove: (item) => outbox.drop(item.id),
  });
}

const box = $("scroll");
const nearEnd = () => box.scrollHeight - box.scrollTop - tall < 160;
// To the end, but no further than where the open question begins, or what was said last.
const toEnd = () => requestAnimationFrame(() => {
  const tops = [$("prompt"), begun].filter((one) => one && !one.hidden).map((one) => one.getBoundingClientRect().top);
  box.scrollTop += Math.min(box.scrollHeight, ...tops.map((top) => top - box.getBoundingClientRect().top - 16));
});
// What was in sight at the end stays when the keyboard comes up or the message grows.
new ResizeObserver(() => {
  const stay = nearEnd();
  tall = box.clientHeight;
  if (stay) toEnd();
}).observe(box);

const title = document.title;
function count(more) {
  unread = document.hidden || (framed && !document.hasFocus()) ? unread + more : 0;
  document.title = unread ? `(${unread}) ${title}` : title;
  if (framed) parent.postMessage({ agentassist: "unread", count: unread }, "*");
}
addEventListener("visibilitychange", () => !document.hidden && count(0));
addEventListener("focus", () => count(0));

// What the customer does

const act = {
  async answer(given, label) {
    $("prompt").setAttribute("aria-busy", "true");
    const node = view.prompt?.node;
    let answer;
    if (label) answer = await outbox.add("answer", { node, given }, label);
    else {
      // A form's mistakes show at its fields; without a line it waits like the rest.
      try {
        answer = await outbox.post("answer", { node, given, id: random(), conversation: key });
      } catch {
        const words = Object.values(given).filter(Boolean).join(", ");
        answer = await outbox.add("answer", { node, given }, words || T.continue);
      }
    }
    $("prompt").removeAttribute("aria-busy");
    if (answer.ok || answer.data.error === "stale") return null;
    if (!answer.data.fields) announceNet(answer);
    return answer.data.fields || null;
  },
  async field(field, value) {
    const body = { node: view.prompt?.node, field, value: value.trim(), id: random(), conversation: key };
    const answer = await outbox.post("field", body).catch(() => null);
    return answer?.data.fields || null;
  },
  back: () => outbox.add("back", {}),
  wish: (wish, label) => outbox.add("wish", { wish, details: {} }, label),
  // Returns what is wrong in words, or nothing.
  async send(path, body) {
    const answer = await outbox.post(path, { ...body, id: random(), conversation: key }).catch(() => null);
    if (answer?.ok) return { data: answer.data };
    return { error: answer?.data.text || (answer?.status === 429 ? T.slow : answer ? T.failed : T.unreachable), fields: answer?.data.fields };
  },
  async begin() {
    const answer = await outbox.post("new", { conversation: key, language: navigator.language }).catch(() => null);
    if (!answer?.ok && answer?.status !== 409) return announceNet(answer);
    await begin();
    outbox.reopen();
    $("text").focus();
  },
};

function announceNet(answer) {
  const words = answer?.status === 429 ? T.slow : answer ? T.failed : T.unreachable;
  announce(words);
  $("net").hidden = false;
  $("net").textContent = words;
}

$("person").addEventListener("click", () => act.wish("person", T.person));
$("mail").addEventListener("click", () => panels.mail(act));
$("email").addEventListener("click", () => panels.email(view, act));
$("callback").addEventListener("click", () => panels.callback(act));
$("new").addEventListener("click", act.begin);
$("menu").addEventListener("click", (event) => event.target.closest("a, button") && ($("menu").open = false));
$("menu").addEventListener("focusout", (event) => $("menu").contains(event.relatedTarget) || ($("menu").open = false));

let said = 0;
let stopped = 0;
function sign(typing) {
  clearTimeout(stopped);
  if (typing) stopped = setTimeout(sign, 5000, false);
  if (!key || !["waiting", "claimed"].includes(view?.state)) return;
  if (typing ? Date.now() - said < 4000 : !said) return;
  said = typing ? Date.now() : 0;
  outbox.post("typing", { typing, conversation: key }).catch(() => {});
}

function typed() {
  drafts.set("aa.draft", $("text").value);
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight + 2}px`;
}

$("text").value = drafts.get("aa.draft") || "";
$("text").addEventListener("input", () => (typed(), sign(Boolean($("text").value))));
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
});
$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return $("text").focus();
  $("text").value = "";
  typed();
  sign(false);
  outbox.add("say", { text }, text);
  toEnd();
  setTimeout(drawPending, 1600);
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if ($("menu").open) {
    $("menu").open = false;
    $("menu").firstElementChild.focus();
  } else if (framed && !$("dialog").open) parent.postMessage({ agentassist: "close" }, "*");
});
$("close").hidden = !framed;
document.body.classList.toggle("framed", framed);
$("close").addEventListener("click", () => parent.postMessage({ agentassist: "close" }, "*"));
if (framed) addEventListener("message", (event) => event.source === parent && event.data?.agentassist === "focus" && $("text").focus());

$("log").after(el("div", { id: "pending" }));
outbox.start((answer) => {
  drawPending();
  if (answer?.status === 401 || answer?.data.error === "other-conversation") begin();
}, () => key);
typed();
begin();
