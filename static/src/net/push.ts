// Notifications on this device while the page is closed: the leave of the browser, its subscription, and the server's row.
import type { Api } from "./api";
import { ActionError } from "./error";

/**
 * `unsupported`: this browser cannot; `server_off`: the server does not; `blocked`: the person has told the browser not
 * to; `off` and `on` are the switch.
 */
export type PushState = "unsupported" | "server_off" | "blocked" | "off" | "on";

/** What of the browser is needed; the tests bring their own. */
export interface PushBrowser {
  isSupported: boolean;
  permission(): NotificationPermission;
  askPermission(): Promise<NotificationPermission>;
  /** The service worker's registration, made where there is none. */
  register(): Promise<ServiceWorkerRegistration>;
  /** Whether this person wants it in this browser: the id of the server's row. */
  kept(): number | null;
  keep(id: number | null): void;
}

export class Push {
  constructor(
    private readonly api: Api,
    private readonly key: string | null,
    private readonly browser: PushBrowser,
  ) {}

  /** How it stands; asks nobody for anything. */
  async state(): Promise<PushState> {
    const { browser } = this;
    if (!browser.isSupported) return "unsupported";
    if (this.key === null) return "server_off";
    if (browser.permission() === "denied") return "blocked";
    if (browser.kept() === null || browser.permission() !== "granted") return "off";
    return (await this.subscription()) ? "on" : "off";
  }

  /** Ask for leave and begin; must come from a press of the person. */
  async switchOn(): Promise<PushState> {
    const { browser, key } = this;
    if (!browser.isSupported || key === null) return this.state();
    if ((await browser.askPermission()) !== "granted") return this.state();
    await this.enrol(key);
    return this.state();
  }

  /** End it here and at the server. */
  async switchOff(): Promise<PushState> {
    const id = this.browser.kept();
    this.browser.keep(null);
    // What the browser cannot end here, the server ends all the same.
    const held = await this.subscription().catch(() => null);
    await held?.unsubscribe().catch(() => false);
    if (id !== null) {
      await this.api.delete(`me/push/${id}`).catch((error: ActionError) => {
        // Gone already, because it was the oldest or its push service has said so.
        if (error.code !== "not_found") throw error;
      });
    }
    return this.state();
  }

  /** Have a notification sent to this device. */
  async test(): Promise<void> {
    const id = this.browser.kept();
    if (id === null) throw new ActionError("not_found", "no such subscription", false);
    await this.api.post(`me/push/${id}/test`);
  }

  /** At each start: tell the server once more, which may have another key, or have forgotten; and who is signed in anew. */
  async renew(): Promise<void> {
    const { browser, key } = this;
    if (!browser.isSupported || browser.kept() === null || key === null) return;
    if (browser.permission() === "granted") await this.enrol(key);
    // The leave was taken back in the browser's own settings.
    else await this.switchOff();
  }

  /** Before signing out: end it if it is on. Never rejects. */
  async leave(): Promise<void> {
    if (this.browser.kept() !== null) await this.switchOff().catch(() => undefined);
  }

  private async subscription(): Promise<PushSubscription | null> {
    if (!this.browser.isSupported || this.key === null) return null;
    return asked(async () => (await this.browser.register()).pushManager.getSubscription());
  }

  private async enrol(key: string): Promise<void> {
    const made = await this.subscribe(key);
    const { endpoint, keys } = made.toJSON();
    const { id } = await this.api.post<{ id: number }>("me/push", {
      endpoint,
      p256dh: keys?.p256dh,
      auth: keys?.auth,
    });
    this.browser.keep(id);
  }

  private subscribe(key: string): Promise<PushSubscription> {
    return asked(async () => {
      const { pushManager } = await this.browser.register();
      const found = await pushManager.getSubscription();
      if (found && isFor(found, key)) return found;
      // Made for another key of the server, it would reach nobody.
      await found?.unsubscribe();
      return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
    });
  }
}

/** Ask the browser; whatever it cannot do is one error, with its words. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ActionError("push_failed", error instanceof Error ? error.message : "", false);
  }
}

function isFor(subscription: PushSubscription, key: string): boolean {
  const held = subscription.options.applicationServerKey;
  if (!held) return false;
  const [a, b] = [new Uint8Array(held), bytesOf(key)];
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
