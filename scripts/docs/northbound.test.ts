/** docs/northbound.md: a broker, a gateway that hands on to it, and a board that is asked over it. */
import { spawnSync } from "node:child_process";
import { expect } from "vitest";
import { until } from "../../host/platform/testing/until.ts";
import { walkPage } from "./walk.ts";

const path = `${process.env.PATH}:/usr/sbin`;
const missing = ["mosquitto", "mosquitto_sub", "mosquitto_pub", "openssl"].filter(
  (program) => spawnSync("sh", ["-c", `command -v ${program}`], { env: { PATH: path } }).status !== 0,
);

await walkPage("docs/northbound.md", {
  needs: missing.length > 0 ? "sudo apt-get install mosquitto mosquitto-clients openssl" : undefined,
  ports: ["1883"],
  env: { PATH: path },
  staying: /^mosquitto(_sub)? /,
  instead: [
    [
      /^mosquitto_pub /,
      async (walk, command) => {
        const { shell, here } = walk.at("");
        const listening = shell.type(here("mosquitto_sub -p 1883 -t bowline/kitchen/sim-1/reply -C 1"));
        // Who listens too late hears nothing: it is the same request, by its key.
        let answer: string | undefined;
        void listening.then(({ printed }) => {
          answer = printed;
        });
        await until(async () => {
          await walk.type(command);
          return answer !== undefined;
        });
        expect(JSON.parse(answer!)).toMatchObject({ on: true, key: "led-2026-11-27" });
      },
    ],
  ],
});
