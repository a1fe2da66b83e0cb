// All entries, by group.
module.exports = {
  'request line': require('./request_line.cjs'),
  headers: require('./headers.cjs'),
  Host: require('./host.cjs'),
  'Content-Length': require('./content_length.cjs'),
  'Transfer-Encoding': require('./transfer_encoding.cjs'),
  chunks: require('./chunks.cjs'),
  trailers: require('./trailers.cjs'),
  'Expect, Upgrade, Connection': require('./expect_and_upgrade.cjs'),
  pipelines: require('./pipelines.cjs'),
};
