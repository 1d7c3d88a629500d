// Who is signed in. The token is kept on disk, is sent in a header only, and is never shown again.
import type { Bus } from "./bus";
import { type Database, forgetMeta, readMeta, writeMeta } from "./store/database";

export class Session {
  token = "";
  refused = false;

  private constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  static async load(database: Database, bus: Bus): Promise<Session> {
    const session = new Session(database, bus);
    await session.reload();
    bus.listen((topic) => {
      if (topic === "session") void session.reload();
    });
    return session;
  }

  get signedIn(): boolean {
    return this.token !== "" && !this.refused;
  }

  async use(token: string): Promise<void> {
    await writeMeta(this.database, "token", token);
    await writeMeta(this.database, "tokenRefused", false);
    await this.tell();
  }

  async refuse(): Promise<void> {
    await writeMeta(this.database, "tokenRefused", true);
    await this.tell();
  }

  async end(): Promise<void> {
    await forgetMeta(this.database, "token");
    await forgetMeta(this.database, "tokenRefused");
    await this.tell();
  }

  private async tell(): Promise<void> {
    await this.reload();
    this.bus.tell("session");
  }

  private async reload(): Promise<void> {
    this.token = (await readMeta(this.database, "token")) ?? "";
    this.refused = (await readMeta(this.database, "tokenRefused")) ?? false;
  }
}

/** The token of a link, `http://host/#token=...`; it is taken out of the address at once. */
export function tokenOfLink(): string {
  const found = /^#token=(.+)$/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", `${location.pathname}${location.search}#/customers`);
  return decodeURIComponent(found[1] ?? "").trim();
}
