import { UserException } from "../exception/index.ts";

/** There is no thread pool of this id (RTCORBA::RTORB::InvalidThreadpool). */
export class InvalidThreadpool extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/RTCORBA/RTORB/InvalidThreadpool:1.0";
  override readonly name: string = "InvalidThreadpool";
  override readonly repositoryId: string = InvalidThreadpool.repositoryId;
}
