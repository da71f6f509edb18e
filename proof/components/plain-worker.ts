/**
 * A worker of plain libzmq sockets, which behaves as the original components do: on a kill of what it does it gives that up
 * and begins anew with fresh sockets; nobody tells the hub that it has.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { Pull, Push, Subscriber } from "zeromq";
import { decodeMessage, encodeMessage } from "../../host/monique/body.ts";
import { formatData, readData } from "../../host/monique/data.ts";
import { isFault } from "../../host/monique/fault.ts";
import { drawId } from "../../host/monique/id.ts";
import { readKill } from "../../host/monique/kill.ts";
import type { Message } from "../../host/monique/message.ts";
import { formatTag } from "../../host/monique/tag.ts";

const { deploy, params } = JSON.parse(readFileSync(process.argv[3], "utf8"));
const { creator, port, ledger } = params["proof_plain-worker"];
const places = deploy.monique;
const at = (n: number) => `tcp://127.0.0.1:${n}`;

/** What it does now, and how that is given up. */
let current = "";
let stop = () => {};

void hearKills();
for (;;) await doTasks();

async function hearKills(): Promise<void> {
  const tech = new Subscriber();
  tech.connect(at(places["scheduler-out"].techport));
  tech.subscribe("");
  for await (const [, body] of tech) {
    const message = decodeMessage(body);
    if (isFault(message) || message.spec !== "kill") continue;
    if (readKill(message) === current) stop();
  }
}

/** With fresh sockets, until it is killed. */
async function doTasks(): Promise<void> {
  const tasks = new Pull();
  const out = new Push({ linger: 1000 });
  out.connect(at(places["scheduler-in"].comport));
  tasks.connect(at(port));
  for (let isKilled = false; !isKilled; ) {
    const [, body] = await tasks.receive();
    const task = decodeMessage(body);
    if (isFault(task)) throw new Error(task.text);
    isKilled = !(await doTask(task));
    if (!isKilled) await out.send(answerOf(task) as Buffer[]);
    current = "";
  }
  tasks.close();
  out.close();
}

/** False: it was killed. */
function doTask(task: Message): Promise<boolean> {
  const { ms } = contentOf(task) as { ms: number };
  current = task.id;
  appendFileSync(ledger, `begin ${task.id}\n`);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      appendFileSync(ledger, `end ${task.id}\n`);
      resolve(true);
    }, ms);
    stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
  });
}

function answerOf(task: Message): Uint8Array[] {
  const { i } = contentOf(task) as { i: number };
  const { id: pid, spec, encoding } = task;
  const message: Message = {
    ...{ id: drawId(), pid, creator, created_at: Date.now(), expires_at: 0, spec, encoding, type: "result" },
    data: formatData({ i }),
  };
  return [formatTag(message), encodeMessage(message)];
}

function contentOf(task: Message): unknown {
  const read = readData(task);
  if (isFault(read)) throw new Error(read.text);
  return read.value;
}
