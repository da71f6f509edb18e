/** A button that copies a text, also where the browser lets a page reach the clipboard only through a selection. */
import { useEffect, useRef, useState } from "preact/hooks";

/** How long it says that it did. */
const SAID_MS = 2000;

export function Copy({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    setSaid((await isCopied(text)) ? "Copied" : "Select it and copy");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(""), SAID_MS);
  };
  return (
    <button type="button" class="copy" aria-label={`Copy ${text}`} onClick={() => void copy()}>
      <span aria-live="polite">{said === "" ? "Copy" : said}</span>
    </button>
  );
}

async function isCopied(text: string): Promise<boolean> {
  // Only a page of https or of this machine has a clipboard.
  if (navigator.clipboard === undefined) return isCopiedBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return isCopiedBySelection(text); // not allowed to
  }
}

function isCopiedBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone;
}
