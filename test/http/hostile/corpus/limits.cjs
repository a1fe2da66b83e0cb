// The limits of the server that entries with the profile `limits` are sent to. Small, so that the corpus is.
module.exports = {
  /** The longest request target, in bytes. */
  url: 200,
  /** How many header lines. */
  headerCount: 20,
  /** The request line and all header lines together, in bytes. */
  headerBytes: 2000,
  /** The longest body, in bytes. */
  body: 1000,
};
