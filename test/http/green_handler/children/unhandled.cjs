// A handler fails and there is no onError: what becomes of the error, and of the client.
const { createServer, get } = require('node:http');
const { greenHandler } = require('verdant/http');

if (process.argv[2] === 'listen') {
  process.on('unhandledRejection', (error) => console.log(`unhandled: ${error.message}`));
}

const server = createServer(
  greenHandler(() => {
    throw new Error('handler failed');
  }),
);
server.listen(0, '127.0.0.1', () => {
  get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
    console.log(`answer: ${response.statusCode}`);
    response.resume();
    server.close();
  });
});
