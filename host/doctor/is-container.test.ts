import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "../transports/fake-root.ts";
import { isContainer } from "./is-container.ts";

afterEach(removeFakeRoots);

test.each([
  ["Docker", { ".dockerenv": "" }, true],
  ["Podman", { "run/.containerenv": "" }, true],
  ["LXC", { "run/systemd/container": "lxc\n" }, true],
  ["no container", { "etc/hostname": "pi" }, false],
])("%s", async (_, files, expected) => {
  expect(await isContainer({ root: await fakeRoot(files) })).toBe(expected);
});
