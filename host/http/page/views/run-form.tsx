/** Runs a task. */
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";

interface Said {
  text: string;
  isFault: boolean;
}

export function RunForm({ desk }: { desk: Desk }) {
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
      <fieldset>
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
        <button type="submit" class="primary">
          Run
        </button>
      </fieldset>
      <p role="status" class={said.isFault ? "run-said warn" : "run-said quiet"}>
        {said.text}
      </p>
    </form>
  );
}
