// The contract's own rules (gen/rules.ts), run before anything is kept: what the server would refuse for good is
// told while it can still be mended. Pure.
import type { Rule } from "../gen/rules";

/** What is wrong with a field, and what it has to keep to. */
export type Broken =
  | { readonly kind: "form" | "twice" }
  | { readonly kind: "long" | "many"; readonly limit: number };

/** What the values of one field break first; null: nothing. Empty ones are those that are not given. */
export function broken(rule: Rule, values: readonly string[]): Broken | null {
  const given = values.filter(Boolean);
  if (rule.most !== undefined && given.length > rule.most) return { kind: "many", limit: rule.most };
  if (rule.unique && new Set(given).size < given.length) return { kind: "twice" };
  const tooLong = (value: string) => rule.long !== undefined && [...value].length > rule.long;
  if (given.some(tooLong)) return { kind: "long", limit: rule.long ?? 0 };
  const fits = (value: string) =>
    (rule.is ?? []).every((each) => new RegExp(each, "u").test(value)) &&
    !(rule.isNot ?? []).some((each) => new RegExp(each, "u").test(value));
  return given.every(fits) ? null : { kind: "form" };
}
