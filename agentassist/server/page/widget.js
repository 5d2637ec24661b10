// Shows the customer's page within another site: a button in the corner, and the page in a frame when it is pressed.
// <script src="https://help.example.com/widget.js" data-label="Help" defer></script>
(() => {
  const script = document.currentScript;
  if (!script || document.getElementById("agentassist-open")) return;
  const home = new URL(script.src).origin;
  const label = script.dataset.label || "Help";
  const left = script.dataset.side === "left";
  const small = matchMedia("(max-width: 480px)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = null;
  let shown = false;
  let loaded = false;

  function make(tag, style, attributes) {
    const made = document.createElement(tag);
    Object.assign(made.style, { all: "initial", position: "fixed", zIndex: "2147483000", boxSizing: "border-box" }, style);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  const edge = left ? { left: "20px" } : { right: "20px" };
  const open = make(
    "button",
    {
      ...edge, bottom: "20px", minWidth: "56px", height: "56px", padding: "0 22px", border: "2px solid #fff",
      borderRadius: "28px 28px 28px 8px", background: "#0c5a51", color: "#fff", cursor: "pointer", textAlign: "center",
      font: "600 16px/1 system-ui, sans-serif", boxShadow: "0 4px 20px #0004",
    },
    { id: "agentassist-open", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" },
  );
  open.textContent = label;
  open.addEventListener("focus", () => open.matches(":focus-visible") && (open.style.outline = "3px solid #0c5a51", open.style.outlineOffset = "3px"));
  open.addEventListener("blur", () => (open.style.outline = "none"));

  function place() {
    if (!frame) return;
    const whole = small.matches;
    Object.assign(frame.style, whole
      ? { inset: "0", width: "100%", height: "100%", borderRadius: "0", maxHeight: "none" }
      : { inset: "auto", ...edge, bottom: "92px", width: "400px", height: "640px", maxHeight: "calc(100vh - 112px)", borderRadius: "20px" });
    // On a phone the frame covers the site, and the page closes itself.
    open.style.display = shown && whole ? "none" : "block";
  }

  function show(want) {
    if (want && !frame) {
      frame = make("iframe", { border: "0", background: "Canvas", boxShadow: "0 12px 48px #0005", colorScheme: "light dark" }, { src: home + "/", title: label, allow: "" });
      frame.addEventListener("load", () => {
        loaded = true;
        if (shown) say("focus");
      });
      document.body.insertBefore(frame, open);
    }
    shown = want;
    if (frame) frame.style.display = want ? "block" : "none";
    place();
    open.setAttribute("aria-expanded", String(want));
    open.textContent = want ? "×" : label;
    open.setAttribute("aria-label", want ? "Close " + label : label);
    if (want && !calm.matches) frame.animate?.([{ opacity: 0 }, { opacity: 1 }], 150);
    if (!want) open.focus();
    else if (loaded) say("focus");
  }

  const say = (what) => frame.contentWindow?.postMessage({ agentassist: what }, home);

  open.addEventListener("click", () => show(!shown));
  addEventListener("keydown", (event) => event.key === "Escape" && shown && show(false));
  small.addEventListener("change", place);
  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
    if (event.data?.agentassist === "close" && shown) show(false);
    if (event.data?.agentassist === "unread" && !shown) {
      const count = Number(event.data.count) || 0;
      open.textContent = count ? `${label} (${count})` : label;
      open.setAttribute("aria-label", open.textContent);
    }
  });
  document.body.append(open);
})();
