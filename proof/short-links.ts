/** Links that die after a handshake, k packets and one sync packet: each still brings something over (users S11, session D2). */
import { packetEnd } from "../shared/session/send-buffer.ts";
import { Limit, type Session } from "../shared/session/state.ts";
import { varintSize } from "../shared/varint.ts";
import { hold, type Proof } from "./proof.ts";
import { Stage } from "./stage.ts";

const SYNC_BYTES = 2;
/** Of the server's answer to a resume, besides its startPacketIndex: 00, syncIntervalMin and Max, sessionExpire. */
const SERVER_HEAD_BYTES = 1 + 1 + 3 + 1;
const BUFFER_BYTES = 1 << 20;
/** What may be sent again, times all there is to send. */
const MOST_RESENT = 3;
/** Without progress the literal text goes on for ever. */
const MOST_CONNECTIONS_PER_PACKET = 2;

export const shortLinks: Proof = {
  name: "short-links",
  promise: "a link that lives for one packet and one sync packet makes progress, and little is sent twice",
  unit: "packets each way",
  scale: 1000,
  run(_seed, scale) {
    let [connections, worst] = [0, 0];
    for (let k = 1; k <= 8; k++)
      for (const sender of ["client", "server"] as const) {
        const run = playShortLinks(k, sender, scale, false);
        connections += run.connections;
        worst = Math.max(worst, run.resentTimes);
      }
    return `k = 1…8, ${scale} packets of either side, ${connections} connections, at most ${worst.toFixed(2)} of the data sent again`;
  },
};

/** `isLiteral`: the sender sends all it has on every connection, as the source document says. */
export function playShortLinks(
  k: number,
  sender: "client" | "server",
  packets: number,
  isLiteral: boolean,
): { connections: number; resentTimes: number } {
  const stage = new Stage({ clientBytes: BUFFER_BYTES, serverBytes: BUFFER_BYTES });
  const { client, end } = stage;
  stage.finish(1); // the session stands: hellos come before all this
  stage.cut(true);
  const isUp = sender === "client";
  const [source, total] = [isUp ? client : end, 1 + packets];
  client.fill(isUp ? total : 1);
  end.fill(isUp ? 1 : total);
  const payload = source.buffer.tail - source.buffer.head;
  let [sent, connections] = [0, 0];
  while (source.acknowledged < total) {
    connections++;
    const where = `k = ${k}, ${sender}, connection ${connections}`;
    hold(connections <= MOST_CONNECTIONS_PER_PACKET * packets, `${where}: no end`);
    const before = source.acknowledged;
    stage.now += 100;
    sent += playOne(stage, isUp, k, isLiteral);
    hold(source.acknowledged > before, `${where}: nothing was acknowledged`);
    stage.cut(true);
  }
  stage.checkOneSession();
  const resentTimes = (sent - payload) / payload;
  hold(resentTimes <= MOST_RESENT, () => `k = ${k}, ${sender}: ${sent} bytes sent, of ${payload}`);
  return { connections, resentTimes };
}

/** One connection: it carries the handshake, then as many bytes as k packets and a sync packet have. Returns those of data. */
function playOne(stage: Stage, isUp: boolean, k: number, isLiteral: boolean): number {
  const { client, end } = stage;
  const line = stage.connect();
  const session: Session = isUp ? client.session : end.session!.session;
  if (isLiteral && isUp) session.cwnd = Limit.NONE;
  const { bytes, head, count } = (isUp ? client : end).buffer;
  let at = head;
  for (let i = 0; i < k && i < count; i++) at = packetEnd(bytes, at);
  let left = at - head + SYNC_BYTES;
  const request = line.up.size;
  line.deliverUp(request - 1);
  if (isLiteral && !isUp) session.cwnd = Limit.NONE; // the last byte of the client's state opens it
  line.deliverUp(1);
  const answer = isUp ? line.down.size : SERVER_HEAD_BYTES + varintSize(session.acknowledged);
  stage.deliverDown(answer);
  let sent = 0;
  for (;;) {
    const data = Math.min(isUp ? line.up.size : line.down.size, left);
    if (isUp) stage.deliverUp(data);
    else stage.deliverDown(data);
    end.commit();
    left -= data;
    sent += data;
    const syncs = Math.min(isUp ? line.down.size : line.up.size, left);
    if (isUp) stage.deliverDown(syncs);
    else stage.deliverUp(syncs);
    left -= syncs;
    if (data + syncs === 0) return sent;
  }
}
