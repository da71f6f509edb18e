/** Secrets of webhooks: what is a key, and what is refused before anything is signed with it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { readWebhookKey } from "./webhook-secret.ts";

const folder = folderForEach("webhook-secret");

function read(text: string): Buffer {
  const path = join(folder(), "secret");
  writeFileSync(path, text, { mode: 0o600 });
  return readWebhookKey("webhooks.0.secretFile", path);
}

const base64 = (bytes: number) => Buffer.alloc(bytes, 0xfb).toString("base64");

test.each([24, 25, 26, 64])("base64 of %i bytes after whsec_ is those bytes, padded or not", (bytes) => {
  expect(read(`whsec_${base64(bytes)}\n`)).toEqual(Buffer.alloc(bytes, 0xfb));
  expect(read(`whsec_${base64(bytes).replace(/=+$/, "")}`)).toEqual(Buffer.alloc(bytes, 0xfb));
});

test("a plain secret is its own bytes, of 24 on", () => {
  expect(read("a secret of 24 bytes, so\n").toString()).toBe("a secret of 24 bytes, so");
  expect(read("x".repeat(200))).toHaveLength(200);
});

test.each([
  ["whsec_", "a secret of 0 bytes after whsec_"],
  [`whsec_${base64(23)}`, "a secret of 23 bytes after whsec_"],
  [`whsec_${base64(65)}`, "a secret of 65 bytes after whsec_"],
  ["whsec_not base64, but rather long", "what follows whsec_ is no base64"],
  [`whsec_${base64(24)}A`, "what follows whsec_ is no base64"],
  [`whsec_${Buffer.alloc(24, 0xfb).toString("base64url")}`, "what follows whsec_ is no base64"],
])("%s is refused: %s", (text, seen) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: "FILE_UNREADABLE",
      message: `webhooks.0.secretFile: reading ${join(folder(), "secret")}: ${seen}; expected whsec_ and base64 of 24 to 64 bytes`,
      mend: `echo "whsec_$(openssl rand -base64 32)" > ${join(folder(), "secret")}`,
    }),
  );
});

test("a plain secret that is too short is refused without a word of it", () => {
  expect(() => read("seventeen letters")).toThrow(
    `webhooks.0.secretFile: reading ${join(folder(), "secret")}: a secret of 17 bytes; expected at least 24, or whsec_ and base64`,
  );
});
