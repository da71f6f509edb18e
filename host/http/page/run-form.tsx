/** Runs a task; who may only look sees it disabled, and why. */
import { useState } from "preact/hooks";
import type { WorkDesk } from "./work-desk.ts";

interface Said {
  text: string;
  isFault: boolean;
}

export function RunForm({ desk, isControl }: { desk: WorkDesk; isControl: boolean }) {
  const [spec, setSpec] = useState("");
  const [data, setData] = useState("");
  const [said, setSaid] = useState<Said>({ text: "", isFault: false });
  const run = async (event: Event) => {
    event.preventDefault();
    try {
      const { id } = await desk.run(spec.trim(), data);
      setSaid({ text: `handed over as ${id}`, isFault: false });
    } catch (error) {
      setSaid({ text: (error as Error).message, isFault: true });
    }
  };
  return (
    <form class="run" onSubmit={run}>
      <fieldset disabled={!isControl}>
        <label>
          What
          <input
            required
            spellcheck={false}
            autocapitalize="off"
            placeholder="example_calculator"
            value={spec}
            onInput={(event) => setSpec(event.currentTarget.value)}
          />
        </label>
        <label class="data">
          With, as JSON
          <input
            spellcheck={false}
            autocapitalize="off"
            placeholder='{"first":12,"second":42,"action":"+"}'
            value={data}
            onInput={(event) => setData(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Run</button>
      </fieldset>
      <p role="status" class={said.isFault ? "run-said warn" : "run-said quiet"}>
        {isControl ? said.text : "The token of this page may only look: run and kill need the control token."}
      </p>
    </form>
  );
}
