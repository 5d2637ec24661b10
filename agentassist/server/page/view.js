// What the customer sees of the conversation.
import { $, T, announce, button, el, link, linked } from "/dom.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
let last = { by: "", day: "" };
let ids = 0;

export function clear() {
  $("log").replaceChildren();
  last = { by: "", day: "" };
}

const nameOf = (entry, view) =>
  entry.author === "customer" ? T.you : entry.name || (entry.author === "agent" ? T.team : view.bot || T.bot);

export function addEntry(entry, view) {
  const at = new Date(entry.at);
  const day = at.toDateString();
  if (day !== last.day && (last.day || day !== new Date().toDateString())) {
    $("log").append(el("p", { class: "day" }, day === new Date().toDateString() ? T.today : dayName.format(at)));
    last.by = "";
  }
  last.day = day;
  if (entry.kind === "note") {
    $("log").append(el("p", { class: "note", dir: "auto" }, ...linked(entry.text)));
    last.by = "";
    return;
  }
  last.text = entry.text;
  const by = `${entry.author} ${entry.name}`;
  const first = by !== last.by;
  last.by = by;
  $("log").append(bubble(entry, nameOf(entry, view), first, el("time", { datetime: entry.at }, clock.format(at))));
}

function bubble(entry, name, first, time) {
  const answer = entry.kind === "choice" || entry.kind === "form";
  const kind = `entry ${entry.author}${first ? " first" : ""}${answer ? " answer" : ""}`;
  const sign = entry.author === "customer" ? "" : el("i", { "aria-hidden": "true" }, [...name][0] || "·");
  const head = first ? el("p", { class: "by" }, sign, el("b", {}, name), time || "") : el("span", { class: "away" }, name + ": ");
  const body = el("div", { class: "bubble", dir: "auto" });
  if (answer && entry.question) body.append(el("small", {}, entry.question));
  body.append(...linked(entry.text));
  if (entry.articles?.length) body.append(links(entry.articles));
  return el("article", { class: kind }, head, body);
}

const links = (articles) =>
  el("ul", { class: "links" }, ...articles.map((one) => el("li", {}, link(one.href || one.url, one.title || one.href))));

// The last answer in the tree can be changed.
export function changeable(change) {
  $("log").querySelector(".change")?.remove();
  const answers = $("log").querySelectorAll(".entry.customer.answer");
  if (change && answers.length) answers[answers.length - 1].append(el("p", { class: "foot change" }, button(T.change, "", change)));
}

// What is on its way, below what is said.
export function pending(items, late, act) {
  const shown = items.filter((item) => item.label);
  $("pending").replaceChildren(
    ...shown.map((item) => {
      const made = bubble({ author: "customer", kind: "message", text: item.label }, T.you, false);
      if (!item.bad && !(late(item) && item.seq === undefined)) return made;
      made.classList.add("pending");
      const foot = el("p", { class: "foot" }, item.bad ? `${T.refused}: ${item.why || reason(item.bad)}` : T.unsent);
      if (item.bad) {
        made.classList.add("bad");
        foot.append(button(T.edit, "", () => act.edit(item)), button(T.remove, "", () => act.remove(item)));
      }
      made.append(foot);
      return made;
    }),
  );
}

export const reason = (code) => ({ closed: T.closedSend, "too-large": T.tooLong })[code] || T.failed;

// The open question

export function prompt(asked, act) {
  const held = $("prompt").contains(document.activeElement);
  const before = $("prompt").dataset.node;
  $("prompt").hidden = !asked;
  $("prompt").replaceChildren();
  $("prompt").dataset.node = asked ? asked.node : "";
  if (!asked) {
    if (held) $("text").focus({ preventScroll: true });
    return;
  }
  const make = { choice: choice, choices: choices, form: form }[asked.kind] || choice;
  $("prompt").append(make(asked, act));
  const title = $("prompt").querySelector("legend, h2");
  if (held) title.focus({ preventScroll: true });
  else if (before !== asked.node) announce([asked.question, ...asked.options.map((one) => one.label)].join(". "));
}

function step(asked, act, ...first) {
  const back = asked.back ? button("← " + T.back, "link", act.back) : "";
  return first.length || back ? el("div", { class: "row" }, ...first, back) : "";
}

const errorFor = () => el("p", { class: "error", id: `e${(ids += 1)}`, hidden: true });

function choice(asked, act) {
  const said = asked.question === last.text && "away"; // it stands right above
  const title = el("h2", { id: "asked", class: said, tabindex: "-1", dir: "auto" }, asked.question);
  const error = errorFor();
  const options = asked.options.map((one) =>
    button(one.label, "option", async (event) => {
      if (event.detail > 1) return; // a double click answers one question
      const fields = await act.answer(one.id, one.label);
      if (fields) tell(error, Object.values(fields).join(" "));
    }),
  );
  const group = el("div", { class: "options", role: "group", "aria-labelledby": "asked" }, ...options);
  return el("div", { class: "card" }, title, extra(asked), group, error, step(asked, act));
}

