/** The names that a certificate proves: its common name and its DNS names. */
import type { PeerCertificate } from "node:tls";

export function certificateNames({
  subject,
  subjectaltname = "",
}: Pick<PeerCertificate, "subject" | "subjectaltname">): string[] {
  const alternative = subjectaltname
    .split(", ")
    .filter((name) => name.startsWith("DNS:"))
    .map((name) => name.slice("DNS:".length));
  return [subject?.CN ?? [], ...alternative].flat();
}
