// A customer as a form shows it: flat texts. What changed between two of them becomes an update's mask. Pure.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import {
  CreateCustomerRequestSchema,
  type Customer,
  CustomerSchema,
  UpdateCustomerRequestSchema,
} from "../gen/clientela/v1/customers_pb";
import { idFrom } from "./ids";
import type { Item, NewItem } from "./machine";

export const FIELDS = [
  "displayName",
  "legalName",
  "taxId",
  "givenName",
  "familyName",
  "emails",
  "phones",
  "patron",
] as const;
export type Field = (typeof FIELDS)[number];
export type Profile = Readonly<Record<Field, string>>;

const PATHS: Record<Field, string> = {
  displayName: "display_name",
  legalName: "organization",
  taxId: "organization",
  givenName: "person",
  familyName: "person",
  emails: "emails",
  phones: "phones",
  patron: "patron",
};

export const EMPTY: Profile = {
  displayName: "",
  legalName: "",
  taxId: "",
  givenName: "",
  familyName: "",
  emails: "",
  phones: "",
  patron: "",
};

export function profileOf(customer: Customer): Profile {
  const { party } = customer;
  const organization = party.case === "organization" ? party.value : null;
  const person = party.case === "person" ? party.value : null;
  return {
    displayName: customer.displayName,
    legalName: organization?.legalName ?? "",
    taxId: organization?.taxId ?? "",
    givenName: person?.givenName ?? "",
    familyName: person?.familyName ?? "",
    emails: customer.emails.join(", "),
    phones: customer.phones.join(", "),
    patron: customer.patron ?? "",
  };
}

/** The message of a form. Somebody with a legal name is an organization; with a given or family name, a person. */
export function customerOf(profile: Profile, name = "", etag = ""): Customer {
  const text = (field: Field) => profile[field].trim();
  const customer = create(CustomerSchema, { name, etag, displayName: text("displayName") });
  if (text("legalName") || text("taxId")) {
    const value = { legalName: text("legalName"), taxId: text("taxId") };
    customer.party = create(CustomerSchema, { party: { case: "organization", value } }).party;
  } else if (text("givenName") || text("familyName")) {
    const value = { givenName: text("givenName"), familyName: text("familyName") };
    customer.party = create(CustomerSchema, { party: { case: "person", value } }).party;
  }
  customer.emails = list(profile.emails);
  customer.phones = list(profile.phones).map(compact);
  if (text("patron")) customer.patron = text("patron");
  return customer;
}

export function differing(one: Profile, other: Profile): Field[] {
  const [a, b] = [profileOf(customerOf(one)), profileOf(customerOf(other))];
  return FIELDS.filter((field) => a[field] !== b[field]);
}

/** What a kept request would make of its customer; null for a sale. */
export function wanted(item: Item): { customer: Customer; paths: readonly string[] } | null {
  if (item.kind === "customer") {
    const { customer, customerId } = fromBinary(CreateCustomerRequestSchema, item.message);
    return customer
      ? { customer: Object.assign(customer, { name: `customers/${customerId}` }), paths: ["*"] }
      : null;
  }
  if (item.kind !== "edit") return null;
  const { customer, updateMask } = fromBinary(UpdateCustomerRequestSchema, item.message);
  return customer ? { customer, paths: updateMask?.paths ?? [] } : null;
}

/** A profile with a kept edit in it. */
export function edited(before: Profile, item: Item): Profile {
  const change = wanted(item);
  if (!change) return before;
  const mine = profileOf(change.customer);
  const fields = FIELDS.filter((field) => change.paths.includes("*") || change.paths.includes(PATHS[field]));
  return { ...before, ...Object.fromEntries(fields.map((field) => [field, mine[field]])) };
}

/** `customerId`: of one that was refused and is put right, so that the sales that wait for it find it. */
export function newCustomer(
  profile: Profile,
  requestId: string,
  now: number,
  customerId = idFrom("c", requestId),
): NewItem {
  const request = create(CreateCustomerRequestSchema, {
    customer: customerOf(profile),
    customerId,
    requestId,
  });
  const message = toBinary(CreateCustomerRequestSchema, request);
  return { kind: "customer", message, ...named(`customers/${customerId}`, profile, requestId, now) };
}

export function editOf(before: Customer, after: Profile, requestId: string, now: number): NewItem {
  const fields = differing(profileOf(before), after);
  const paths = [...new Set(fields.map((field) => PATHS[field]))];
  const request = create(UpdateCustomerRequestSchema, {
    customer: customerOf(after, before.name, before.etag),
    updateMask: create(FieldMaskSchema, { paths: partyPaths(paths, after) }),
    requestId,
  });
  const message = toBinary(UpdateCustomerRequestSchema, request);
  return { kind: "edit", message, ...named(before.name, after, requestId, now) };
}

/** The same edit, of another version of the customer: nothing else of the request changes. */
export function withEtag(item: Item, etag: string): Item {
  const request = fromBinary(UpdateCustomerRequestSchema, item.message);
  if (request.customer) request.customer.etag = etag;
  return { ...item, message: toBinary(UpdateCustomerRequestSchema, request) };
}

/** Of person and organization only one is there: naming the one that is, replaces the other. */
function partyPaths(paths: string[], after: Profile): string[] {
  if (!paths.includes("person") && !paths.includes("organization")) return paths;
  const others = paths.filter((path) => path !== "person" && path !== "organization");
  const party = customerOf(after).party.case;
  return [...others, party ?? (paths.includes("person") ? "person" : "organization")];
}

function named(name: string, profile: Profile, requestId: string, now: number) {
  return {
    requestId,
    customer: name,
    about: name,
    title: profile.displayName.trim(),
    amount: "",
    tappedAt: now,
  };
}

/** A number without what people write between its digits; "(0)" is no part of it, and is for the rules to refuse. */
function compact(phone: string): string {
  return phone.includes("(0") ? phone : phone.replace(/[\s()./\u2010-\u2015\u2212-]/g, "");
}

function list(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((each) => each.trim())
    .filter(Boolean);
}
