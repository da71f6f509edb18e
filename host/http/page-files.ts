/** The status page: four files, and the way its token leaves the address. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Access } from "./access.ts";
import { HttpFault } from "./fault.ts";
import type { Call } from "./routes.ts";

/** Tells the page that there was a token, and that it was none (page/feed.ts). */
const WRONG_TOKEN = "#wrong-token";

export class PageFiles {
  constructor(
    private readonly folder: string,
    private readonly access: Access,
  ) {}

  /**
   * A token in the address goes into a cookie, and the address without it is asked for: so it stays in no history.
   * Without a valid one the same page comes as 401 and says how to get one; it holds nothing but the looks.
   */
  async index({ request, response, url }: Call): Promise<void> {
    if (url.searchParams.has("token")) return this.signIn(request, response, url);
    const status = this.access.roleOf(request, url) === null ? 401 : 200;
    if (status === 401) response.setHeader("www-authenticate", 'Bearer realm="bowline"');
    await this.send(response, "index.html", "text/html; charset=utf-8", status);
  }

  script({ response }: Call): Promise<void> {
    return this.send(response, "page.js", "text/javascript; charset=utf-8");
  }

  /** What draws charts; asked for by a page that shows one. */
  plots({ response }: Call): Promise<void> {
    return this.send(response, "uplot.js", "text/javascript; charset=utf-8");
  }

  style({ response }: Call): Promise<void> {
    return this.send(response, "page.css", "text/css; charset=utf-8");
  }

  private signIn(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const cookie = this.access.cookieFor(request, url);
    if (cookie !== undefined) response.setHeader("set-cookie", cookie);
    response.writeHead(303, { location: cookie === undefined ? `/${WRONG_TOKEN}` : "/" }).end();
  }

  private async send(response: ServerResponse, name: string, type: string, status = 200): Promise<void> {
    const bytes = await this.read(name);
    response.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
  }

  private async read(name: string): Promise<Buffer> {
    try {
      return await readFile(join(this.folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const text = `sending the page: ${name} is not built; the API is there without it`;
      throw new HttpFault(503, "PAGE_NOT_BUILT", text, { mend: "npm run build" });
    }
  }
}
