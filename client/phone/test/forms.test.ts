import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { chained } from "../src/core/chain";
import { idFrom } from "../src/core/ids";
import { type Item, tapped } from "../src/core/machine";
import { plainCash } from "../src/core/money";
import { faultsIn } from "../src/core/profile_rules";
import { customerOf, differing, EMPTY, edited, editOf, newCustomer, profileOf } from "../src/core/profiles";
import { broken } from "../src/core/rules";
import {
  amountOf,
  draftOf,
  faultsOf,
  keepLines,
  keepTotal,
  NO_LINE,
  purchaseIn,
  saleAgain,
  saleOf,
} from "../src/core/sales";
import {
  CreateCustomerRequestSchema,
  UpdateCustomerRequestSchema,
} from "../src/gen/clientela/v1/customers_pb";
import { RecordPurchaseRequestSchema } from "../src/gen/clientela/v1/purchases_pb";
import type { Draft } from "../src/store/database";

const REQUEST = "8f14e45f-ceea-467f-a8a9-1c1b3a5d7e10";
const DOOR = "customers/blue-door";

function draft(over: Partial<Draft> = {}): Draft {
  const lines = [
    { description: "Beans", quantity: "2", price: "18,50" },
    { description: "Cheese", quantity: "0,375", price: "12" },
  ];
  return { requestId: REQUEST, customer: DOOR, currency: "EUR", lines, total: "", note: "", ...over };
}

const kept = (item: ReturnType<typeof newCustomer>, seq: number, over: Partial<Item> = {}): Item => ({
  ...(tapped(item) as Item),
  seq,
  ...over,
});

describe("a sale", () => {
  test("is what was typed, with its ids and the time of the tap", () => {
    const item = saleOf(draft({ note: " gift " }), "Blue Door Café", 1_700_000_000_000);
    const request = fromBinary(RecordPurchaseRequestSchema, item.message);
    expect(request).toMatchObject({ parent: DOOR, requestId: REQUEST, purchaseId: idFrom("p", REQUEST) });
    expect(request.purchase?.amount).toMatchObject({ currencyCode: "EUR", units: 41n, nanos: 500_000_000 });
    expect(request.purchase?.lines.map((line) => line.quantity?.value)).toEqual(["2", "0.375"]);
    expect(request.purchase?.note).toBe("gift");
    expect(request.purchase?.purchaseTime?.seconds).toBe(1_700_000_000n);
    expect(item).toMatchObject({ amount: "EUR 41.50", about: `${DOOR}/purchases/${request.purchaseId}` });
  });

  test("made twice of one draft has the same ids", () => {
    const [one, two] = [saleOf(draft(), "x", 1), saleOf(draft(), "x", 2)];
    expect([two.requestId, two.about]).toEqual([one.requestId, one.about]);
  });

  test("may be an amount alone", () => {
    const item = saleOf(draft({ lines: [NO_LINE], total: "19,90" }), "x", 1);
    expect(purchaseIn(item.message)?.lines).toEqual([]);
    expect(item.amount).toBe("EUR 19.90");
  });

  test.each([
    [{ lines: [NO_LINE] }, [{ line: -1, field: "total" }]],
    [{ total: "abc" }, [{ line: -1, field: "total" }]],
    [{ total: "12.505" }, [{ line: -1, field: "total", kind: "fine" }]],
    [{ total: "12.5", currency: "JPY", lines: [NO_LINE] }, [{ line: -1, field: "total", kind: "fine" }]],
    [{ total: "0.0001", currency: "KWD", lines: [NO_LINE] }, [{ line: -1, field: "total", kind: "fine" }]],
    [{ total: "0.001", currency: "KWD", lines: [NO_LINE] }, []],
    [
      { lines: [{ description: "x", quantity: "1", price: "0,125" }] },
      [{ line: 0, field: "price", kind: "fine" }],
    ],
    [
      { lines: [{ description: "x".repeat(501), quantity: "1", price: "1" }] },
      [{ line: 0, field: "text", kind: "long" }],
    ],
    [{ note: "x".repeat(2001) }, [{ line: -1, field: "text", kind: "long" }]],
    [
      { lines: [{ description: "x", quantity: "999999999999", price: "999999999999999" }] },
      [{ line: -1, field: "total" }],
    ],
    [{ lines: [{ description: "x", quantity: "1", price: "" }] }, [{ line: 0, field: "price" }]],
    [{ lines: [{ description: "", quantity: "-1", price: "2" }] }, [{ line: 0, field: "quantity" }]],
    [{ lines: [{ description: "x", quantity: "1", price: "" }], total: "5" }, []],
    [{}, []],
  ])("%j has the faults %j", (over, faults) => expect(faultsOf(draft(over))).toEqual(faults));

  test("with a price that the lines contradict becomes the one or the other", () => {
    const { message } = saleOf(draft({ total: "40" }), "x", 1);
    const agreed = saleAgain(message, "another", "x", 2, keepTotal);
    const lines = saleAgain(message, "another", "x", 2, keepLines);
    expect([agreed.amount, lines.amount]).toEqual(["EUR 40.00", "EUR 41.50"]);
    expect(purchaseIn(agreed.message)?.lines.map((line) => line.unitPrice)).toEqual([undefined, undefined]);
    expect(purchaseIn(lines.message)?.amount).toBe(undefined);
  });

  test("that was refused comes back into the form as it was typed", () => {
    const again = draftOf(saleOf(draft({ total: "40", note: "n" }), "x", 1).message, "another", DOOR);
    expect(again).toMatchObject({ total: "40.00", note: "n", currency: "EUR", requestId: "another" });
    expect(again.lines.map((line) => line.price)).toEqual(["18.50", "12.00"]);
    expect(plainCash(amountOf(again) ?? { currency: "", nanos: 0n })).toBe("40.00");
  });
});

