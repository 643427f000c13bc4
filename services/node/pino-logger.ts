import {
  type DestinationStream,
  type Logger as PinoLogger,
  type LevelWithSilent,
  pino,
} from "pino";
import type { LogFields, Logger } from "../../orb/index.ts";

/** What `pinoLogger` takes. */
export interface PinoOptions {
  /** The least urgent that is written: `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `silent`; `info` when left out. */
  readonly level?: LevelWithSilent;
  /** Stands in each line as `name`. */
  readonly name?: string;
  /** Where lines go; the standard output when left out. */
  readonly destination?: DestinationStream;
  /** A logger that there is already; then nothing else is looked at. */
  readonly pino?: PinoLogger;
}

/** Errors stand where pino's serializer looks for them. */
function fieldsOf(fields: LogFields | undefined): LogFields {
  if (fields === undefined || !("error" in fields)) return fields ?? {};
  const { error, ...others } = fields;
  return { ...others, err: error };
}

/** The ORB's log in lines of JSON, by pino. */
export function pinoLogger(options: PinoOptions = {}): Logger {
  const { level = "info", name, destination } = options;
  const settings = { level, ...(name === undefined ? {} : { name }) };
  const log = options.pino ?? pino(settings, destination);
  return {
    debug: (message, fields) => log.debug(fieldsOf(fields), message),
    info: (message, fields) => log.info(fieldsOf(fields), message),
    warn: (message, fields) => log.warn(fieldsOf(fields), message),
    error: (message, fields) => log.error(fieldsOf(fields), message),
  };
}
