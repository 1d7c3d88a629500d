// When the sender runs: at a tap, when the network comes back, when the app is looked at, and when a pause is over.
// One at a time over all tabs, by a lock of the browser.
import type { Pause, Sender } from "./sender";

/** The part of navigator.locks that is used, so that tests can hand in another. */
export interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export class Pump {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;
  private hurry = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly sender: Sender,
    private readonly locks: Locks,
    private readonly paused: (pause: Pause) => void = () => {},
  ) {}

  /** There may be something to send. `hurry`: the world changed, so do not wait for pauses. */
  kick(hurry = false): Promise<void> {
    this.wanted = true;
    this.hurry ||= hurry;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    while (this.wanted) {
      const hurry = this.hurry;
      this.wanted = this.hurry = false;
      clearTimeout(this.timer);
      const pause = await this.locks.request("clientela-sender", () => this.sender.drain(hurry));
      this.paused(pause);
      if (pause.againMs !== null) this.timer = setTimeout(() => void this.kick(), pause.againMs);
    }
  }
}
