import type { AddressProbe, Finding, ReferenceProbe } from "../probe/index.ts";

function findingLines(label: string, { what, mend }: Finding): string[] {
  return [`  ${label}: ${what}`, ...(mend === "" ? [] : [`    usually mended: ${mend}`])];
}

function placeText({ host, port, path, url }: AddressProbe): string {
  if (path !== undefined) return `unix:${path} on ${host}`;
  return url ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
}

function addressLines(probe: AddressProbe): string[] {
  const { from, steps, finding, notes } = probe;
  const isWell = finding.code === "reached" || finding.code === "forwarded";
  return [
    `probe of ${placeText(probe)} (${from})`,
    ...steps.map((step) => `  ${step}`),
    ...findingLines(isWell ? finding.code : `fault ${finding.code}`, finding),
    ...notes.flatMap((note) => findingLines(`note ${note.code}`, note)),
  ];
}

/** What was found at the addresses of a reference, as lines for people. */
export function probeLines({ addresses, forwarded, isReached }: ReferenceProbe): string[] {
  const lines = addresses.flatMap(addressLines);
  if (addresses.length === 0) lines.push("probe: the reference has no address");
  if (forwarded !== undefined)
    return [...lines, "where clients are sent:", ...probeLines(forwarded)];
  return [...lines, isReached ? "the object is reached" : "the object is not reached"];
}
