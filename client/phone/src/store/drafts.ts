// Sales that are being put together, that of the last keystroke last: they outlive a reload, and one does not take
// the place of another. Which draft a sale was made of, its request id tells.
import type { Database, Draft } from "./database";

export class Drafts {
  constructor(private readonly database: Database) {}

  async all(): Promise<readonly Draft[]> {
    return draftsIn((await this.database.get("meta", "drafts"))?.value);
  }

  /** Keep it as it is now; one that holds nothing is not kept. */
  async keep(draft: Draft): Promise<void> {
    await this.change((others) => (isBlank(draft) ? others : [...others, draft]), draft.requestId);
  }

  async drop(requestId: string): Promise<void> {
    await this.change((others) => others, requestId);
  }

  private async change(change: (others: Draft[]) => Draft[], requestId: string): Promise<void> {
    const work = this.database.transaction("meta", "readwrite");
    const drafts = draftsIn((await work.store.get("drafts"))?.value);
    await work.store.put({ key: "drafts", value: change(without(drafts, requestId)) });
    await work.done;
  }
}

export function draftsIn(value: unknown): readonly Draft[] {
  return (value as readonly Draft[] | undefined) ?? [];
}

export function without(drafts: readonly Draft[], requestId: string): Draft[] {
  return drafts.filter((draft) => draft.requestId !== requestId);
}

function isBlank({ lines, total, note }: Draft): boolean {
  const typed = lines.flatMap((line) => [line.description, line.price]);
  return ![...typed, total, note].some((text) => text.trim());
}
