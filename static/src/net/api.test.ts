import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "./api";
import type { ActionError } from "./error";

let requests: { url: string; init: RequestInit }[];
let answer: (url: string) => Response;
let signedOut: number;
let api: Api;

beforeEach(() => {
  [requests, signedOut] = [[], 0];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    requests.push({ url, init });
    return answer(url);
  });
  api = new Api("/api/v1/", "token", () => signedOut++);
});

afterEach(() => vi.unstubAllGlobals());

describe("REST", () => {
  it("carries the CSRF token and no token in the address", async () => {
    answer = () => Response.json({ url: "https://maru/invite/x/" });
    expect(await api.post("invites")).toEqual({ url: "https://maru/invite/x/" });
    expect(requests[0]!.init).toMatchObject({
      method: "POST",
      headers: { "X-CSRFToken": "token" },
      credentials: "same-origin",
    });
  });

  it("asks with what is given and leaves out what is not", async () => {
    answer = () => Response.json({ items: [], next: null });
    await api.get("rooms", { scope: "all", q: "", cursor: undefined });
    await api.get("users", { q: "마루 &" });
    expect(requests.map(({ url }) => url)).toEqual([
      "/api/v1/rooms?scope=all",
      "/api/v1/users?q=%EB%A7%88%EB%A3%A8+%26",
    ]);
  });

  it("reads a long list to its end", async () => {
    answer = (url) =>
      Response.json(
        url.includes("cursor=7") ? { items: [{ id: 8 }], next: null } : { items: [{ id: 7 }], next: "7" },
      );
    expect((await api.all<{ id: number }>("rooms")).map(({ id }) => id)).toEqual([7, 8]);
  });

  it.each([
    [409, '{"error":{"code":"conflict","detail":"taken"}}', "conflict", false],
    [429, '{"error":{"code":"rate_limited","detail":""}}', "rate_limited", true],
    [502, "<html>nginx</html>", "network", true],
    [400, "<html>proxy</html>", "unknown", false],
    [200, "<html>captive portal</html>", "unknown", false],
  ])("turns %i %s into %s", async (status, body, code, retry) => {
    answer = () => new Response(body, { status });
    const error = await api.get("rooms/12/members").catch((reason: ActionError) => reason);
    expect(error).toMatchObject({ name: "ActionError", code, retry });
  });

  it("goes to the sign-in page when the session is over", async () => {
    answer = () => Response.json({ error: { code: "signed_out", detail: "" } }, { status: 401 });
    await api.post("invites").catch(() => undefined);
    expect(signedOut).toBe(1);
  });
});
