/** The flasher's steps as people count them: what stops the board and makes room is part of the upload. */
import type { BoardAtPrompt, OnProgress } from "../../flash/flash.ts";
import type { Terminal } from "../process/terminal.ts";
import type { Report } from "./report.ts";

/** bytes: of the program. */
export function uploadSteps(
  report: Report,
  bytes: number,
  board: BoardAtPrompt,
  terminal: Terminal,
): OnProgress {
  const size = `${(bytes / 1024).toFixed(1)} KB`;
  let step = "backup";
  let backupNote = "";
  let startedAt = 0;
  return (name, done, total, note) => {
    if (step === "backup" && name !== "backup") {
      report.end(backupNote);
      report.begin("upload", size);
      step = "upload";
      startedAt = performance.now();
    }
    if (step === "upload" && (name === "verify" || name === "commit")) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const { baud } = board.prompt.conversation.wire;
      report.end(`100 % (${seconds} s${baud === board.baud ? "" : `, at ${baud} baud`})`);
      report.begin("verify");
      step = "verify";
    }
    if (name === "backup" && note !== "") backupNote = shortened(note, terminal);
    else if (note !== "") report.note(note);
    if (name === step) report.progress(done, total);
  };
}

/** A path below this folder, from here. */
export function shortened(path: string, { cwd }: Terminal): string {
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}
