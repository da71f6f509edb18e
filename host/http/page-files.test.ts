import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { control, read, ServerUnderTest } from "./testing/server-under-test.ts";

let pageDir: string;
let http: ServerUnderTest;

beforeEach(async () => {
  pageDir = await mkdtemp(join(tmpdir(), "bowline-files-"));
  await writeFile(join(pageDir, "index.html"), "<title>Bowline</title>");
  await writeFile(join(pageDir, "page.js"), "1;");
  await writeFile(join(pageDir, "uplot.js"), "2;");
  await writeFile(join(pageDir, "page.css"), "a {}");
  http = await new ServerUnderTest(new FakeGateway(), { pageDir }).start();
});
afterEach(async () => {
  await http.stop();
  await rm(pageDir, { recursive: true });
});

const load = (path: string, headers: Record<string, string> = {}) => http.fetch(path, { headers });

test.each([control, read])(
  "the token of the address goes into a cookie that opens page and API",
  async (token) => {
    const response = await load(`/?token=${token}`);
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    const cookie = `bowline-${http.port}=${token}`;
    expect(response.headers.get("set-cookie")).toBe(
      `${cookie}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000`,
    );
    expect((await load("/", { cookie })).status).toBe(200);
    expect((await load("/api/v1/devices", { cookie })).status).toBe(200);
  },
);

test("a wrong token leaves the address too, and sets no cookie", async () => {
  const response = await load("/?token=wrong");
  expect([response.status, response.headers.get("location")]).toEqual([303, "/#wrong-token"]);
  expect(response.headers.get("set-cookie")).toBeNull();
});

test("without a token the page comes as 401, so that it can say what to do", async () => {
  const response = await load("/");
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="bowline"');
  expect(await response.text()).toBe("<title>Bowline</title>");
});

test("the files of the page have their types", async () => {
  const types = await Promise.all(
    ["/", "/page.js", "/uplot.js", "/page.css"].map(async (path) =>
      (await load(path)).headers.get("content-type"),
    ),
  );
  expect(types).toEqual([
    "text/html; charset=utf-8",
    "text/javascript; charset=utf-8",
    "text/javascript; charset=utf-8",
    "text/css; charset=utf-8",
  ]);
});

test("a page that is not built says which command builds it", async () => {
  await rm(join(pageDir, "page.js"));
  const [status, body] = await http.get("/page.js");
  expect(status).toBe(503);
  expect(body.error).toMatchObject({ code: "PAGE_NOT_BUILT", mend: "npm run build" });
});

test.each(["/../../package.json", "/%2e%2e/package.json", "/page.js/", "//page.js", "/server.ts"])(
  "%s is no file of the page",
  async (path) => expect((await load(path)).status).toBe(404),
);
