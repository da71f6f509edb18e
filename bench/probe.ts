/** A measurement that is no stream of messages: it runs whole in a process of its own and answers with figures. */
import { beginProfile, forkSelf } from "./child.ts";
import type { Effort } from "./runner.ts";

export type Probe<T = unknown> = (effort: Effort) => Promise<T>;

/** Runs the probe of that name in a child of this program. `T` is what it is known to answer. */
export function runProbe<T>(name: string, effort: Effort, execArgv: string[] = []): Promise<T> {
  const child = forkSelf(["--probe", name], execArgv);
  return new Promise((resolve, reject) => {
    let answer: { is: T } | undefined;
    child.once("message", (is) => {
      answer = { is: is as T };
      child.disconnect();
    });
    child.once("exit", (code) => {
      if (answer !== undefined) resolve(answer.is);
      else reject(new Error(`${name}: its process ended with ${code} and no answer`));
    });
    child.send(effort);
  });
}

/** The child's side. */
export async function serveProbe(probe: Probe): Promise<void> {
  const effort = await new Promise<Effort>((resolve) => process.once("message", resolve));
  const gone = new Promise((resolve) => process.once("disconnect", resolve));
  beginProfile();
  process.send!(await probe(effort));
  await gone;
}
