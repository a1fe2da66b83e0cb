// Both ends are open, one of them is a stream that nobody reads: nothing is left to do.
const { socketPair } = require('verdant/net');

const [left, right] = socketPair();
globalThis.kept = [left.toDuplex(), right];
process.on('exit', () => console.log('ok'));
