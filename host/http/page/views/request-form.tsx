/** Sends a request to a board, and shows what it answers. */
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { useOwnId } from "../shell/own-id.ts";
import { Badge } from "../shell/parts.tsx";

/** Of the standard firmware (interface: messages); a program of one's own has others. */
const known: Record<string, string> = {
  "l:info": "",
  "l:led": '{"on":true}',
  "l:read": '{"pin":"A0"}',
  "l:write": '{"pin":"B2","value":1}',
  "l:watch": '{"pin":"B3","edge":"both"}',
  "l:interval": '{"s":10}',
  "l:reboot": "",
};
/** A board that is away may come back by then. */
const TIMEOUT_S = 10;
/** What a person waits for an answer that the gateway itself gives up after TIMEOUT_S. */
const PATIENCE_MS = 20_000;

type Said =
  | { is: "nothing" }
  | { is: "asked" }
  | { is: "answer"; text: string }
  | { is: "fault"; text: string };

export function RequestForm({ id, desk }: { id: string; desk: Desk }) {
  const [type, setType] = useState("");
  const [data, setData] = useState("");
  const [said, setSaid] = useState<Said>({ is: "nothing" });
  const list = useOwnId();
  const send = async (event: Event) => {
    event.preventDefault();
    if (type.trim() === "l:reboot" && !(await desk.ask(rebootQuestion(id)))) return;
    setSaid({ is: "asked" });
    setSaid(await answerTo(desk, id, type.trim(), data));
  };
  return (
    <form class="run" onSubmit={(event) => void send(event)}>
      <fieldset>
        <label>
          Request
          <input
            required
            list={list}
            spellcheck={false}
            autocapitalize="off"
            placeholder="l:info"
            value={type}
            onInput={(event) => setType(event.currentTarget.value)}
          />
        </label>
        <datalist id={list}>
          {Object.keys(known).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <label class="data">
          With, as JSON
          <input
            spellcheck={false}
            autocapitalize="off"
            placeholder={known[type.trim()] ?? '{"on":true}'}
            value={data}
            onInput={(event) => setData(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={said.is === "asked"}>
          Send
        </button>
      </fieldset>
      <div role="status" class="answer">
        <Words said={said} />
      </div>
    </form>
  );
}

function Words({ said }: { said: Said }) {
  switch (said.is) {
    case "nothing":
      return null;
    case "asked":
      return <p class="quiet">Sent; waiting for the board, {TIMEOUT_S} s at most.</p>;
    case "fault":
      return <p class="bad">{said.text}</p>;
    case "answer":
      return (
        <p>
          <Badge look="good">answered</Badge> <code>{said.text}</code>
        </p>
      );
  }
}

async function answerTo(desk: Desk, id: string, ot: string, data: string): Promise<Said> {
  try {
    const path = `/api/v1/devices/${encodeURIComponent(id)}/requests?timeout=${TIMEOUT_S}`;
    const { err, ...reply } = await desk.call<{ err?: string }>(
      "POST",
      path,
      { ...fieldsOf(data), ot },
      PATIENCE_MS,
    );
    if (err !== undefined) return { is: "fault", text: `The board says: ${err}` };
    return { is: "answer", text: JSON.stringify(reply) };
  } catch (error) {
    return { is: "fault", text: (error as Error).message };
  }
}

function fieldsOf(data: string): object {
  if (data.trim() === "") return {};
  let fields: unknown;
  try {
    fields = JSON.parse(data);
  } catch (error) {
    throw new Error(`What goes with it is no JSON: ${(error as Error).message}`);
  }
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) return fields;
  throw new Error('What goes with it is no object: write {"name": value}');
}

const rebootQuestion = (id: string) => ({
  title: `Reboot ${id}?`,
  what: "The board begins anew with its program.",
  consequence: "What it holds in memory and has not sent is gone; messages may be missing.",
  action: "Reboot",
  isDangerous: true,
});
