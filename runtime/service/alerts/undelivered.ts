/** Thrown where an alert could not be delivered; its message names no address and nothing secret. */
export class Undelivered extends Error {}
