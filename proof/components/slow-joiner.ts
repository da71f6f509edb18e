/** Tasks before there is anybody to do them: they wait, those whose time is over are given to nobody, and their order stays. */
import { hold } from "../proof.ts";
import { besideProgram, type House } from "./house.ts";
import { Ledger } from "./ledger.ts";
import type { Speaker } from "./speaker.ts";

const WAITING = 40;
/** ms that those have which nobody does in time. */
const SHORT_MS = 50;

export async function playSlowJoiner(house: House, speaker: Speaker): Promise<string> {
  const work = { ms: 1, how: "heeds" };
  const waiting = Array.from({ length: WAITING }, (_, i) => speaker.ask("proof_work", { i, ...work }));
  const late = Array.from({ length: WAITING / 2 }, (_, i) =>
    speaker.ask("proof_work", { i, ...work }, { expires_at: Date.now() + SHORT_MS }),
  );
  const stateOf = async (id: string) => (await house.task(id))?.state;
  for (const id of late)
    await house.until(
      async () => (await stateOf(id)) === "expired",
      () => `task ${id} expires while it waits`,
    );
  for (const id of waiting) hold((await stateOf(id)) === "queued", () => `task ${id} does not wait`);
  const ledger = new Ledger(house.folder);
  const worker = await house.start("proof_worker", [process.execPath, besideProgram("proof/worker.mjs")], {
    ...{ creator: "late-worker", worksFor: "proof_work", ledger: ledger.open() },
  });
  const done = () => waiting.filter((id) => speaker.of(id, "result").length > 0).length;
  await house.until(
    () => done() === WAITING,
    () => `those that waited are done: ${done()} of ${WAITING}`,
  );
  await worker.end("SIGTERM");
  await ledger.read();
  const order = [...ledger.begun.keys()];
  hold(order.join() === waiting.join(), () => `given in another order: ${order}\nthan asked: ${waiting}`);
  for (const id of waiting)
    hold(ledger.begun.get(id)!.length === 1 && speaker.answers.get(id)!.length === 1, () => `twice: ${id}`);
  for (const id of late)
    hold(speaker.of(id, "error").length === 1, () => `task ${id} expired, and nobody was told once`);
  return `${WAITING} tasks waited for their first worker, ${late.length} expired meanwhile`;
}
