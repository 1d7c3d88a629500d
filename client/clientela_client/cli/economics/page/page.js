// Light or dark by hand; all else on the page works without a script.
(() => {
"use strict";

const root = document.documentElement;
const button = document.getElementById("theme");
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const show = () => button.setAttribute("aria-pressed", String(isDark()));
const turn = () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  show();
};

button.hidden = false;
button.addEventListener("click", turn);
addEventListener("keydown", (event) => {
  if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) turn();
});
// On paper nothing can be opened any more.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of closed) each.open = false;
});
show();
root.dataset.ready = "yes";
})();
