// Node's own SQLite, which blocks, as a driver for a thread: what it gives can be copied.
'use strict';
exports.open = function open(file) {
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA busy_timeout = 5000');
  return {
    exec: (sql) => database.exec(sql),
    all: (sql, ...values) =>
      database
        .prepare(sql)
        .all(...values)
        .map((row) => ({ ...row })),
    rollback() {
      if (database.isTransaction ?? true) {
        try {
          database.exec('ROLLBACK');
        } catch (error) {
          if (!/no transaction/.test(error.message)) throw error;
        }
      }
    },
    close: () => database.close(),
  };
};
