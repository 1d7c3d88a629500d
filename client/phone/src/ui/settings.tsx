// Settings: the language, the look, the server, and what the network has cost.
import { NOTHING, polling, showBytes } from "../core/meter";
import * as prefs from "../prefs";
import { LANGUAGES, type Language, load } from "../texts";
import { useApp, useRead, useSure, useTopic, useWords } from "./hooks";
import { Choice, Freshness, Screen } from "./parts";

export function Settings() {
  const app = useApp();
  const words = useWords();
  useTopic("session");
  const themes = { system: words("theme_system"), light: words("theme_light"), dark: words("theme_dark") };
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      app.bus.tell("session");
    };
  return (
    <Screen title={words("settings_title")}>
      <div class="card form">
        <Choice<Language>
          label={words("settings_language")}
          options={LANGUAGES}
          value={prefs.language()}
          onChange={(to) =>
            load(to).then(
              () => change(prefs.setLanguage)(to),
              () => {},
            )
          }
        />
        <Choice<prefs.Theme>
          label={words("settings_theme")}
          options={themes}
          value={prefs.theme()}
          onChange={change(prefs.setTheme)}
        />
      </div>
      <Meter />
      <Server />
      <p class="empty">{words("settings_install")}</p>
    </Screen>
  );
}

function Meter() {
  const app = useApp();
  const words = useWords();
  const read = useRead(
    async () => ({ spent: await app.spent(), pageBytes: await app.copy.pageBytes() }),
    ["meter"],
    [],
  );
  // Its place is there from the beginning, so that what is below does not move; its figures when they are known.
  const { spent, pageBytes } = read ?? { spent: NOTHING, pageBytes: 0 };
  const other = polling(spent.watchedMs, pageBytes);
  const most = Math.max(spent.feedBytes, other.bytes, 1);
  const time = new Intl.NumberFormat(words.language, { style: "unit", unit: "minute", unitDisplay: "long" });
  const all = [
    showBytes(spent.bytesUp + spent.bytesDown, words.language),
    words.count("meter_trips", spent.trips),
  ];
  return (
    <section class={read ? "card" : "card unknown"} aria-busy={!read}>
      <h2>{words("settings_meter")}</h2>
      <p class="apart">
        <span>{words("meter_all")}</span>
        <span>{all.join(" · ")}</span>
      </p>
      <h3>{words("meter_fresh")}</h3>
      <Bar label={words("meter_feed")} bytes={spent.feedBytes} trips={spent.feedTrips} of={most} />
      <Bar label={words("meter_polling")} bytes={other.bytes} trips={other.trips} of={most} />
      <small>{words("meter_since", { time: time.format(Math.round(spent.watchedMs / 60_000)) })}</small>
    </section>
  );
}

function Bar({ label, bytes, trips, of }: { label: string; bytes: number; trips: number; of: number }) {
  const words = useWords();
  return (
    <p class="meter">
      <span>{label}</span>
      <span>
        {showBytes(bytes, words.language)} · {words.count("meter_trips", trips)}
      </span>
      <progress aria-label={label} value={bytes} max={of} />
    </p>
  );
}

function Server() {
  const app = useApp();
  const words = useWords();
  const read = useRead(
    async () => ({ cursor: await app.copy.cursor(), many: await app.copy.many() }),
    ["copy"],
    [],
  );
  const [sure, signOut] = useSure(() => void app.signOut());
  const number = new Intl.NumberFormat(words.language);
  // A dash is an answer too: there is none, which is known only when the disk was read.
  const unknown = read ? "—" : "\u00a0";
  const facts: [string, preact.ComponentChildren][] = [
    [words("server_address"), location.origin],
    [words("server_revision"), read?.cursor ? number.format(BigInt(read.cursor.revision)) : unknown],
    [words("server_epoch"), read?.cursor?.epoch || unknown],
    [words("server_read"), <Freshness />],
    [words("server_copy"), read ? words("server_copy_is", { customers: number.format(read.many) }) : unknown],
  ];
  return (
    <section class="card">
      <h2>{words("settings_server")}</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <small>{words("server_other")}</small>
      </p>
      <button type="button" class={sure ? "small small-bad" : "small"} onClick={signOut}>
        {words(sure ? "settings_signout_sure" : "settings_signout")}
      </button>
      <p>
        <small>{words("settings_signout_kept")}</small>
      </p>
    </section>
  );
}
