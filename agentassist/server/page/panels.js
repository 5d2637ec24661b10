// What stands below the conversation: the queue, the hours, the end, and the small forms.
import { $, T, announce, button, el } from "/dom.js";
import { field } from "/view.js";

let drawnAs = "";

export function draw(view, act) {
  const closed = view.state === "closed";
  $("new").hidden = !closed;
  const as = JSON.stringify([view.conversation, view.state, view.queue, view.hours, view.wishes, view.rating]);
  if (as === drawnAs) return;
  const held = $("panel").contains(document.activeElement);
  // A rating that is being given is not taken away by a change elsewhere.
  if (held && closed && view.rating === "asked" && $("panel").querySelector(".stars")) return;
  drawnAs = as;
  const cards = closed ? ended(view, act) : [queue(view, act), hours(view, act)];
  $("panel").replaceChildren(...cards.filter(Boolean));
  $("panel").hidden = !$("panel").childElementCount;
  if (held && !$("panel").hidden) $("panel").querySelector("h2")?.focus({ preventScroll: true });
}

const card = (title, text, ...more) =>
  el("div", { class: "card" }, el("h2", { tabindex: "-1" }, title), text ? el("p", { class: "lead", dir: "auto" }, text) : "", ...more);

function queue(view, act) {
  if (!view.queue) return null;
  return card(T.waitTitle, view.queue.text, ...ways(view, act, T.waiting));
}

function hours(view, act) {
  if (view.hours.open || !view.hours.text || view.state === "claimed") return null;
  return card(T.hoursTitle, view.hours.text, ...(view.queue ? [] : ways(view, act)));
}

function ways(view, act, lead) {
  const made = view.wishes.flatMap((wish) => {
    if (wish === "email") return [button(T.wishEmail, "chip", () => email(view, act))];
    if (wish === "callback") return [button(T.wishCallback, "chip", () => callback(act))];
    if (wish === "bot") return [button(T.wishBot, "chip", () => act.wish("bot", T.wishBot))];
    return [];
  });
  if (!made.length) return [];
  return [lead ? el("p", { class: "lead" }, lead) : "", el("div", { class: "row" }, ...made)];
}

// The small forms

function dialog(title, help, items, submit) {
  const fields = items.map((item) => field(item, "d"));
  const error = el("p", { class: "error", role: "alert", hidden: true });
  const close = () => $("dialog").close();
  const send = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(fields.map((one) => [one.id, one.input.value.trim()]));
    const { data, error: words, fields: wrong } = await submit(given);
    if (data) {
      close();
      return;
    }
    const here = fields.filter((one) => wrong?.[one.id]);
    for (const one of fields) one.tell(wrong?.[one.id] || "", one === here[0]);
    error.textContent = here.length ? "" : words;
    error.hidden = here.length > 0;
    if (!here.length) fields[0].input.focus();
  };
  const form = el(
    "form",
    { novalidate: true, onsubmit: send },
    el("h2", { id: "dialog-title" }, title),
    el("p", { class: "hint" }, help),
    ...fields.map((one) => one.box),
    error,
    el("div", { class: "row" }, button(T.cancel, "soft", close), el("button", { type: "submit", class: "main" }, T.ok)),
  );
  $("dialog").replaceChildren(form);
  $("dialog").showModal();
  fields[0].input.focus();
}

const address = (view) => ({ id: "email", label: T.email, type: "email", required: true, value: view?.email || "" });

export function email(view, act) {
  const text = { id: "text", label: T.emailText, area: true, value: "" };
  dialog(T.emailTitle, T.emailHelp, [address(view), text], (given) => act.send("wish", { wish: "email", details: given }));
}

export function callback(act) {
  const items = [
    { id: "phone", label: T.phone, type: "phone", required: true, value: "" },
    { id: "when", label: T.when, hint: T.whenHint, value: "" },
  ];
  dialog(T.callbackTitle, T.callbackHelp, items, (given) => act.send("wish", { wish: "callback", details: given }));
}

export function mail(act) {
  dialog(T.mailTitle, T.mailHelp, [address()], async (given) => {
    const answer = await act.send("mail", { address: given.email });
    if (answer.data) announce(answer.data.queued ? T.mailDone : T.mailBefore);
    return answer;
  });
}

// After the close

function ended(view, act) {
  const asked = view.rating === "asked";
  const next = el("div", { class: "row" }, button(T.new, asked ? "soft" : "main", act.begin));
  if (asked) return [rating(act), next];
  return [card(view.rating === "done" ? T.rateThanks : T.statusClosed, "", next)];
}

function rating(act) {
  const error = el("p", { class: "error", id: "rate-e", hidden: true });
  const names = [T.rate1, T.rate2, T.rate3, T.rate4, T.rate5];
  const marks = names.map((name, number) =>
    el("input", { type: "radio", name: "rating", value: String(number + 1), "aria-describedby": "rate-e" }),
  );
  const stars = marks.map((mark, number) => el("label", {}, mark, el("b", {}, String(number + 1)), el("span", {}, names[number])));
  const comment = field({ id: "comment", label: T.rateComment, area: true, value: "" }, "r");
  const give = async (value) => {
    const { error: words } = await act.send("rate", { rating: value, comment: value === null ? "" : comment.input.value.trim() });
    error.textContent = words || "";
    error.hidden = !words;
    if (!words) $("panel").querySelector("h2")?.focus({ preventScroll: true });
  };
  const submit = (event) => {
    event.preventDefault();
    const chosen = marks.find((mark) => mark.checked);
    if (chosen) return give(Number(chosen.value));
    error.textContent = T.rateNone;
    error.hidden = false;
    marks[0].focus();
  };
  return el(
    "form",
    { class: "card", novalidate: true, onsubmit: submit },
    el("fieldset", {}, el("legend", { tabindex: "-1" }, T.rateTitle), el("div", { class: "stars" }, ...stars)),
    error,
    comment.box,
    el("div", { class: "row" }, el("button", { type: "submit", class: "main" }, T.rateSend), button(T.rateSkip, "link", () => give(null))),
  );
}
