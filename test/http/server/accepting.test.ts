// Accepting that fails: it is reported and tried again, holds up nobody, and ends the server when there is no hope.
import { availableHubs } from 'verdant/hub';
import { Response, serve } from 'verdant/http';
import { run, sleep } from 'verdant';
import { type Listener, listen } from 'verdant/net';
import { onHub } from '../../net/support/hubs';
import { answerTo, request, until } from './support/talk';

/** A listener whose first calls of `accept` throw these. */
function failing(errors: unknown[]): Listener {
  const listener = listen('127.0.0.1:0');
  const accept = listener.accept.bind(listener);
  listener.accept = (options) => {
    if (errors.length > 0) throw errors.shift();
    return accept(options);
  };
  return listener;
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('an accept that fails is reported, and the next connection is served', () =>
    run(() => {
      const told: unknown[] = [];
      const failures = [new Error('first'), new Error('second')];
      const server = serve(failing([...failures]), () => new Response('fine'), {
        onError: (error) => void told.push(error),
      });
      expect(answerTo(server, request('GET /'))).toMatchObject({ status: 200, body: 'fine' });
      expect(told).toEqual(failures);
      server.close();
    }));

  test('a second server on the same listener is told why it gets nothing, but not all the time', () =>
    run(() => {
      const told: unknown[] = [];
      const listener = listen('127.0.0.1:0');
      const first = serve(listener, () => new Response('first'));
      const second = serve(listener, () => new Response('second'), {
        onError: (error) => void told.push((error as { code?: unknown }).code),
      });
      until(() => told.length === 2);
      for (let turn = 0; turn < 100; turn += 1) sleep(0);
      expect(told.length).toBeLessThan(10); // and not once a turn
      expect(answerTo(first, request('GET /'))).toMatchObject({ body: 'first' });
      expect(new Set(told)).toEqual(new Set(['ERR_VERDANT_CONCURRENT_USE']));
      second.close();
      first.close();
    }));

  test('a listener that can never accept again ends the server', () =>
    run(() => {
      const told: unknown[] = [];
      const error = Object.assign(new Error('bad file descriptor'), { code: 'EBADF' });
      const server = serve(failing([error]), () => 'never', { onError: (given) => void told.push(given) });
      until(() => server.closing);
      expect(told).toEqual([error]);
      server.close();
    }));
});
