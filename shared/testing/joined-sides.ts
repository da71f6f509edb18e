/** A client and a server of the session, joined by hand: what each says is kept until it is carried over. */
import { acceptBytes, createAcceptor } from "../session/acceptor.ts";
import { attachSession, connectSession, detachSession } from "../session/lifecycle.ts";
import { bytesOf, hexOf, Side } from "./side.ts";

/** A new connection between the two: what the client asked and what the server answered. */
export function join(client: Side, server: Side): { request: string; answer: string } {
  detachSession(client.session, 0);
  detachSession(server.session, 0);
  connectSession(client.session, 0);
  const request = client.take();
  const acceptor = createAcceptor(
    {
      onOutput: () => {},
      onRequest: (_, start, end) => {
        attachSession(server.session, start === end, 0);
        return true;
      },
      onRefused: () => 0,
      onDisconnect: () => {},
    },
    0,
  );
  const at = acceptBytes(acceptor, request, 0, request.length, 0);
  const answer = server.take();
  server.hear(request.slice(at));
  client.hear(answer);
  return { request: hexOf(request), answer: hexOf(answer) };
}

/** Carries bytes both ways until nobody says anything more. */
export function settle(client: Side, server: Side): void {
  for (;;) {
    const [up, down] = [client.take(), server.take()];
    if (up.length + down.length === 0) return;
    server.hear(up);
    client.hear(down);
  }
}

/** What a server says that refuses: another version, or every id. */
export function refusalOf(request: string): string {
  let said = "";
  const onOutput = (bytes: Uint8Array, start: number, end: number) => {
    said += hexOf(bytes.slice(start, end));
  };
  const acceptor = createAcceptor(
    { onOutput, onRequest: () => false, onRefused: () => 0, onDisconnect: () => {} },
    0,
  );
  acceptBytes(acceptor, bytesOf(request), 0, request.length / 2, 0);
  return said;
}

export const pair = () => ({ client: new Side({ isClient: true }), server: new Side({ isClient: false }) });
