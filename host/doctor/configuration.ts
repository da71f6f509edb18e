/** Whether the configuration can be read, and each port it names is there, by a name that stays (users 1, 2). */
import { stableNameAdvice } from "../transports/stable-name.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

const config = findings("config");
const port = findings("serial");

export async function checkConfiguration(machine: Machine): Promise<Finding[]> {
  const { configFault } = machine;
  if (configFault !== null)
    return [
      config.fail(
        `the configuration cannot be read, all else is checked with its defaults: ${configFault.message.replace(/\n\s*/g, "; ")}`,
        configFault.mend,
      ),
    ];
  const ports = machine.config.serial.filter(({ enabled }) => enabled);
  return Promise.all(ports.map(({ path }) => checkConfiguredPort(machine, path)));
}

async function checkConfiguredPort(machine: Machine, path: string): Promise<Finding> {
  if ((await machine.look(path)) === undefined) {
    const seen = `configured port ${path} is not there; the gateway waits for it`;
    return port.fail(
      seen,
      "bowline ports",
      "plug the board in, or write the name that is listed under serial:",
    );
  }
  const advice = await stableNameAdvice(path, machine.root);
  if (advice === "") return port.ok(`configured port ${path} is there`);
  const [seen, mend] = advice.split("; ");
  return port.warn(`configured port ${seen}`, `${mend} under serial: in bowline.yaml`);
}
