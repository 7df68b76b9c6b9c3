// Whether a newer deployment has taken the place of the page that is open.

/** Every page of ours has it, whatever its version, and no page of a hotel. */
export const OURS = 'id="config"';

/** Where the page is asked for; a test has its own. */
type Ask = (path: string) => Promise<{ ok: boolean; redirected: boolean; text(): Promise<string> }>;

const ask: Ask = (path) => fetch(path, { credentials: "same-origin", cache: "no-store" });

/**
 * Tell whether the server gives a page now that begins with another script than `entry`, the path of this one's.
 * A server that is away or in trouble has replaced nothing, nor has somebody who answers in its place. Never rejects.
 */
export async function isReplaced(entry: string, get: Ask = ask): Promise<boolean> {
  try {
    const found = await get("/");
    if (!found.ok || found.redirected) return false;
    const page = await found.text();
    return page.includes(OURS) && !page.includes(entry);
  } catch {
    return false;
  }
}
