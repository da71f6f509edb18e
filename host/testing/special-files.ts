/** What is no file, in a folder of a test's own: stand-ins for the machine's devices, which no test may risk. */
import { spawnSync } from "node:child_process";

/** A pipe with a name, which every user may make. */
export function makePipe(path: string): void {
  make("mkfifo", [path]);
}

/** A socket that nobody listens at. */
export function makeSocket(path: string): void {
  const bind = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", bind, path]);
}

function make(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
