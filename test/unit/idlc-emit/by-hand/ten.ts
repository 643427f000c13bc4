import {
  type CdrInput,
  type CdrOutput,
  type InterfaceDescriptor,
  invoke,
  type InvokeOptions,
  narrow,
  ObjectReference,
  type Operation,
  type Raises,
  readEnum,
  readObjectAs,
  readSequence,
  Servant,
  uncheckedNarrow,
  UserException,
  writeEnum,
  writeObject,
  writeSequence,
} from "orbweaver/orb/generated";

// Ten.idl as someone writes it who knows the runtime: types, codecs, a client class and a base for servants.

export interface Reading {
  readonly sensor: string;
  readonly value: number;
  readonly at: bigint;
}

function writeReading(out: CdrOutput, v: Reading): void {
  out.string(v.sensor);
  out.double(v.value);
  out.ulonglong(v.at);
}

function readReading(input: CdrInput): Reading {
  return { sensor: input.string(), value: input.double(), at: input.ulonglong() };
}

const GRADES = ["info", "warning", "alarm"] as const;
export type Grade = (typeof GRADES)[number];

export class NoSensor extends UserException {
  override readonly repositoryId: string = "IDL:Ten/NoSensor:1.0";
  readonly sensor: string;

  constructor(sensor: string) {
    super(sensor);
    this.sensor = sensor;
  }
}

const noSensor: Raises = {
  type: { repositoryId: "IDL:Ten/NoSensor:1.0" },
  write: (out, exception) => out.string((exception as NoSensor).sensor),
  read: (input) => new NoSensor(input.string()),
};

export class Busy extends UserException {
  override readonly repositoryId: string = "IDL:Ten/Busy:1.0";
}

const busy: Raises = {
  type: { repositoryId: "IDL:Ten/Busy:1.0" },
  write: () => undefined,
  read: () => new Busy(),
};

export interface Average {
  readonly result: number;
  readonly mean: number;
}

const name: Operation<StationServant, readonly [], string> = {
  name: "name",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: (out, r) => out.string(r),
  readResult: (input) => input.string(),
  upcall: (servant) => servant.name(),
};

const rename: Operation<StationServant, readonly [string], void> = {
  name: "rename",
  writeArguments: (out, [to]) => out.string(to),
  readArguments: (input) => [input.string()],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: (servant, [to]) => servant.rename(to),
};

const count: Operation<StationServant, readonly [], number> = {
  name: "count",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: (out, r) => out.ulong(r),
  readResult: (input) => input.ulong(),
  upcall: (servant) => servant.count(),
};

const latest: Operation<StationServant, readonly [string], Reading> = {
  name: "latest",
  writeArguments: (out, [sensor]) => out.string(sensor),
  readArguments: (input) => [input.string()],
  writeResult: writeReading,
  readResult: readReading,
  upcall: (servant, [sensor]) => servant.latest(sensor),
  raises: () => [noSensor],
};

const since: Operation<StationServant, readonly [bigint, number], readonly Reading[]> = {
  name: "since",
  writeArguments: (out, [at, limit]) => {
    out.ulonglong(at);
    out.ulong(limit);
  },
  readArguments: (input) => [input.ulonglong(), input.ulong()],
  writeResult: (out, r) => writeSequence(out, r, writeReading),
  readResult: (input) => readSequence(input, 20, readReading),
  upcall: (servant, [at, limit]) => servant.since(at, limit),
  raises: () => [busy],
};

const store: Operation<StationServant, readonly [readonly Reading[]], void> = {
  name: "store",
  writeArguments: (out, [list]) => writeSequence(out, list, writeReading),
  readArguments: (input) => [readSequence(input, 20, readReading)],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: (servant, [list]) => servant.store(list),
};

