/** The base of objects that exist in one process only (CORBA 3.3 Part 1, 8.9.13); sending one is MARSHAL with minor OMG 4. */
export abstract class LocalObject {}
