// The tab of the browser: title with a count, and a dot or a number drawn on the icon.
import { t } from "./t";

const SIZE = 64;
let shown = "";
let plain: string | null = null;

/** Show where I am, and what waits: mentions as a number, other unread messages as a dot. */
export function showTitle(workspace: string, room: string | null, unread: number, mentions: number): void {
  const name = room === null ? workspace : `${room} · ${workspace}`;
  document.title = mentions > 0 ? t("title.unread", { n: mentions, name }) : name;
  const badge = mentions > 0 ? (mentions > 99 ? "99+" : String(mentions)) : unread > 0 ? "•" : "";
  if (badge === shown) return;
  shown = badge;
  void drawIcon(badge);
}

async function drawIcon(badge: string): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>("link[rel~='icon']");
  if (!link) return;
  plain ??= link.href;
  if (badge === "") {
    link.href = plain;
    return;
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  const image = new Image();
  image.src = plain;
  try {
    await image.decode();
  } catch {
    // A missing icon still gets its badge.
  }
  if (!context || badge !== shown) return;
  if (image.naturalWidth > 0) context.drawImage(image, 0, 0, SIZE, SIZE);
  drawBadge(context, badge);
  link.href = canvas.toDataURL("image/png");
}

function drawBadge(context: CanvasRenderingContext2D, badge: string): void {
  const isDot = badge === "•";
  const radius = isDot ? 13 : 21;
  // The icon is brown: the badge is red, and a light ring keeps the two apart.
  for (const [colour, extent] of [
    ["#fbf8f3", radius + 4],
    ["#b3261e", radius],
  ] as const) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(SIZE - radius - 1, SIZE - radius - 1, extent, 0, 2 * Math.PI);
    context.fill();
  }
  if (isDot) return;
  context.fillStyle = "#fff";
  context.font = `700 ${badge.length > 2 ? 20 : 27}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(badge, SIZE - radius - 1, SIZE - radius);
}
