/** Port to where IDL text comes from. */
export interface SourceReader {
  /**
   * The content of a file, or undefined when there is no such file. Text, or octets in UTF-8 or
   * ISO 8859-1.
   */
  read(path: string): string | Uint8Array | undefined;
}

/** Octets to text: UTF-8 where they are valid UTF-8, else ISO 8859-1 (the character set of IDL). */
export function decodeSource(content: string | Uint8Array): string {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  }
}

/** Reads from a record of texts by path. */
export function memoryReader(files: Readonly<Record<string, string | Uint8Array>>): SourceReader {
  const byPath = new Map(Object.entries(files));
  return { read: (path) => byPath.get(path) };
}
