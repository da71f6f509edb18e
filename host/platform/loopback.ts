/** Whether a host, given as an address or as `localhost`, is this machine and nobody else can reach it there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