const average: Operation<StationServant, readonly [string], Average> = {
  name: "average",
  writeArguments: (out, [sensor]) => out.string(sensor),
  readArguments: (input) => [input.string()],
  writeResult: (out, { result, mean }) => {
    out.long(result);
    out.double(mean);
  },
  readResult: (input) => ({ result: input.long(), mean: input.double() }),
  upcall: (servant, [sensor]) => servant.average(sensor),
  raises: () => [noSensor, busy],
};

const level: Operation<StationServant, readonly [string], Grade> = {
  name: "level",
  writeArguments: (out, [sensor]) => out.string(sensor),
  readArguments: (input) => [input.string()],
  writeResult: (out, r) => writeEnum(out, GRADES, r),
  readResult: (input) => readEnum(input, GRADES),
  upcall: (servant, [sensor]) => servant.level(sensor),
  raises: () => [noSensor],
};

const watch: Operation<StationServant, readonly [Station | null, Grade], void> = {
  name: "watch",
  writeArguments: (out, [peer, from]) => {
    writeObject(out, peer);
    writeEnum(out, GRADES, from);
  },
  readArguments: (input) => [readObjectAs(input, Station), readEnum(input, GRADES)],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: (servant, [peer, from]) => servant.watch(peer, from),
};

const ping: Operation<StationServant, readonly [number], void> = {
  name: "ping",
  oneway: true,
  writeArguments: (out, [token]) => out.long(token),
  readArguments: (input) => [input.long()],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: (servant, [token]) => servant.ping(token),
};

const DESCRIPTOR: InterfaceDescriptor = {
  repositoryId: "IDL:Ten/Station:1.0",
  name: "Ten::Station",
  bases: () => [],
  operations: [name, rename, count, latest, since, store, average, level, watch, ping],
};

export class Station extends ObjectReference {
  static narrow(ref: ObjectReference | null): Promise<Station | null> {
    return narrow(ref, DESCRIPTOR, Station);
  }

  name(options?: InvokeOptions): Promise<string> {
    return invoke(this, name, [], options);
  }

  rename(to: string, options?: InvokeOptions): Promise<void> {
    return invoke(this, rename, [to], options);
  }

  count(options?: InvokeOptions): Promise<number> {
    return invoke(this, count, [], options);
  }

  latest(sensor: string, options?: InvokeOptions): Promise<Reading> {
    return invoke(this, latest, [sensor], options);
  }

  since(at: bigint, limit: number, options?: InvokeOptions): Promise<readonly Reading[]> {
    return invoke(this, since, [at, limit], options);
  }

  store(list: readonly Reading[], options?: InvokeOptions): Promise<void> {
    return invoke(this, store, [list], options);
  }

  average(sensor: string, options?: InvokeOptions): Promise<Average> {
    return invoke(this, average, [sensor], options);
  }

  level(sensor: string, options?: InvokeOptions): Promise<Grade> {
    return invoke(this, level, [sensor], options);
  }

  watch(peer: Station | null, from: Grade, options?: InvokeOptions): Promise<void> {
    return invoke(this, watch, [peer, from], options);
  }

  ping(token: number, options?: InvokeOptions): Promise<void> {
    return invoke(this, ping, [token], options);
  }
}

export abstract class StationServant extends Servant {
  get _descriptor(): InterfaceDescriptor {
    return DESCRIPTOR;
  }

  _this(): Station {
    return uncheckedNarrow(this._reference(), Station);
  }

  abstract name(): string | Promise<string>;
  abstract rename(to: string): void | Promise<void>;
  abstract count(): number | Promise<number>;
  abstract latest(sensor: string): Reading | Promise<Reading>;
  abstract since(at: bigint, limit: number): readonly Reading[] | Promise<readonly Reading[]>;
  abstract store(list: readonly Reading[]): void | Promise<void>;
  abstract average(sensor: string): Average | Promise<Average>;
  abstract level(sensor: string): Grade | Promise<Grade>;
  abstract watch(peer: Station | null, from: Grade): void | Promise<void>;
  abstract ping(token: number): void | Promise<void>;
}
