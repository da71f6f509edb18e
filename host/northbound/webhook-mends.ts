/** What may help when a webhook's server is away, answers no 2xx, or speaks otherwise than its address says. */

/** OpenSSL's words for an answer that is no TLS, and Node's for none: the server hangs up over ours at times. */
const NO_TLS =
  /wrong version number|packet length too long|http request|unknown protocol|socket disconnected before secure/i;
/** OpenSSL's for TLS that ends before anything is said: no version, no cipher, no certificate of ours that it takes. */
const NO_TERMS = /\bEPROTO\b|\balert\b/;
const NO_HTTP = /^HPE_|Parse Error/;
/** Of a certificate: whose it is, until when, for whom. */
const CERTIFICATE = /certificate|ERR_TLS_CERT|self.signed/i;

export interface Trouble {
  /** Of the answer; 0: there was none. */
  status: number;
  /** Where a redirection leads, as it was said; "": nowhere. */
  location: string;
  /** Node's code and words for why there was no answer. */
  said: string;
}

/** `url`: where it posts to. Nothing that may be a secret of its path is told. */
export function mendOf(url: URL, { status, location, said }: Trouble): string {
  if (status === 401 || status === 403)
    return "webhooks[].tokenFile, webhooks[].secretFile: as the server has them";
  if ([404, 405, 410].includes(status)) return "webhooks[].url: where it takes what is posted";
  if (status >= 300 && status < 400)
    return `webhooks[].url: where it redirects to${placeOf(location, url)}, which is not followed`;
  if (status >= 100 && status < 200)
    return "webhooks[].url: of what takes webhooks; what answers there changes to another protocol";
  return status > 0 ? trial(url) : mendOfSilence(url, said);
}

function mendOfSilence(url: URL, said: string): string {
  const { protocol, hostname, host, port } = url;
  const at = `${hostname.replace(/^\[|\]$/g, "")} ${port || (protocol === "https:" ? 443 : 80)}`;
  if (protocol === "https:" && NO_TLS.test(said))
    return `webhooks[].url: http://${host} in place of https://, for no TLS is spoken there; or the port that has it`;
  if (protocol === "https:" && NO_TERMS.test(said))
    return `webhooks[].tls.cert, webhooks[].tls.key: as the server wants them; openssl s_client -connect ${hostname}:${port || 443}`;
  if (CERTIFICATE.test(said))
    return "webhooks[].tls.ca: the authority of its certificate; webhooks[].url: by a name that is in it";
  if (NO_HTTP.test(said) || (protocol === "http:" && /ECONNRESET|socket hang up/.test(said)))
    return `webhooks[].url: https:// in place of http://, if TLS is spoken there; ${trial(url)}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(said))
    return `webhooks[].url: a name that is known; getent hosts ${hostname}`;
  if (/ECONNREFUSED/.test(said))
    return `webhooks[].url: its port; or start what listens there, on its machine: nc -z -v ${at}`;
  if (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/.test(said)) return `webhooks[].url: its address; nc -z -v ${at}`;
  if (said.includes("webhooks[].timeoutS"))
    return `webhooks[].timeoutS: more, if it takes so long; ${trial(url)}`;
  return trial(url);
}

const trial = ({ origin }: URL) => `curl -i -d '{}' ${origin}`;

/** Without its query and who logs in, which may be secrets of theirs; "": it says none that can be read. */
function placeOf(location: string, url: URL): string {
  if (location === "" || !URL.canParse(location, url.href)) return "";
  const { origin, pathname, protocol } = new URL(location, url.href);
  return /^https?:$/.test(protocol) ? `, ${origin}${pathname}` : "";
}