describe("a customer", () => {
  const firm = {
    ...EMPTY,
    displayName: "Blue Door Café",
    legalName: "Blue Door OÜ",
    emails: "a@b.example, c@d.example",
  };

  test("survives the form", () => {
    expect(profileOf(customerOf(firm))).toEqual(firm);
    const person = { ...EMPTY, displayName: "Anna", givenName: "Anna", phones: "+48 22 123-45-67" };
    expect(customerOf(person).phones).toEqual(["+48221234567"]);
  });

  test("that is new gets its id at the tap, and keeps it when it is put right", () => {
    const item = newCustomer(firm, REQUEST, 1);
    const again = newCustomer(firm, "another", 2, item.customer.split("/")[1]);
    expect(again.customer).toBe(item.customer);
    expect(fromBinary(CreateCustomerRequestSchema, again.message).requestId).toBe("another");
  });

  test("is sent only what was changed of it, and the version that it was made of", () => {
    const before = customerOf(firm, DOOR, '"7"');
    const after = { ...firm, displayName: "Blue Door Kitchen", legalName: "" };
    const { customer, updateMask } = fromBinary(
      UpdateCustomerRequestSchema,
      editOf(before, after, REQUEST, 1).message,
    );
    expect(updateMask?.paths).toEqual(["display_name", "organization"]);
    expect(customer?.etag).toBe('"7"');
    expect(edited(firm, kept(editOf(before, after, REQUEST, 1), 1))).toEqual(after);
    expect(differing(firm, after)).toEqual(["displayName", "legalName"]);
  });

  test("edited twice in a row carries the version that the first edit got", () => {
    const before = customerOf(firm, DOOR, '"7"');
    const etag = (item: Item) => fromBinary(UpdateCustomerRequestSchema, item.message).customer?.etag;
    const first = kept(editOf(before, { ...firm, patron: "a" }, "one", 10), 1);
    const second = kept(editOf(before, { ...firm, patron: "b" }, "two", 20), 2);
    const done = { ...first, state: "accepted", etag: '"8"', settledAt: 30 } as const;
    expect(etag(chained(second, [done, second]))).toBe('"8"');
    // One that was settled before the second was made is in it already, and so is what others did since.
    expect(etag(chained(second, [{ ...done, settledAt: 15 }, second]))).toBe('"7"');
    expect(etag(chained(second, [first, second]))).toBe('"7"');
  });
});

describe("the contract's rules", () => {
  const ann = { ...EMPTY, displayName: "Ann" };
  test.each([
    [{}, {}],
    [{ displayName: " " }, { displayName: { kind: "missing" } }],
    [{ displayName: "x".repeat(201) }, { displayName: { kind: "long", limit: 200 } }],
    // Characters are counted as the server counts them.
    [{ displayName: "😀".repeat(200) }, {}],
    [{ phones: "12 34" }, { phones: { kind: "form" } }],
    [{ phones: "+48 (0)22 123 45 67" }, { phones: { kind: "form" } }],
    [{ phones: "+48 22 123-45-67, +48 22 123.45.68" }, {}],
    [{ phones: "+48 22 123-45-67, +48221234567" }, { phones: { kind: "twice" } }],
    [{ emails: "ann@@example.com" }, { emails: { kind: "form" } }],
    [{ emails: "ann@example.com; bob@example.com" }, {}],
    [
      {
        emails: "abcdefghijk"
          .split("")
          .map((each) => `${each}@b.example`)
          .join(),
      },
      { emails: { kind: "many", limit: 10 } },
    ],
    [{ taxId: "1".repeat(41) }, { taxId: { kind: "long", limit: 40 } }],
    [{ patron: "x".repeat(201) }, { patron: { kind: "long", limit: 200 } }],
  ])("of %j find %j", (typed, wanted) => expect(faultsIn({ ...ann, ...typed })).toEqual(wanted));

  test("are all that the table holds", () => {
    const rule = { most: 2, unique: true, long: 3, is: ["^a"], isNot: ["z$"] } as const;
    const kinds = [["a", "b", "c"], ["a", "a"], ["aaaa"], ["b"], ["az"], ["a", "", ""]].map(
      (values) => broken(rule, values)?.kind,
    );
    expect(kinds).toEqual(["many", "twice", "long", "form", "form", undefined]);
  });
});
