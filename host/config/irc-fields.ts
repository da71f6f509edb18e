/** The kinds of values that only the section irc has: names on IRC, addresses and keys of IRC-IoT. */
import { z } from "zod";

/** RFC 2812, without the two channel kinds that no route can use; a comma or a blank would be more than one name. */
export const channel = () =>
  z
    .string()
    .regex(
      /^[#&][^\s,:\p{Cc}]{1,49}$/u,
      "takes # or & and 1 to 49 more characters, no blank, comma or colon",
    );

export const nick = () =>
  z
    .string()
    .regex(
      /^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]{0,29}$/,
      "takes 1 to 30 letters, digits and []\\`_^{|}-, no digit first",
    );

/** IRC-IoT spec 600, as strictly as we write them ourselves; at most one @ in each part. */
export const address = () =>
  z
    .string()
    .regex(
      /^(?=.{1,128}$)[A-Za-z0-9._-]*(@[A-Za-z0-9._-]+)?(\/[A-Za-z0-9._-]+(@[A-Za-z0-9._-]+)?)*$/,
      "takes an address like bowline@kitchen: letters, digits, dots, dashes and underscores",
    );

export const account = () =>
  z.string().regex(/^[^\s\p{Cc}]{1,64}$/u, "takes 1 to 64 characters without a blank");

/** A certificate's SHA-256 (64 digits) or SHA-1 or SHA-512, as WHOIS tells it, or as openssl does, with colons. */
export const fingerprint = () =>
  z
    .string()
    .regex(
      /^([0-9A-Fa-f]{2}(:?)[0-9A-Fa-f]{2}(\2[0-9A-Fa-f]{2}){18}((\2[0-9A-Fa-f]{2}){12}((\2[0-9A-Fa-f]{2}){32})?)?)$/,
      "takes 40, 64 or 128 hexadecimal digits, or pairs of them with colons between",
    );

/** Of Ed25519, as bowline irc key prints it. */
export const publicKey = () => z.string().regex(/^[0-9A-Fa-f]{64}$/, "takes 64 hexadecimal digits");

/** A name in which * stands for any letters. */
export const pattern = (what: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9._:*/-]{1,127}$/,
      "takes 1 to 127 letters, digits, dots, dashes, underscores, colons, slashes and *",
    )
    .describe(what);
