// Asks twice and leaves its connections open: the process ends all the same.
const { run } = require('verdant');
const { fetch, HttpClient } = require('verdant/http');

run(() => {
  const client = new HttpClient({ keepAliveTimeout: 60_000 });
  console.log(fetch(process.argv[2]).text(), fetch(process.argv[2], { client }).text());
});
