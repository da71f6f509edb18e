/**
 * The examples as they are shipped, each a process: who speaks and who listens, sums with results and errors, clocks that the
 * controller gives tasks to, one of them killed with -9; and the echo in Python where there is one.
 */
import { spawnSync } from "node:child_process";
import { seededRandom } from "../../host/transports/random.ts";
import { hold } from "../proof.ts";
import { besideProgram, type House } from "./house.ts";
import type { Program } from "./program.ts";
import type { Speaker } from "./speaker.ts";

const SPEAKER_TURNS = 2;
const SUMS = 60;
const CLOCK_TURNS = 2;

const example = (file: string) => [process.execPath, besideProgram(`examples/${file}.mjs`)];
const hasPython =
  spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).status === 0;

export async function playExamples(house: House, speaker: Speaker, seed: number): Promise<string> {
  const [spoken, sums, times] = await Promise.all([
    speakAndListen(house, speaker),
    doSums(house, speaker, seededRandom(seed)),
    tellTime(house),
  ]);
  return `${spoken}; ${sums}; ${times}`;
}

/** COM2: what A says B prints, and tells in its status. */
async function speakAndListen(house: House, speaker: Speaker): Promise<string> {
  const listener = await house.start("example_listener", example("listener"), { creator: "listener-1" });
  const name = "example_echo";
  if (hasPython) await house.start(name, ["python3", besideProgram("python/echo.py")], { creator: "echo-1" });
  await untilThere(house, "example_listener");
  const asked = hasPython ? await untilEchoes(house, speaker) : [];
  const before = new Set([...speaker.published.keys(), ...asked]);
  const a = await house.start("example_speaker", example("speaker"), { creator: "speaker-1" });
  await house.until(
    () => a.lines("sent ").length >= SPEAKER_TURNS,
    () => "the speaker speaks",
  );
  await a.end("SIGTERM");
  const said = a.lines("sent ").length;
  const heard = () => listener.lines("Hello! It's a simple speaker.").length;
  await house.until(
    () => heard() === said,
    () => `the listener has heard ${said}: ${heard()}`,
  );
  await house.until(
    async () =>
      (await house.component("example_listener"))?.components[0]?.message ===
      "Processed message from speaker-1",
    () => "the listener's status tells whom it heard",
  );
  if (!hasPython) return `${said} messages spoken and heard (no Python 3.10 here)`;
  const ours = () => [...speaker.published.keys()].filter((id) => !before.has(id));
  const echoed = () =>
    ours().filter((id) => speaker.of(id, "result").some(({ creator }) => creator === "echo-1"));
  await house.until(
    () => echoed().length === said,
    () => `the echo in Python has answered ${said}: ${echoed().length}`,
  );
  return `${said} messages spoken, heard, and answered by an echo in Python`;
}

/** In Python the work, which asks for its tasks, begins after the component has said that it is there. -> what was asked meanwhile */
async function untilEchoes(house: House, speaker: Speaker): Promise<string[]> {
  const asked: string[] = [];
  await house.until(
    () => {
      asked.push(speaker.ask("example_simple", {}));
      return asked.some((id) => speaker.of(id, "result").some(({ creator }) => creator === "echo-1"));
    },
    () => `the echo in Python has answered one of ${asked.length}`,
  );
  return asked;
}

/** It says that its work has begun; with that it has asked for its tasks. */
function untilThere(house: House, name: string): Promise<void> {
  return house.until(
    async () => (await house.component(name))?.components.some(({ isDown }) => !isDown) === true,
    () => `${name} is there`,
  );
}

async function doSums(house: House, speaker: Speaker, random: () => number): Promise<string> {
  await house.start("example_calculator", example("calculator"), { creator: "calculator-1" });
  await untilThere(house, "example_calculator");
  const number = () => Math.floor(random() * 1000);
  const sums = Array.from({ length: SUMS }, (_, i) => {
    const sum = { first: number(), second: number(), action: "+*%"[i % 3] };
    return { ...sum, id: speaker.ask("example_calculator", sum) };
  });
  await house.until(
    () => sums.every(({ id }) => speaker.answers.has(id)),
    () => `${SUMS} sums are answered: ${sums.filter(({ id }) => speaker.answers.has(id)).length}`,
  );
  for (const { id, first, second, action } of sums) {
    const answers = speaker.answers.get(id)!.map(({ type, data }) => ({ type, ...data }));
    const expected =
      action === "%"
        ? { type: "error", code: 500, message: "unknown action %" }
        : { type: "result", answer: action === "+" ? first + second : first * second };
    const seen = JSON.stringify(answers);
    hold(seen === JSON.stringify([expected]), () => `${first} ${action} ${second}: ${seen}`);
    const state = (await house.task(id))?.state;
    hold(state === expected.type, () => `sum ${id} is told as ${state}, and was ${expected.type}`);
  }
  return `${SUMS} sums, a third of them errors`;
}

/** Two clocks and one who asks; then one clock is no more, and the other does it all. */
async function tellTime(house: House): Promise<string> {
  const clocks = await Promise.all(
    [1, 2].map((n) =>
      house.start("example_clock-reply", example("clock-reply"), {
        ...{ creator: `clock-${n}`, worksFor: "example_clock" },
      }),
    ),
  );
  await house.until(
    async () => (await house.hub()).counts.controller.example_clock.workers === 2,
    () => "two clocks are there",
  );
  const ask = await house.start("example_clock-ask", example("clock-ask"), { creator: "clock-ask-1" });
  await timesAre(house, ask, CLOCK_TURNS);
  await clocks[0].end("SIGKILL");
  const seen = ask.lines("Time is ").length;
  await timesAre(house, ask, seen + CLOCK_TURNS);
  await ask.end("SIGTERM");
  const { tasks } = (await house.client.get("api/v1/tasks?spec=example_clock&limit=1000")) as {
    tasks: { state: string; on: string }[];
  };
  const by = (clock: string) => tasks.filter(({ on }) => on === clock).length;
  hold(by("clock-1") > 0 && by("clock-2") > 0, () => `of two clocks one did all: ${JSON.stringify(tasks)}`);
  return `the time told ${ask.lines("Time is ").length} times by two clocks, one of them killed with -9`;
}

function timesAre(house: House, ask: Program, count: number): Promise<void> {
  const told = () => ask.lines("Time is ").length;
  return house.until(
    () => told() >= count,
    () => `the time was told ${count} times: ${told()}`,
  );
}
