/** The Python that the session's client is tried with. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const clientFolder = fileURLToPath(new URL("../", import.meta.url));

/** Programs find the client, and leave nothing in its folder. */
export const clientEnvironment = {
  PATH: process.env.PATH ?? "",
  PYTHONPATH: clientFolder,
  PYTHONDONTWRITEBYTECODE: "1",
};

export const isPythonThere =
  spawnSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 9)"]).status === 0;
