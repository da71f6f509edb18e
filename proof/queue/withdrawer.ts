/** The thread that adds the packets of a race and withdraws each while it is written. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Outcome } from "../../host/queue/packet.ts";
import { ClientPacket, type ClientPeer, PeerClient } from "../../host/queue/peer-client.ts";
import { Meeting, ROUND, Word } from "./meeting.ts";
import type { RoundReport } from "./race.ts";

const { words, port, seed } = workerData as { words: Int32Array; port: MessagePort; seed: number };

async function run(): Promise<void> {
  const client = new PeerClient(port);
  await client.start();
  const peer = client.findPeer(1n)!;
  const meeting = new Meeting(words, Word.WITHDRAWER, Word.WRITER, seed);
  for (let turn = 0; ; ) {
    const { packets, outcomes } = await add(peer);
    for (let i = 0; i < ROUND; i++) {
      meeting.at(++turn);
      words[Word.WON + i] = packets[i].setInvalid() ? 1 : 0;
    }
    const report: RoundReport = await outcomes;
    parentPort!.postMessage(report);
  }
}

/** Of a round: resolves once the hub has taken all; its outcomes are complete later. */
async function add(peer: ClientPeer): Promise<{ packets: ClientPacket[]; outcomes: Promise<RoundReport> }> {
  const told: Outcome[] = [];
  let repeated = 0;
  let left = ROUND;
  let accepted = 0;
  let onAll = () => {};
  let onTaken = () => {};
  const taken = new Promise<void>((resolve) => {
    onTaken = resolve;
  });
  const all = new Promise<void>((resolve) => {
    onAll = resolve;
  });
  const owner = {
    onAccepted: () => ++accepted === ROUND && onTaken(),
    onRefused: (_: ClientPacket, refusal: string) => {
      throw new Error(`the hub refuses: ${refusal}`);
    },
    onOutcome: (packet: ClientPacket, outcome: Outcome) => {
      const i = packet.bytes[0];
      if (told[i] !== undefined) repeated++;
      told[i] = outcome;
      if (--left === 0) onAll();
    },
  };
  const packets = Array.from({ length: ROUND }, (_, i) => new ClientPacket(Uint8Array.of(i), {}, owner));
  for (const packet of packets) peer.addPacket(packet);
  await taken;
  return { packets, outcomes: all.then(() => ({ outcomes: told, repeated })) };
}

void run();