const extra = (asked) => (asked.articles?.length ? links(asked.articles) : "");

function choices(asked, act) {
  const error = errorFor();
  const boxes = asked.options.map((one) =>
    el("input", { type: "checkbox", value: one.id, checked: asked.chosen?.includes(one.id), "aria-describedby": error.id }),
  );
  const submit = async (event) => {
    event.preventDefault();
    const chosen = asked.options.filter((_, number) => boxes[number].checked);
    if (!chosen.length && asked.least !== 0) return tell(error, T.none, boxes[0]);
    const fields = await act.answer(chosen.map((one) => one.id), chosen.map((one) => one.label).join(", ") || "–");
    if (fields) tell(error, Object.values(fields).join(" "), boxes[0]);
  };
  const options = asked.options.map((one, number) =>
    el("label", { class: "option" }, boxes[number], el("span", { dir: "auto" }, one.label)),
  );
  const set = el("fieldset", {}, el("legend", { tabindex: "-1", dir: "auto" }, asked.question), el("div", { class: "options" }, ...options));
  const go = el("button", { type: "submit", class: "main" }, T.continue);
  return el("form", { class: "card", novalidate: true, onsubmit: submit }, set, extra(asked), error, step(asked, act, go));
}

function tell(error, text, input) {
  error.textContent = text;
  error.hidden = !text;
  input?.setAttribute("aria-invalid", text ? "true" : "false");
  if (text && input) input.focus();
  else if (text) announce(text);
}

const INPUT = {
  email: { type: "email", autocomplete: "email", inputmode: "email" },
  phone: { type: "tel", autocomplete: "tel", inputmode: "tel" },
  number: { type: "text", inputmode: "decimal" },
  date: { type: "date" },
};

export function field(item, prefix, changed) {
  const id = `${prefix}-${item.id}`;
  const notes = [item.hint, item.private ? T.private : "", item.author_name ? `${T.filledBy} ${item.author_name}` : ""];
  const hint = el("p", { class: "hint", id: id + "-h", dir: "auto" }, notes.filter(Boolean).join(" · "));
  const error = el("p", { class: "error", id: id + "-e", hidden: true });
  const described = [hint.textContent && hint.id, error.id].filter(Boolean).join(" ");
  const kind = { type: "text", ...INPUT[item.type] };
  const props = { id, value: item.value, maxlength: item.length || 8000, "aria-describedby": described, "aria-required": item.required ? "true" : null };
  const input = item.area ? el("textarea", { ...props, rows: 3 }) : el("input", { ...props, ...kind });
  if (changed) input.addEventListener("change", () => changed(item.id, input.value));
  const label = el("label", { for: id }, item.label, item.required ? "" : el("span", {}, ` (${T.optional})`));
  const tellField = (text, focus) => {
    input.setAttribute("aria-invalid", text ? "true" : "false");
    error.textContent = text || "";
    error.hidden = !text;
    if (text && focus) input.focus();
  };
  input.addEventListener("input", () => tellField(""));
  return { id: item.id, input, hint, tell: tellField, box: el("div", { class: "field" }, label, hint.textContent ? hint : "", input, error) };
}

let shownFields = [];

function form(asked, act) {
  const save = async (id, value) => {
    const fields = await act.field(id, value);
    if (fields?.[id]) shownFields.find((one) => one.id === id)?.tell(fields[id]);
  };
  shownFields = asked.fields.map((item) => field(item, "f", save));
  const submit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(shownFields.map((one) => [one.id, one.input.value.trim()]));
    const fields = (await act.answer(given, "")) || {};
    for (const one of [...shownFields].reverse()) if (one.input.value.trim() === given[one.id]) one.tell(fields[one.id], true);
  };
  const title = el("h2", { tabindex: "-1", dir: "auto" }, asked.question);
  const go = el("button", { type: "submit", class: "main" }, T.continue);
  return el("form", { class: "card", novalidate: true, onsubmit: submit }, title, extra(asked), ...shownFields.map((one) => one.box), step(asked, act, go));
}

// Fill in what somebody else saved, but not what is being written.
export function refill(asked) {
  for (const item of asked.fields) {
    const shown = shownFields.find((one) => one.id === item.id);
    if (!shown || shown.input === document.activeElement || !item.author_name) continue;
    shown.input.value = item.value;
    shown.hint.textContent = `${T.filledBy} ${item.author_name}`;
    if (!shown.hint.isConnected) shown.input.before(shown.hint);
  }
}
