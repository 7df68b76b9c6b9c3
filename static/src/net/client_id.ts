// Ids that the client chooses, so that what is sent twice is done once.

/** A new idempotency key; `randomUUID` exists only on secure origins. */
export function newClientId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
