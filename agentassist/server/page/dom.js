// Elements are made here alone; every text goes in as text, never as HTML.
import T from "/texts.js";

export { T };
export const $ = (id) => document.getElementById(id);

export function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export const button = (label, kind, press) => el("button", { type: "button", class: kind, onclick: press }, label);

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u0020\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/gi;

export function safeUrl(text) {
  try {
    const url = new URL(text, location.origin);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

export function link(url, label) {
  const href = safeUrl(url);
  return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer", title: T.newTab }, label) : label;
}

// A text with its web addresses as links.
export function linked(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    let url = found[0].replace(/[.,;:!?]+$/, "");
    if (url.endsWith(")") && !url.includes("(")) url = url.slice(0, -1);
    parts.push(text.slice(at, found.index), link(url, url));
    at = found.index + url.length;
  }
  parts.push(text.slice(at));
  return parts;
}

export function announce(text) {
  $("said").textContent = "";
  setTimeout(() => ($("said").textContent = text), 60);
}

// Storage that a browser may refuse, as it does for a page within another site's.
export function storage(name) {
  let kept;
  try {
    kept = window[name];
    kept.setItem("aa.try", "1");
    kept.removeItem("aa.try");
  } catch {
    const held = new Map();
    return {
      get: (key) => held.get(key) ?? null,
      set: (key, value) => held.set(key, value),
      drop: (key) => held.delete(key),
      keys: () => [...held.keys()],
    };
  }
  return {
    get: (key) => kept.getItem(key),
    set: (key, value) => {
      try {
        kept.setItem(key, value);
      } catch {} // full: it is still on the screen
    },
    drop: (key) => kept.removeItem(key),
    keys: () => Object.keys(kept),
  };
}

// One tab at a time, where the page may ask for that: within another site's some browsers deny it.
export const alone = (name, call) =>
  navigator.locks
    ? navigator.locks.request(name, call).catch((error) => (error.name === "SecurityError" ? call() : Promise.reject(error)))
    : call();

export const random = () =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
