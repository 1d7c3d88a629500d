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
import { load, say } from "./texts";
import { watchPlaces } from "./ui/place";
import { Shell } from "./ui/shell";

/** Without its words there is nothing to show: a first visit over a bad line begins again. */
function words(): Promise<unknown> {
  return load(language()).catch(() => new Promise(() => setTimeout(() => location.reload(), 2000)));
}

function register(): void {
  navigator.serviceWorker.register("sw.js").catch(() => addEventListener("online", register, { once: true }));
}

async function main(root: HTMLElement): Promise<void> {
  dress();
  watchPlaces();
  const token = tokenOfLink();
  await words();
  if (!isSecureContext) {
    // Browsers give neither locks nor a service worker there, and the token would be read by anybody.
    root.className = "empty";
    root.textContent = say(language(), "insecure");
    return;
  }
  const app = await App.start();
  if (token && !app.session.signedIn) await app.signIn(token);
  // A link may also be opened where the app is open already.
  addEventListener("hashchange", () => {
    const another = tokenOfLink();
    if (another) void app.signInByLink(another);
  });
  root.replaceChildren();
  if (token && token !== app.session.token) void app.signInByLink(token);
  render(<Shell app={app} />, root);
  void navigator.storage?.persist?.();
  // Not before the first screen is there: on a slow line the two would be in each other's way.
  if (import.meta.env.PROD) setTimeout(register, 2000);
}

const root = document.getElementById("app");
if (root) void main(root);
