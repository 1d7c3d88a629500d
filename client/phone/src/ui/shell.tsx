// The shell: which screen is shown, and the tabs below it.
import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import { isActive } from "../core/machine";
import * as prefs from "../prefs";
import { type Key, load } from "../texts";
import { CustomerPage } from "./customer";
import { Customers } from "./customers";
import { useHeight } from "./height";
import { Shared, useApp, useRead, useRoute, useTopic, useWords } from "./hooks";
import { Icon, type IconName } from "./icons";
import { forms, Later, LaterScreen, settings, standing } from "./later";
import { OutboxPage } from "./outbox";
import { Banner } from "./parts";
import { Receipt } from "./receipt";
import { Sale, SaleStart } from "./sale";

export function Shell({ app }: { app: App }) {
  const [language, setLanguage] = useState(prefs.language());
  const [signedIn, setSignedIn] = useState(app.session.token !== "");
  useEffect(
    () =>
      app.bus.listen((topic) => {
        if (topic !== "session") return;
        // Another tab may have chosen one that this one has not loaded.
        load(prefs.language()).then(
          (): void => setLanguage(prefs.language()),
          () => {},
        );
        setSignedIn(app.session.token !== "");
      }),
    [],
  );
  return <Shared.Provider value={{ app, language }}>{<Inside signedIn={signedIn} />}</Shared.Provider>;
}

function Inside({ signedIn }: { signedIn: boolean }) {
  const words = useWords();
  const app = useApp();
  const route = useRoute();
  useTopic("session");
  const cursor = useRead(() => app.copy.cursor(), ["copy"], []);
  // A token that never let anything be read leaves nothing to look at.
  const isLost = app.session.refused && cursor === null;
  if (!signedIn || isLost || app.link === "checking" || route[0] === "signin") {
    return (
      <Later load={forms} meanwhile={null} missing={<p class="empty">{words("page_later")}</p>}>
        {(pages) => <pages.SignIn />}
      </Later>
    );
  }
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {words("skip")}
      </button>
      <Banner />
      <div class="screen" key={route.join("/")}>
        <Place route={route} />
      </div>
      <Tabs at={route[0] ?? "customers"} />
    </>
  );
}

/** The address is the app's own: jump without changing it. */
function skip(): void {
  const content = document.getElementById("content");
  content?.setAttribute("tabindex", "-1");
  content?.focus();
}

function Place({ route }: { route: readonly string[] }) {
  const [place = "customers", id, more] = route;
  if (place === "customers" && id && more === "edit") {
    return <LaterScreen load={forms}>{(pages) => <pages.EditCustomer id={id} />}</LaterScreen>;
  }
  if (place === "customers" && id && more === "standing") {
    return <LaterScreen load={standing}>{(pages) => <pages.StandingPage id={id} />}</LaterScreen>;
  }
  if (place === "segments") {
    return (
      <LaterScreen load={standing}>
        {(pages) => (id ? <pages.Members id={id} /> : <pages.Segments />)}
      </LaterScreen>
    );
  }
  if (place === "settings") {
    return <LaterScreen load={settings}>{(pages) => <pages.Settings />}</LaterScreen>;
  }
  if (place === "customers" && id) return <CustomerPage id={id} />;
  if (place === "new") return <LaterScreen load={forms}>{(pages) => <pages.NewCustomer />}</LaterScreen>;
  if (place === "sale") return id ? <Sale id={id} which={more ?? ""} /> : <SaleStart />;
  if (place === "buyer") return <SaleStart moves />;
  if (place === "receipt" && id) return <Receipt requestId={id} />;
  if (place === "outbox") return <OutboxPage />;
  if (place === "correct" && id) {
    return <LaterScreen load={forms}>{(pages) => <pages.CorrectCustomer seq={Number(id)} />}</LaterScreen>;
  }
  if (place === "conflict" && id) {
    return <LaterScreen load={forms}>{(pages) => <pages.Conflict seq={Number(id)} />}</LaterScreen>;
  }
  return <Customers />;
}

const TABS: readonly { to: string; text: Key; icon: IconName; also: readonly string[] }[] = [
  { to: "customers", text: "tab_customers", icon: "people", also: ["new", "segments"] },
  { to: "sale", text: "tab_sale", icon: "sale", also: ["buyer", "receipt"] },
  { to: "outbox", text: "tab_outbox", icon: "outbox", also: ["conflict", "correct"] },
  { to: "settings", text: "tab_settings", icon: "settings", also: [] },
];

function Tabs({ at }: { at: string }) {
  const app = useApp();
  const words = useWords();
  const items = useRead(() => app.outbox.all(), ["outbox"], []) ?? [];
  const attention = items.filter((item) => item.attention !== null).length;
  const moving = items.filter(isActive).length;
  return (
    <nav class="tabs" ref={useHeight<HTMLElement>("--tabs")}>
      {TABS.map(({ to, text, icon, also }) => (
        <a key={to} href={`#/${to}`} aria-current={at === to || also.includes(at) ? "page" : undefined}>
          <Icon name={icon} />
          {to === "outbox" && attention + moving > 0 && (
            <span class={attention ? "badge badge-bad" : "badge"}>{attention || moving}</span>
          )}
          {words(text)}
        </a>
      ))}
    </nav>
  );
}
