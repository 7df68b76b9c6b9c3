// The connection begins while the scripts of the page still come: a slow line has time for both. The page takes it over
// with what it has heard until then (src/net/early.ts).
(() => {
  const text = document.getElementById("config")?.textContent;
  if (!text || navigator.onLine === false) return;
  try {
    const url = new URL(JSON.parse(text).socket, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const wire = new WebSocket(url);
    const heard = [];
    wire.onmessage = (event) => heard.push(event);
    window.maruEarly = { wire, heard };
  } catch {
    // The page makes one of its own, and says what is wrong.
  }
})();
