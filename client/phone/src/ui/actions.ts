// What can be done about a write that needs attention: chosen by the reason that the server gave.

import { newRequestId } from "../core/ids";
import { type Item, sentAgain } from "../core/machine";
import { fromWire, showCash } from "../core/money";
import { draftOf, keepLines, keepTotal, linesTotal, purchaseIn, saleAgain, serversTime } from "../core/sales";
import type { Purchase } from "../gen/clientela/v1/purchases_pb";
import { go, useApp, useWords } from "./hooks";
import { idOf } from "./reads";

interface Action {
  readonly label: string;
  readonly act: () => void;
}

export interface Help {
  readonly hint: string;
  readonly actions: readonly Action[];
  /** Whether the server's own sentence is to be shown too: the hint says it in the clerk's words otherwise. */
  readonly also?: boolean;
}

const NO_HELP: Help = { hint: "", actions: [], also: true };

export function useActions(item: Item): Help {
  const app = useApp();
  const words = useWords();
  const again = { label: words("do_again"), act: () => void app.decide(item.seq, sentAgain) };
  const correct = useCorrecting(item);
  const price = usePrices(item);
  const replace = useReplacing(item);
  if (item.attention === null) return NO_HELP;
  if (item.attention !== "refused") return { hint: "", actions: [again], also: true };
  const { code = "", reason = "", facts = {} } = item.refusal ?? {};
  if (reason === "AMOUNT_MISMATCH") return price;
  if (reason === "ETAG_MISMATCH") {
    return {
      hint: words("hint_conflict"),
      actions: [{ label: words("do_compare"), act: () => go(`/conflict/${item.seq}`) }],
    };
  }
  if (reason === "EMAIL_TAKEN") {
    const open = { label: words("do_open"), act: () => go(`/${facts.name ?? "customers"}`) };
    return { hint: words("hint_email"), actions: [correct, open] };
  }
  if (reason === "PURCHASE_IN_FUTURE") {
    return {
      hint: words("hint_clock"),
      actions: [{ label: words("do_time"), act: () => replace(serversTime) }],
    };
  }
  if (code === "NOT_FOUND") return { hint: words("hint_gone"), actions: [again] };
  if (code === "PERMISSION_DENIED") return { hint: words("hint_role"), actions: [again] };
  return { hint: words("hint_other"), actions: [correct], also: true };
}

/** Open the form again, with what was typed. */
function useCorrecting(item: Item): Action {
  const app = useApp();
  const words = useWords();
  const act = async () => {
    if (item.kind !== "purchase") return go(`/correct/${item.seq}`);
    await app.reopen(item.seq, draftOf(item.message, newRequestId(), item.customer));
    go(`/sale/${idOf(item.customer)}`);
  };
  return { label: words("do_correct"), act: () => void act() };
}

/** Two prices of one sale: what was agreed on, and what the lines add up to. */
function usePrices(item: Item): Help {
  const words = useWords();
  const replace = useReplacing(item);
  const purchase = item.kind === "purchase" ? purchaseIn(item.message) : undefined;
  const sum = purchase && linesTotal(purchase);
  if (!purchase?.amount || !sum) return NO_HELP;
  const amount = showCash(fromWire(purchase.amount), words.language);
  const lines = showCash(sum, words.language);
  return {
    hint: words("hint_price", { amount, sum: lines }),
    actions: [
      { label: words("do_total", { amount }), act: () => replace(keepTotal) },
      { label: words("do_lines", { amount: lines }), act: () => replace(keepLines) },
    ],
  };
}

/** Put a new sale in the place of a refused one: refused means that it provably is not in the ledger. */
function useReplacing(item: Item): (change: (purchase: Purchase) => void) => void {
  const app = useApp();
  return (change) => {
    const next = saleAgain(item.message, newRequestId(), item.title, Date.now(), change);
    void app.replace(item.seq, next);
  };
}
