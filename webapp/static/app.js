// What markup cannot do. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (selector, inside = document) => inside.querySelector(selector);
  const say = (text) => { find("#status").textContent = text; };
  const on = addEventListener;
  root.classList.add("js");

  // Colour scheme: as the system has it unless chosen; set before the first paint.
  let theme = "";
  try { theme = localStorage.theme || ""; } catch { /* Refused: for this page only. */ }
  const wear = () => {
    theme ? (root.dataset.theme = theme) : delete root.dataset.theme;
    const button = find("[data-theme-toggle]");
    if (button) button.title = `Colour scheme: ${theme || "as the system"}`;
  };
  const changeTheme = () => {
    const order = matchMedia("(prefers-color-scheme: dark)").matches ? ["", "light", "dark"] : ["", "dark", "light"];
    theme = order[(order.indexOf(theme) + 1) % 3];
    try { localStorage.theme = theme; } catch { /* Same. */ }
    wear();
  };
  wear();

  // The banner: what went wrong, until it works again.
  const KEPT = "What you typed is still here.";
  const REASONS = {
    401: ["You are signed out.", "Reload the page."],
    403: ["This was refused.", "You may not do it."],
    404: ["This is gone.", "See the history."],
    429: ["Too many requests.", "Wait, then try again."],
  };
  let trouble = null;
  const banner = () => find("#banner");
  const hide = () => { trouble = null; banner().hidden = true; };
  const part = (name, textContent, more) => Object.assign(document.createElement(name), { textContent }, more);
  const small = (label) => part("button", label, { type: "button", className: "secondary small" });
  const show = (title, text, request, id) => {
    trouble = { request };
    const words = part("p", "");
    words.append(part("strong", title), ` ${text}`, ...(id ? [" Request id: ", part("code", id)] : []));
    const copy = small("Copy details");
    copy.dataset.copyText = `${words.textContent}\nRequest: ${request}\nPage: ${location}`;
    const close = small("Dismiss");
    close.onclick = hide;
    banner().replaceChildren(words, ...(id ? [copy] : []), close);
    banner().hidden = false;
  };
  const asked = ({ detail: { requestConfig: { verb, path } } }) => `${verb} ${path}`;
  const lost = () => show("The server does not answer.", `${KEPT} This goes away when it is back.`);
  on("htmx:sendError", lost);
  on("htmx:timeout", lost);
  on("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    const said = REASONS[xhr.status] || ["Something went wrong on the server.", `${KEPT} Try again.`];
    show(...said, asked(event), xhr.getResponseHeader("X-Request-Id"));
  });
  on("htmx:afterRequest", (event) => {
    if (!trouble || !event.detail.successful || (trouble.request || asked(event)) !== asked(event)) return;
    hide();
    say("It works again.");
  });
  on("offline", () => show("You are offline.", KEPT));
  on("online", () => trouble?.request || hide());

  // Focus follows a change of the page, not of a fragment.
  const focusOn = (element) => element?.focus({ preventScroll: true });
  on("htmx:afterSettle", ({ detail: { target } }) => {
    if (target.id !== "main") return;
    const group = location.hash.startsWith("#g-") && document.getElementById(location.hash.slice(1));
    if (group) group.scrollIntoView({ block: "center" });
    focusOn(find(".error-summary", target) || (group && find("input, select", group)) || find("h1", target));
  });

  // A job that ends while nobody looks shows in the tab.
  const icon = (name, link = find("link[rel=icon]")) => { link.href = link.dataset[name]; };
  on("htmx:load", ({ detail: { elt } }) => {
    const done = elt.closest("[data-title-when-done]") || find("[data-title-when-done]", elt);
    if (elt === document.body || !done) return;
    document.title = done.dataset.titleWhenDone;
    if (document.hidden) icon("whenDone");
  });
  on("visibilitychange", () => document.hidden || icon("usual"));
  on("announce", ({ detail: { value } }) => say(value));

  // data-copy="#id" copies an element's text.
  const copyFrom = async (button) => {
    const { dataset } = button;
    const source = dataset.copy && find(dataset.copy);
    dataset.label ||= button.textContent;
    try {
      await navigator.clipboard.writeText(source ? source.textContent : dataset.copyText);
      button.textContent = "Copied";
    } catch {
      if (source) getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    say(button.textContent);
    setTimeout(() => { button.textContent = dataset.label; }, 2000);
  };
  on("click", ({ target }) => {
    if (target.closest("[data-theme-toggle]")) changeTheme();
    const button = target.closest("[data-copy], [data-copy-text]");
    if (button) copyFrom(button);
  });

  // Links that look like buttons answer to the space bar as buttons do.
  on("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a[role=button]")) return;
    event.preventDefault();
    event.target.click();
  });

  // data-confirm: a question before a form is sent.
  let sure = null;
  on("submit", (event) => {
    const { target: form, submitter } = event;
    const { dataset } = submitter?.dataset.confirm ? submitter : form;
    if (!dataset.confirm || sure === form) { sure = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = find("#confirm");
    for (const key of ["confirm", "confirmTitle", "confirmYes"]) find(`[data-shows=${key}]`).textContent = dataset[key];
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      sure = form;
      form.requestSubmit(submitter);
    };
    dialog.showModal();
  }, true);

  on("DOMContentLoaded", () => {
    wear();
    focusOn(find(".error-summary"));
    const defaults = window.Idiomorph?.defaults;
    if (!defaults) return;
    // What was typed meanwhile is newer than the answer; what was unfolded stays so.
    defaults.ignoreActiveValue = true;
    defaults.callbacks.beforeAttributeUpdated = (name, node) => name !== "open" || !node.matches("details");
  });
})();
