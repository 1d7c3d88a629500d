// A new customer, or a change of one that is known. Only what was changed is sent.
import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import { newRequestId } from "../core/ids";
import { type Faults, faultsIn } from "../core/profile_rules";
import {
  differing,
  EMPTY,
  edited,
  editOf,
  type Field as FieldName,
  newCustomer,
  type Profile,
  profileOf,
} from "../core/profiles";
import { fromHere, useApp, useRead, useWords, type Words } from "./hooks";
import { Choice, Field, focusFault, Screen } from "./parts";
import { recall, remember } from "./place";
import { idOf, type Known, knownCustomer } from "./reads";

type Kind = "person" | "firm";

const SHOWN: Readonly<Record<Kind, readonly FieldName[]>> = {
  person: ["givenName", "familyName"],
  firm: ["legalName", "taxId"],
};

export function NewCustomer() {
  const app = useApp();
  const words = useWords();
  const [requestId] = useState(newRequestId);
  const save = async (profile: Profile) => {
    const item = newCustomer(profile, requestId, Date.now());
    const goOn = fromHere();
    await app.tap(item);
    goOn(`/${item.customer}`);
  };
  return <Form title={words("new_title")} back="customers" before={EMPTY} save={save} />;
}

export function EditCustomer({ id }: { id: string }) {
  const app = useApp();
  const words = useWords();
  const [known, setKnown] = useState<Known | null>();
  const [requestId] = useState(newRequestId);
  useEffect(() => {
    // Read once: what comes in while somebody types must not change under the fingers; the etag finds it out.
    void knownCustomer(app, `customers/${id}`).then(setKnown);
  }, [id]);
  if (!known) return <Screen title={words("edit_title")} back={`customers/${id}`} children={null} />;
  const save = async (profile: Profile) => {
    const goOn = fromHere();
    if (differing(known.profile, profile).length) {
      await app.tap(editOf(known.customer, profile, requestId, Date.now()));
    }
    goOn(`/customers/${idOf(known.customer.name)}`);
  };
  return <Form title={words("edit_title")} back={`customers/${id}`} before={known.profile} save={save} />;
}

/** A customer that was refused, or a change of one: the form again, with what was typed. */
export function CorrectCustomer({ seq }: { seq: number }) {
  const app = useApp();
  const words = useWords();
  const [requestId] = useState(newRequestId);
  const found = useRead(() => refusedProfile(app, seq), [], [seq]);
  if (!found) return <Screen title={words("edit_title")} back="outbox" children={null} />;
  const { item, before, profile } = found;
  const save = async (typed: Profile) => {
    const goOn = fromHere();
    const next = before
      ? editOf(before, typed, requestId, Date.now())
      : newCustomer(typed, requestId, Date.now(), idOf(item.customer));
    await app.replace(seq, next);
    goOn(`/${item.customer}`);
  };
  return <Form title={item.title} back="outbox" before={profile} save={save} />;
}

async function refusedProfile(app: App, seq: number) {
  const item = (await app.outbox.all()).find((each) => each.seq === seq);
  if (!item || (item.kind === "edit" && !(await app.copy.has(item.customer)))) return null;
  const before = item.kind === "edit" ? ((await app.copy.customer(item.customer))?.customer ?? null) : null;
  return { item, before, profile: edited(before ? profileOf(before) : EMPTY, item) };
}

/** What was typed and not saved: what differs from what was there before. */
interface Typed {
  readonly changed: Partial<Profile>;
  readonly kind: Kind;
}

function Form(props: {
  title: string;
  back: string;
  before: Profile;
  save: (profile: Profile) => Promise<void>;
}) {
  const words = useWords();
  const [typed, setTyped] = useState<Typed>(
    () => (recall("typed") as Typed | undefined) ?? untouched(props.before),
  );
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const { kind } = typed;
  const profile = only(kind, { ...props.before, ...typed.changed });
  const faults = faultsIn(profile);
  const change = (part: Partial<Typed>) => {
    const next = { ...typed, ...part };
    setTyped(next);
    remember({ typed: next });
  };
  const save = () => {
    if (saving) return;
    if (Object.keys(faults).length) {
      setTried(true);
      requestAnimationFrame(focusFault);
      return;
    }
    setSaving(true);
    void props.save(profile);
  };
  const foot = (
    <button type="button" class="button" onClick={save}>
      {words("save")}
    </button>
  );
  const field = (name: FieldName, more: object = {}) => (
    <Field
      key={name}
      label={words(`field_${name}`)}
      value={typed.changed[name] ?? props.before[name]}
      onInput={(value) => change({ changed: { ...typed.changed, [name]: value } })}
      {...more}
      fault={tried ? told(words, name, faults[name]) : undefined}
    />
  );
  const several = words("field_several");
  return (
    <Screen title={props.title} back={props.back} foot={foot}>
      <div class="card form">
        {field("displayName")}
        <Choice
          label={words("form_kind")}
          options={{ person: words("form_person"), firm: words("form_firm") }}
          value={kind}
          onChange={(to) => change({ kind: to })}
        />
        {SHOWN[kind].map((name) => field(name))}
        {field("phones", { inputMode: "tel", hint: several })}
        {field("emails", { inputMode: "email", hint: several })}
        {field("patron")}
      </div>
    </Screen>
  );
}

function untouched(before: Profile): Typed {
  return { changed: {}, kind: before.legalName || before.taxId ? "firm" : "person" };
}

function told(words: Words, field: FieldName, fault: Faults[FieldName]): string | undefined {
  if (!fault) return undefined;
  if ("limit" in fault)
    return words(fault.kind === "long" ? "fault_long" : "fault_many", { n: String(fault.limit) });
  if (fault.kind !== "form") return words(fault.kind === "missing" ? "fault_name" : "fault_twice");
  return words(field === "phones" ? "fault_phone" : "fault_email");
}

/** What the form shows: somebody is a person or a firm, not both. */
function only(kind: Kind, profile: Profile): Profile {
  const hidden = SHOWN[kind === "person" ? "firm" : "person"];
  return { ...profile, ...Object.fromEntries(hidden.map((name) => [name, ""])) };
}
