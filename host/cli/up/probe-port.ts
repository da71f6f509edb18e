/** Whether a port can be listened on, before anything is started that would have to be stopped again. */
import { createServer } from "node:net";
import { type ListenPlace, listenError } from "../../transports/listen-error.ts";

/** Rejects as listening on it for good would. */
export async function probePort(place: ListenPlace): Promise<void> {
  if (place.port === 0) return;
  const server = createServer();
  const failure = await new Promise<Error | undefined>((resolve) => {
    server.once("error", resolve).listen(place.port, place.host, () => resolve(undefined));
  });
  if (failure) throw await listenError(failure, place);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
