/** Base of the exceptions declared in IDL. */
export abstract class UserException extends Error {
  /** The id that names the exception on the wire. */
  abstract readonly repositoryId: string;
}
