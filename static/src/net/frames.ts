// What stands in a frame of the server, whatever it holds: an object, several, or something that is none.
import type { ServerFrame } from "../protocol";

/** Read the objects of one frame; what is not one is left out. */
export function parse(data: unknown): ServerFrame[] {
  if (typeof data !== "string") return [];
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return [];
  }
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.filter(
    (item): item is ServerFrame =>
      typeof item === "object" && item !== null && "type" in item && typeof item.type === "string",
  );
}

/** The ticket that a greeting may bring: who shows it at the next handshake is let in sooner. */
export function ticketIn(hello: object): string | null {
  return "ticket" in hello && typeof hello.ticket === "string" && hello.ticket !== "" ? hello.ticket : null;
}

const PROTOCOL = "maru.v1";

/** The subprotocols to offer. None without a ticket: a browser gives up on a server that selects none of them. */
export function protocolsFor(ticket: string | null): string[] {
  return ticket === null ? [] : [PROTOCOL, `ticket.${ticket}`];
}
