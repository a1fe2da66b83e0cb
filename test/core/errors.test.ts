// Error classes: names, codes, inheritance; recognisable without instanceof.
import * as verdant from 'verdant';

const { ClosedError, ConcurrentUseError, DeadlockError, GreenExit, NotGreenError, QueueEmpty, QueueFull } = verdant;
const { TimeoutError, UnsupportedRuntimeError, VerdantError } = verdant;

test.each<[string, Error, string]>([
  ['NotGreenError', new NotGreenError('f()'), 'ERR_VERDANT_NOT_GREEN'],
  ['GreenExit', new GreenExit(), 'ERR_VERDANT_KILLED'],
  ['TimeoutError', new TimeoutError(), 'ERR_VERDANT_TIMEOUT'],
  ['DeadlockError', new DeadlockError('x'), 'ERR_VERDANT_DEADLOCK'],
  ['ClosedError', new ClosedError(), 'ERR_VERDANT_CLOSED'],
  ['QueueEmpty', new QueueEmpty(), 'ERR_VERDANT_QUEUE_EMPTY'],
  ['QueueFull', new QueueFull(), 'ERR_VERDANT_QUEUE_FULL'],
  ['ConcurrentUseError', new ConcurrentUseError('x'), 'ERR_VERDANT_CONCURRENT_USE'],
  ['UnsupportedRuntimeError', new UnsupportedRuntimeError('x'), 'ERR_VERDANT_UNSUPPORTED_RUNTIME'],
])('%s has its name, its code, a message, and is a VerdantError', (name, error, code) => {
  expect(error).toMatchObject({ name, code });
  expect(error).toBeInstanceOf(VerdantError);
  expect(error).toBeInstanceOf(Error);
  expect(error.message).not.toBe('');
  expect(error.stack).toContain(name);
  expect(Object.keys(error)).not.toContain('name');
});

test('a VerdantError takes code, message and cause', () => {
  const cause = new Error('below');
  const error = new VerdantError('ERR_VERDANT_X', 'message', { cause });
  expect(error).toMatchObject({ name: 'VerdantError', code: 'ERR_VERDANT_X', message: 'message', cause });
});

test('the message of a NotGreenError names the call and the remedy', () => {
  const { message } = new NotGreenError('sleep()');
  expect(message).toMatch(/^sleep\(\)/);
  expect(message).toContain('spawn(');
  expect(message).toContain('run(');
});
