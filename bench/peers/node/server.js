// The peers on Node, one process each: node server.js KIND PORT [REDIS_SOCKET]
//   ws                every text goes to all sockets of the same address
//   socketio          Socket.IO 4, websocket only: join a room, say something to it
//   socketio-redis    the same with the Redis adapter, as several processes would need it
//   socketio-batched  the same as socketio, but the application joins what is said within 20 ms into one event
"use strict";

const http = require("node:http");

const BATCH_MS = 20;
const [kind, port, redisSocket] = process.argv.slice(2);
const server = http.createServer((_request, response) => response.end("ok"));

function serveWs() {
  const { WebSocketServer } = require("ws");
  const rooms = new Map();
  new WebSocketServer({ server }).on("connection", (socket, request) => {
    const name = request.url;
    if (!rooms.has(name)) rooms.set(name, new Set());
    const room = rooms.get(name).add(socket);
    socket.on("message", (data) => {
      const text = data.toString();
      for (const member of room) member.send(text);
    });
    socket.on("close", () => room.delete(socket));
    socket.on("error", () => {});
  });
}

/** Give each room a list that leaves as one event BATCH_MS after its first entry. */
function batches(io) {
  const waiting = new Map();
  return (room, message) => {
    const batch = waiting.get(room);
    if (batch) {
      batch.push(message);
      return;
    }
    waiting.set(room, [message]);
    setTimeout(() => {
      io.to(room).emit("chats", waiting.get(room));
      waiting.delete(room);
    }, BATCH_MS);
  };
}

async function serveSocketIo() {
  const { Server } = require("socket.io");
  const options = { transports: ["websocket"] };
  if (kind === "socketio-redis") {
    const { createClient } = require("redis");
    const { createAdapter } = require("@socket.io/redis-adapter");
    const publisher = createClient({ socket: { path: redisSocket } });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    options.adapter = createAdapter(publisher, subscriber);
  }
  const io = new Server(server, options);
  const batched = kind === "socketio-batched" ? batches(io) : undefined;
  io.on("connection", (socket) => {
    let room = "";
    socket.on("join", async (name) => {
      room = name;
      await socket.join(name);
      socket.emit("joined", name);
    });
    socket.on("chat", (message) => {
      if (batched) batched(room, message);
      else io.to(room).emit("chat", message);
    });
  });
}

async function main() {
  if (kind === "ws") serveWs();
  else if (/^socketio(-redis|-batched)?$/.test(kind)) await serveSocketIo();
  else throw new Error(`no peer ${kind}`);
  server.listen(Number(port), "127.0.0.1", 4096);
}

main();
