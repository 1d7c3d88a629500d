// A new customer, or a change of one that is known. Only what was changed is sent.
import { useEffect, useState } from "preact/hooks";
import { newRequestId } from "../core/ids";
import {
  differing,
  EMPTY,
  editOf,
  type Field as FieldName,
  newCustomer,
  type Profile,
} from "../core/profiles";
import { fromHere, useApp, useWords } from "./hooks";
import { Choice, Field, Screen } from "./parts";
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

function Form(props: {
  title: string;
  back: string;
  before: Profile;
  save: (profile: Profile) => Promise<void>;
}) {
  const words = useWords();
  const [profile, setProfile] = useState(props.before);
  const [kind, setKind] = useState<Kind>(props.before.legalName || props.before.taxId ? "firm" : "person");
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const save = () => {
    if (!profile.displayName.trim()) return setTried(true);
    if (saving) return;
    setSaving(true);
    void props.save(only(kind, profile));
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
      value={profile[name]}
      onInput={(value) => setProfile((now) => ({ ...now, [name]: value }))}
      {...more}
    />
  );
  const several = words("field_several");
  return (
    <Screen title={props.title} back={props.back} foot={foot}>
      <div class="card form">
        {field("displayName", {
          fault: tried && !profile.displayName.trim() ? words("fault_name") : undefined,
        })}
        <Choice
          label={words("form_kind")}
          options={{ person: words("form_person"), firm: words("form_firm") }}
          value={kind}
          onChange={setKind}
        />
        {SHOWN[kind].map((name) => field(name))}
        {field("phones", { inputMode: "tel", hint: several })}
        {field("emails", { inputMode: "email", hint: several })}
        {field("patron")}
      </div>
    </Screen>
  );
}

/** What the form shows: somebody is a person or a firm, not both. */
function only(kind: Kind, profile: Profile): Profile {
  const hidden = SHOWN[kind === "person" ? "firm" : "person"];
  return { ...profile, ...Object.fromEntries(hidden.map((name) => [name, ""])) };
}
