// SPDX-License-Identifier: Apache-2.0
// Small comforts. Every page works without this file.
"use strict";

// A form on its way: show it, and do not send it twice (the request key makes a second one harmless anyway).
document.addEventListener("submit", (event) => {
  const draft = event.target.querySelector(".draft");
  if (draft && !navigator.onLine) {
    // Leaving the page now would lose what was typed since it was last kept.
    event.preventDefault();
    draft.textContent = draft.dataset.offline;
    return;
  }
  const button = event.submitter || event.target.querySelector("button[type=submit]");
  if (!button || event.target.method !== "post") return;
  if (button.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
  button.setAttribute("aria-busy", "true");
});

// Back from another page: nothing is on its way any more.
addEventListener("pageshow", () => {
  document.querySelectorAll("[aria-busy=true]").forEach((element) => element.removeAttribute("aria-busy"));
});

// An open menu closes on Escape and when something else is touched.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  openMenus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  openMenus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

// Work that has come to its end: the whole page has something new to say, not only its bar.
document.addEventListener("htmx:beforeSwap", (event) => {
  const bar = event.detail.target;
  if (!bar.matches(".progress") || event.detail.xhr.status !== 200) return;
  const next = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").getElementById(bar.id);
  if (next && next.hasAttribute("hx-get")) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// A draft is said to be kept when all of it is: not while somebody goes on writing, and not by an answer to less.
const ahead = new Set();
const goesOn = (event) => {
  const line = event.target.form && event.target.form.querySelector(".draft");
  if (!line) return;
  ahead.add(line);
  if (line.textContent !== line.dataset.writing) line.textContent = line.dataset.writing;
};
document.addEventListener("input", goesOn);
document.addEventListener("change", goesOn);
document.addEventListener("htmx:beforeRequest", (event) => ahead.delete(event.detail.elt));
document.addEventListener("htmx:beforeSwap", (event) => {
  if (ahead.has(event.detail.target)) event.detail.shouldSwap = false;
});

// A draft that could not be kept: say so, and try again when the connection is back.
const unkept = new Set();
document.addEventListener("htmx:sendError", (event) => {
  const line = event.detail.elt;
  if (!line.matches(".draft")) return;
  line.textContent = line.dataset.offline;
  unkept.add(line);
});
addEventListener("online", () => {
  unkept.forEach((line) => line.closest("form").dispatchEvent(new Event("change")));
  unkept.clear();
});

// What needs attention first is read first.
const first = document.querySelector("[data-focus]");
if (first) first.focus();

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
