/** The Python that components are tried with. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Components find the library, and leave nothing in its folder. */
export const pythonEnvironment = {
  ...process.env,
  PYTHONPATH: fileURLToPath(new URL("../python/", import.meta.url)),
  PYTHONDONTWRITEBYTECODE: "1",
};

export const isPythonThere =
  spawnSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 10)"]).status === 0;
