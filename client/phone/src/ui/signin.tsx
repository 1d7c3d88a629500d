// Signing in with a token; a link with one, from a QR code, never comes here.
import { useState } from "preact/hooks";
import { isActive } from "../core/machine";
import { isUnknown } from "../core/outcomes";
import { failedBy } from "../wire/faults";
import { fromHere, useApp, useRead, useTopic, useWords } from "./hooks";
import { Field } from "./parts";

export function SignIn() {
  const app = useApp();
  const words = useWords();
  const [token, setToken] = useState("");
  const [said, setSaid] = useState("");
  useTopic("session");
  const ofLink = app.link === "checking" ? words("signin_checking") : "";
  const ofToken = app.link === "refused" || app.session.refused ? words("signin_unknown") : "";
  const kept = useRead(async () => (await app.outbox.all()).filter(isActive).length, ["outbox"], []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const typed = token.replace(/\s/g, "");
    if (!typed) return;
    // What no header can carry is no token: that needs no server to say.
    if (!/^[!-~]+$/.test(typed)) return setSaid(words("signin_unknown"));
    setSaid(words("signin_checking"));
    const goOn = fromHere();
    const fault = await app.check(typed).then(
      () => null,
      (error: unknown) => failedBy(error),
    );
    if (fault && isUnknown(fault)) return setSaid(words("signin_unknown"));
    if (fault && !fault.signed) setSaid(words("signin_unreached"));
    await app.signIn(typed);
    goOn("/customers");
  };
  return (
    <main id="content" class="signin">
      <img src="icon.svg" alt="" width={88} height={88} />
      <h1>{words("app")}</h1>
      <p class="lead">{words("signin_lead")}</p>
      <form onSubmit={submit}>
        <Field label={words("signin_token")} secret value={token} onInput={setToken} />
        <button type="submit" class="button">
          {words("signin_go")}
        </button>
        <p role="status" class="said">
          {said || ofLink || ofToken}
        </p>
      </form>
      {kept ? <p class="lead">{words.count("signin_kept", kept)}</p> : null}
    </main>
  );
}
