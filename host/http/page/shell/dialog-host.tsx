/** Asks a person before something is done. Esc is no; afterwards focus is where it was. */
import { useEffect, useRef } from "preact/hooks";
import type { OpenQuestion } from "../desk.ts";

const YES = "yes";

export function DialogHost({ question }: { question: OpenQuestion | null }) {
  return question === null ? null : <Dialog key={question.id} question={question} />;
}

function Dialog({ question }: { question: OpenQuestion }) {
  const box = useRef<HTMLDialogElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  const { title, what, consequence, action, isDangerous = false } = question;
  useEffect(() => {
    box.current!.showModal();
    // What does harm is not done by an Enter that was meant for something else.
    if (isDangerous) cancel.current!.focus();
  }, [isDangerous]);
  return (
    <dialog
      ref={box}
      aria-labelledby="ask-title"
      aria-describedby="ask-what"
      onClose={() => question.answer(box.current!.returnValue === YES)}
    >
      <h2 id="ask-title">{title}</h2>
      <div id="ask-what">
        <p>{what}</p>
        <p class="quiet">{consequence}</p>
      </div>
      <div class="buttons">
        <button
          type="button"
          class={isDangerous ? "danger" : "primary"}
          onClick={() => box.current!.close(YES)}
        >
          {action}
        </button>
        <button type="button" ref={cancel} onClick={() => box.current!.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
