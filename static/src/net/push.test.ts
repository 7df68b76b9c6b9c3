// Notifications on this device: which state is told when, and what the server and the browser are asked for.
import { beforeEach, describe, expect, it } from "vitest";
import type { Api } from "./api";
import { ActionError } from "./error";
import { Push, type PushBrowser } from "./push";

const KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const bytesOf = (key: string): ArrayBuffer =>
  Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0))
    .buffer;

/** One browser with its push service: what it allows, what it holds, and what it was asked for. */
class Browser implements PushBrowser {
  isSupported = true;
  allowed: NotificationPermission = "default";
  answer: NotificationPermission = "granted";
  held: PushSubscription | null = null;
  id: number | null = null;
  log: string[] = [];
  isAway = false;
  number = 0;

  permission = (): NotificationPermission => this.allowed;
  askPermission = async (): Promise<NotificationPermission> => {
    this.log.push("ask");
    this.allowed = this.answer;
    return this.allowed;
  };
  kept = (): number | null => this.id;
  keep = (id: number | null): void => {
    this.id = id;
  };

  register = async (): Promise<ServiceWorkerRegistration> => {
    const pushManager = {
      getSubscription: async () => this.held,
      subscribe: async (options: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
        if (this.isAway) throw new Error("push service error");
        this.log.push("subscribe");
        this.held = this.made(options.applicationServerKey.buffer);
        return this.held;
      },
    };
    return { pushManager } as unknown as ServiceWorkerRegistration;
  };

  made(key: ArrayBuffer): PushSubscription {
    const endpoint = `https://push.example.com/${++this.number}`;
    return {
      options: { applicationServerKey: key, userVisibleOnly: true },
      toJSON: () => ({ endpoint, keys: { p256dh: "point", auth: "secret" } }),
      unsubscribe: async () => {
        this.log.push("unsubscribe");
        this.held = null;
        return true;
      },
    } as unknown as PushSubscription;
  }
}

let browser: Browser;
let asked: [string, unknown][];
let refusal: ActionError | null;
const api = {
  post: async (path: string, body?: unknown) => {
    asked.push([`POST ${path}`, body]);
    if (refusal) throw refusal;
    return { id: 7 };
  },
  delete: async (path: string) => {
    asked.push([`DELETE ${path}`, undefined]);
    if (refusal) throw refusal;
    return null;
  },
} as unknown as Api;
const pushOf = (key: string | null = KEY): Push => new Push(api, key, browser);
const row = (n: number) => ({ endpoint: `https://push.example.com/${n}`, p256dh: "point", auth: "secret" });

beforeEach(() => {
  browser = new Browser();
  asked = [];
  refusal = null;
});

describe("the state", () => {
  it("is that of the first thing in the way", async () => {
    expect(await pushOf().state()).toBe("off");
    browser.allowed = "denied";
    expect(await pushOf().state()).toBe("blocked");
    expect(await pushOf(null).state()).toBe("server_off");
    browser.isSupported = false;
    expect(await pushOf(null).state()).toBe("unsupported");
    expect([browser.log, asked]).toEqual([[], []]);
  });

  it("cannot be told where the worker cannot be registered, in the browser's words", async () => {
    Object.assign(browser, { allowed: "granted", id: 7 });
    browser.register = async () => {
      throw new TypeError("a bad HTTP response code (500)");
    };
    const told = { code: "push_failed", detail: "a bad HTTP response code (500)" };
    await expect(pushOf().state()).rejects.toMatchObject(told);
    await expect(pushOf().renew()).rejects.toMatchObject(told);
    expect([asked, browser.id]).toEqual([[], 7]);
  });

  it("is off for another person of this browser", async () => {
    Object.assign(browser, { allowed: "granted", held: browser.made(bytesOf(KEY)) });
    expect(await pushOf().state()).toBe("off");
    browser.id = 7;
    expect(await pushOf().state()).toBe("on");
    browser.held = null;
    expect(await pushOf().state()).toBe("off");
  });
});

describe("switching on", () => {
  it("asks for leave, subscribes and tells the server", async () => {
    expect(await pushOf().switchOn()).toBe("on");
    expect([browser.log, browser.id]).toEqual([["ask", "subscribe"], 7]);
    expect(new Uint8Array(browser.held!.options.applicationServerKey!)).toEqual(new Uint8Array(bytesOf(KEY)));
    expect(asked).toEqual([["POST me/push", row(1)]]);
  });

  it("goes no further without leave", async () => {
    browser.answer = "denied";
    expect(await pushOf().switchOn()).toBe("blocked");
    expect([browser.log, asked, browser.id]).toEqual([["ask"], [], null]);
  });

  it("fails with one error when the push service is away, or the server", async () => {
    browser.isAway = true;
    await expect(pushOf().switchOn()).rejects.toMatchObject({
      code: "push_failed",
      detail: "push service error",
    });
    browser.isAway = false;
    refusal = new ActionError("unavailable", "", true);
    await expect(pushOf().switchOn()).rejects.toMatchObject({ code: "unavailable" });
    expect(browser.id).toBeNull();
  });

  it("subscribes anew when the server has another key", async () => {
    browser.held = browser.made(bytesOf(KEY.replace("BC", "BD")));
    expect(await pushOf().switchOn()).toBe("on");
    expect([browser.log, asked]).toEqual([["ask", "unsubscribe", "subscribe"], [["POST me/push", row(2)]]]);
  });
});

describe("switching off", () => {
  beforeEach(() => pushOf().switchOn());

  it("ends it here and at the server", async () => {
    expect(await pushOf().switchOff()).toBe("off");
    expect([browser.held, browser.id, asked.at(-1)]).toEqual([null, null, ["DELETE me/push/7", undefined]]);
  });

  it("ends it at the server where the browser cannot any more", async () => {
    browser.register = async () => {
      throw new TypeError("no worker");
    };
    expect(await pushOf().switchOff()).toBe("off");
    expect([browser.id, asked.at(-1)]).toEqual([null, ["DELETE me/push/7", undefined]]);
  });

  it("is done when the server knows nothing of it any more", async () => {
    refusal = new ActionError("not_found", "", false);
    expect(await pushOf().switchOff()).toBe("off");
  });

  it("is part of leaving, which it never holds up by failing", async () => {
    refusal = new ActionError("network", "", true);
    await pushOf().leave();
    expect([browser.held, browser.id]).toEqual([null, null]);
    asked = [];
    await pushOf().leave();
    expect(asked).toEqual([]);
  });
});

describe("each start", () => {
  it("tells the server again what it may have forgotten, and asks nobody for leave", async () => {
    await pushOf().switchOn();
    browser.log = [];
    await pushOf().renew();
    expect([browser.log, asked]).toEqual([
      [],
      [
        ["POST me/push", row(1)],
        ["POST me/push", row(1)],
      ],
    ]);
  });

  it("does nothing where it was never switched on", async () => {
    await pushOf().renew();
    expect([browser.log, asked]).toEqual([[], []]);
  });

  it("ends it where the leave was taken back", async () => {
    await pushOf().switchOn();
    browser.allowed = "default";
    await pushOf().renew();
    expect([asked.at(-1), browser.id]).toEqual([["DELETE me/push/7", undefined], null]);
  });
});

it("a test goes to this device", async () => {
  await expect(pushOf().test()).rejects.toMatchObject({ code: "not_found" });
  await pushOf().switchOn();
  await pushOf().test();
  expect(asked.at(-1)).toEqual(["POST me/push/7/test", undefined]);
});
