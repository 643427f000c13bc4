import type { AddressProbe, Finding, ReferenceProbe } from "../probe/index.ts";

function findingLines(label: string, { what, mend }: Finding): string[] {
  return [`  ${label}: ${what}`, ...(mend === "" ? [] : [`    usually mended: ${mend}`])];
}

function addressLines({ host, port, from, steps, finding, notes }: AddressProbe): string[] {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const isWell = finding.code === "reached" || finding.code === "forwarded";
  return [
    `probe of ${address} (${from})`,
    ...steps.map((step) => `  ${step}`),
    ...findingLines(isWell ? finding.code : `fault ${finding.code}`, finding),
    ...notes.flatMap((note) => findingLines(`note ${note.code}`, note)),
  ];
}

/** What was found at the addresses of a reference, as lines for people. */
export function probeLines({ addresses, forwarded, isReached }: ReferenceProbe): string[] {
  const lines = addresses.flatMap(addressLines);
  if (addresses.length === 0) lines.push("probe: the reference has no profile of TCP");
  if (forwarded !== undefined)
    return [...lines, "where clients are sent:", ...probeLines(forwarded)];
  return [...lines, isReached ? "the object is reached" : "the object is not reached"];
}
