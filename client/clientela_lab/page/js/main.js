// The start: read the recording, then draw what is above the picture, the picture, and what goes about in it.

async function start() {
  const { events, torn } = await parseEvents(byId("recording").textContent);
  const recording = understand(events);
  await breath();
  drawTop(recording, torn || byId("recording").dataset.torn === "yes");
  await breath();
  const rows = rowsOf(recording);
  byId("work").hidden = !rows.length;
  byId("bar").hidden = !rows.length;
  const panel = new Panel(recording, goTo, () => {
    picture.opened = null;
    picture.mark();
    picture.box.focus({ preventScroll: true });
  });
  const picture = new Picture(recording, rows, (row) => panel.open(row));
  const overview = new Overview(picture, panel);
  new Controls(recording, rows, picture);
  listenToPage(picture, overview);

  /** Open the row of an event, also one that is hidden just now. */
  function goTo(event) {
    const row = rows.find((other) => other.event === event);
    if (!row) return;
    if (isHidden(row)) byId("frames").checked = true;
    if (!picture.visible.includes(row)) picture.show(rows.filter((other) => !isHidden(other) || byId("frames").checked));
    picture.goTo(row);
    picture.open(row);
  }

  const wanted = Number(/^#n=(\d+)$/.exec(location.hash)?.[1]);
  if (wanted) goTo(recording.byN.get(wanted));
  document.documentElement.dataset.parsed = String(parsed.letters);
  document.documentElement.dataset.ready = "yes";
}

function listenToPage(picture, overview) {
  byId("theme").addEventListener("click", () => {
    switchTheme();
    overview.paint();
  });
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("keys-close").addEventListener("click", () => byId("keys").close());
  addEventListener("beforeprint", () => printAll(picture, true));
  addEventListener("afterprint", () => printAll(picture, false));
}

/** Paper does not scroll: all rows are drawn for it. */
function printAll(picture, printing) {
  picture.printing = printing;
  picture.draw();
}

/** The other of light and dark than the one that is seen. */
function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  byId("theme").setAttribute("aria-pressed", String(!dark));
}

start();
