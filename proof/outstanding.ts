/** Resume with any number of packets outstanding, of which none, some or all had arrived (users S4). */
import { Limit } from "../shared/session/state.ts";
import { hold, type Proof } from "./proof.ts";
import { Stage } from "./stage.ts";

/** Around the largest count of one sync packet, and what sixteen bits hold. */
const counts = [0, 1, 200, 201, 65_535];
/** Room for all of them. */
const BUFFER_BYTES = 4 << 20;

export const outstanding: Proof = {
  name: "outstanding",
  promise: "a session resumes with 0, 1, 200, 201 and 65 535 packets outstanding",
  unit: "rounds",
  scale: 1,
  run(_seed, scale) {
    let resumes = 0;
    for (let round = 0; round < scale; round++)
      for (const count of counts)
        for (const part of [0, 0.5, 1])
          for (const sender of ["client", "server"] as const)
            for (const isDurable of [true, false]) {
              resume(sender, count, Math.floor(count * part), isDurable);
              resumes++;
            }
    return `${resumes} resumes: ${counts.join(", ")} outstanding, none, half and all of them arrived, of either side`;
  },
};

/** `arrived` of `count` packets reach the other side, no word of it comes back, the line is cut and resumed. */
function resume(sender: "client" | "server", count: number, arrived: number, isDurable: boolean): void {
  const stage = new Stage({ clientBytes: BUFFER_BYTES, serverBytes: BUFFER_BYTES });
  const { client, end } = stage;
  stage.finish(1);
  const isUp = sender === "client";
  const session = isUp ? client.session : end.session!.session;
  session.cwnd = Limit.NONE; // a sender of the literal text: all at once
  const [up, down] = isUp ? [1 + count, 1] : [1, 1 + count];
  client.fill(up);
  end.fill(down);
  const receiver = isUp ? end : client;
  while (receiver.delivered < 1 + arrived) {
    if (isUp) stage.deliverUp(1);
    else stage.deliverDown(1);
  }
  if (isDurable) end.commit();
  stage.cut(true);
  const held = isUp ? client.buffer.count : end.buffer.count;
  hold(held === count, () => `${held} packets outstanding, ${count} were sent`);
  stage.finish(up, down);
  const { skipped } = isUp ? end.session!.session : client.session;
  hold(skipped === arrived, () => `${arrived} of ${count} had arrived, ${skipped} were skipped`);
}
