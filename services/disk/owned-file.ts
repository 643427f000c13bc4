import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { checkLmdbFile } from "./lmdb-file.ts";

/** Key of a record. */
export type Key = string | (string | number)[];

/** What a file holds, record by record. */
export type Records = RootDatabase<Buffer, Key>;

/** Who opened it last: the one before may write no more. */
const OWNER_KEY = "owner";

/** An error of the kind that the store has. */
type Fault = (message: string, options?: ErrorOptions) => Error;

/** Ids and names of any length as keys of one length. */
export function hashed(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * A file of LMDB that one process at a time writes to. A change is one transaction, so that a crash leaves all of it or
 * nothing; it is safe when it is synchronised to the disk, which several share.
 */
export class OwnedFile {
  readonly path: string;
  readonly records: Records;
  readonly #owner: string = randomBytes(12).toString("base64url");
  readonly #fault: Fault;

  private constructor(path: string, records: Records, fault: Fault) {
    this.path = path;
    this.records = records;
    this.#fault = fault;
  }

  /**
   * @param folder made when it is not there
   * @throws the store's error, which says why the file cannot be opened
   */
  static open(folder: string, name: string, fault: Fault): OwnedFile {
    const path = join(folder, name);
    try {
      return OwnedFile.#open(folder, path, fault);
    } catch (cause) {
      throw fault(`the store ${path} cannot be opened: ${textOf(cause)}`, { cause });
    }
  }

  static #open(folder: string, path: string, fault: Fault): OwnedFile {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    else if (existsSync(path)) checkLmdbFile(path);
    const records = open<Buffer, Key>({
      path,
      noSubdir: true,
      encoding: "binary",
      // A write ends after the disk has it, not before.
      overlappingSync: false,
    });
    return new OwnedFile(path, records, fault);
  }

  /** From now on it is this one's. */
  async take(): Promise<void> {
    await this.records.put(OWNER_KEY, Buffer.from(this.#owner));
  }

  /** Settled when the change is on the disk. @throws the store's error when another process has taken it */
  async write(change: () => void): Promise<void> {
    await this.records.transaction(() => {
      if (this.records.get(OWNER_KEY)?.toString() !== this.#owner)
        throw this.#fault(`the store ${this.path} was opened by another process`);
      change();
    });
    await this.records.flushed;
  }

  async close(): Promise<void> {
    await this.records.close();
  }
}
