import { type Check, text } from "./checks.ts";

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\],]+)`;
/** 0 to 65535. */
const PORT = String.raw`(?:6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|\d{1,4})`;

export const host: Check<string> = text("name or IP address", /^[^\s/]+$/, "127.0.0.1");
export const hostPort: Check<string> = text(
  "`HOST:PORT`",
  new RegExp(`^${HOST}:${PORT}$`),
  "127.0.0.1:7400",
);
/** Where a peer's three services listen. */
export const hostPorts: Check<string> = text(
  "`HOST:PORT,PORT,PORT`",
  new RegExp(`^${HOST}:${PORT},${PORT},${PORT}$`),
  "10.0.0.1:7400,7401,7402",
);
