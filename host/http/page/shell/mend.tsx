/** What is to be done, in words, with each command in a box of its own. */
import { mendParts } from "../mend.ts";
import { Command } from "./parts.tsx";

/** Is written small, wherever it stands. */
const SETTING = /^[a-z]+(\[\])?\.[a-z]/i;

export function Mend({ text }: { text: string }) {
  return (
    <div class="mend">
      {mendParts(text).map((part) =>
        part.isCommand ? (
          <Command key={part.text} text={part.text} />
        ) : (
          <p key={part.text} class={SETTING.test(part.text) ? "" : "mend-words"}>
            {part.text}
          </p>
        ),
      )}
    </div>
  );
}
