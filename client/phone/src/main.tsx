// The phone: it sends requests and renders answers; what it cannot send it keeps, and it never lies about what happened.
//
//   core/    rules, pure: outbox, money, totals, search        store/  the disk: outbox, copy, cursor
//   wire/    the server: transport, sender, feed               ui/     screens
//   app.ts   puts them together                                texts/  four languages
import { render } from "preact";
import { App } from "./app";
import { dress, language } from "./prefs";
import { tokenOfLink } from "./session";
import "./style.css";
import { load } from "./texts";
import { Shell } from "./ui/shell";

dress();
const token = tokenOfLink();
// Without its words there is nothing to show: a first visit over a bad line begins again.
const words = load(language()).catch(
  () => new Promise<void>(() => setTimeout(() => location.reload(), 2000)),
);
const [app] = await Promise.all([App.start(), words]);
if (token) await app.signIn(token);
const root = document.getElementById("app");
root?.replaceChildren();
if (root) render(<Shell app={app} />, root);
void navigator.storage?.persist?.();
// Not before the first screen is there: on a slow line the two would be in each other's way.
if ("serviceWorker" in navigator && import.meta.env.PROD) setTimeout(register, 2000);

function register(): void {
  navigator.serviceWorker.register("sw.js").catch(() => addEventListener("online", register, { once: true }));
}
