// What is wrong with a customer as it was typed, field by field. Pure.
import { CUSTOMER_RULES } from "../gen/rules";
import { customerOf, FIELDS, type Field, type Profile } from "./profiles";
import { type Broken, broken } from "./rules";

const RULES: Readonly<Record<Field, keyof typeof CUSTOMER_RULES>> = {
  displayName: "Customer.display_name",
  legalName: "Organization.legal_name",
  taxId: "Organization.tax_id",
  givenName: "Person.given_name",
  familyName: "Person.family_name",
  emails: "Customer.emails",
  phones: "Customer.phones",
  patron: "Customer.patron",
};

export type Faults = Readonly<Partial<Record<Field, Broken | { readonly kind: "missing" }>>>;

/** Every field that the server would refuse, judged as it would be sent. */
export function faultsIn(profile: Profile): Faults {
  const found = FIELDS.map((field) => [field, faultOf(field, profile)] as const);
  return Object.fromEntries(found.filter(([, fault]) => fault));
}

function faultOf(field: Field, profile: Profile): Broken | { kind: "missing" } | null {
  const sent = customerOf(profile);
  if (field === "displayName" && !sent.displayName) return { kind: "missing" };
  const values = field === "emails" || field === "phones" ? sent[field] : [profile[field].trim()];
  return broken(CUSTOMER_RULES[RULES[field]], values);
}
