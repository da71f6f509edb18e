/** Sides of a session that have come as far as a test of it needs. */
import { expect } from "vitest";
import { attachSession, connectSession, detachSession } from "../session/lifecycle.ts";
import { Phase } from "../session/state.ts";
import vectors from "../vectors/session.json";
import { Side } from "./side.ts";

/** The hex of a message of the vectors. */
export const message = (name: string) => {
  const found = vectors.messages.find((m) => m.name === name);
  if (!found) throw new Error(`no vector named ${name}`);
  return found.hex;
};
export const SERVER_STATE = "0064f90a983c"; // start 0, 100 ms, 5000 ms, 60 s

/** A server with a connection that has come as far as OPEN. */
export function openServer(options = {}): Side {
  const server = new Side({ isClient: false, ...options });
  server.session.syncIntervalMin = 100;
  server.session.sessionExpire = 60;
  attachSession(server.session, true, 0);
  server.hear("00", 0);
  expect(server.session.phase).toBe(Phase.OPEN);
  server.take();
  return server;
}

/** A client in a new session. */
export function openClient(options = {}): Side {
  const client = new Side({ isClient: true, ...options });
  connectSession(client.session, 0);
  client.hear(`${message("new session accepted")}${SERVER_STATE}`, 0);
  client.take();
  return client;
}

/** The connection breaks and a new one comes; the client says it starts at `start`. */
export function reattach(server: Side, start: string, now: number): void {
  detachSession(server.session, now);
  attachSession(server.session, false, now);
  server.take();
  server.hear(start, now);
}
