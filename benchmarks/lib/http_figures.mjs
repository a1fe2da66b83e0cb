// What is read out of the results of one server, one value for each round, and with whose it is compared.

export const perSecond = (results) => results.map((result) => result.perSecond);
export const perCpuSecond = (results) => results.map((result) => result.perCpuSecond);
export const latency = (which) => (results) => results.map(({ milliseconds }) => milliseconds[which]);

/** The results of node:http on the same Node, or on the first one; undefined for itself, and when it takes no part. */
export function reference(byPeer, name) {
  const [version] = name.split(' ');
  const [first] = Object.keys(byPeer).filter((other) => other.endsWith(' node:http'));
  const own = `${version} node:http`;
  const chosen = own in byPeer ? own : first;
  return chosen === name ? undefined : byPeer[chosen];
}
