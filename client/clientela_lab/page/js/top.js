// What stands above the picture: the question, how it ended, belief beside truth, and what was checked.
// Read next: main.js.

/** @param {Recording} recording */
function drawTop(recording, torn) {
  const { head, events } = recording;
  const scenario = events.find((event) => event.event === "scenario");
  const title = scenario?.question || head?.title || "A recording of the wire";
  document.title = `${title} · clientela lab`;
  byId("title").textContent = title;
  if (scenario) byId("lead").replaceChildren(...leadWords(scenario));
  byId("about").replaceChildren(...aboutWords(recording));
  const verdict = verdictOf(events);
  if (verdict) byId("verdict").replaceChildren(drawVerdict(verdict));
  byId("notices").replaceChildren(...noticesOf(recording, torn).map((notice) => el("p.notice", {}, notice)));
  drawLedger(ledgerLines(events));
  drawChecks(events.filter((event) => event.event === "check"));
}

/** What was predicted, what was left out, and how to see it again. */
function leadWords({ name, prediction, protection, without }) {
  const command = `clientela lab run ${name}${without ? ` --without ${protection}` : ""}`;
  return [
    el("p", {}, el("b", {}, "Predicted: "), prediction, "."),
    without && el("p.without", {}, el("b", {}, `Without ${protection}: `), without, "."),
    el("p", {}, el("code", {}, command)),
  ].filter(Boolean);
}

function aboutWords({ head, events, conns, calls }) {
  const last = events[events.length - 1];
  const facts = [
    head?.began && String(head.began).replace("T", " ").replace(/\.\d+/, ""),
    count(conns.size, "connection"), count(calls.size, "call"), count(events.length, "event"),
    last && events.length > 1 && duration(Math.max(...[last.t, events[Math.floor(events.length / 2)].t]) * 1000),
  ];
  return facts.filter(Boolean).map((fact) => el("span", {}, fact));
}

/** Kept is what every check and every verdict found so. */
function verdictOf(events) {
  const verdicts = events.filter((event) => event.event === "verdict");
  const checks = events.filter((event) => event.event === "check");
  const wrong = checks.filter((check) => !check.right).length;
  if (!verdicts.length && !checks.length) return null;
  const kept = !wrong && verdicts.every((verdict) => verdict.kept);
  const counted = `${checks.length - wrong} of ${count(checks.length, "prediction")} came true`;
  return { kept, text: verdicts.map((verdict) => verdict.text).join(" · ") || counted };
}

function drawVerdict(verdict) {
  const [sign, words] = verdict.kept ? ["✓", "kept"] : ["✗", "broken"];
  return el(`p.verdict-box.${verdict.kept ? "good" : "bad"}`, {}, el("b", {}, `${sign} ${words}`), el("span", {}, verdict.text));
}

function drawLedger(lines) {
  byId("ledger").hidden = !lines.length;
  byId("ledger-lines").replaceChildren(...lines.map((line) => {
    const cells = [
      el("th", { scope: "row" }, line.about),
      el("td", { "data-head": "the client" }, line.client && el("span.who", {}, `${line.client}: `), el("b", {}, beliefWords(line.belief))),
      el("td", { "data-head": "the server" }, el("span.who", {}, "server: "), el("b", {}, line.truth ? plain(line.truth.value) || "nothing" : "not asked")),
      el("td.mark", {}, el("span.sr", {}, line.red ? "they differ" : "they agree"), el("span", { "aria-hidden": "true" }, line.red ? "≠" : "=")),
    ];
    return el(`tr${line.red ? ".red" : ""}`, {}, ...cells);
  }));
}

function drawChecks(checks) {
  byId("checks").hidden = !checks.length;
  byId("check-lines").replaceChildren(...checks.map((check) => el(
    `li.${check.right ? "good" : "red"}`, {},
    el("i", { "aria-hidden": "true" }, check.right ? "✓" : "✗"), el("span.what", {}, check.what),
    el("span.wanted", {}, "wanted ", el("b", {}, plain(check.wanted))), el("span.got", {}, "got ", el("b", {}, plain(check.got))),
  )));
}
