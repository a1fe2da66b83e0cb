// One test for each entry of the corpus, on one hub: the bytes come in one write, one by one, and in pieces cut at random.
/* eslint-disable jest/no-export -- it holds no tests itself: those are the callers' */
import { randomInt } from 'node:crypto';

import { getHub, useHub } from 'verdant/hub';
import { type HttpServer } from 'verdant/http';
import { type Entry } from '../corpus/entry.cjs';
import corpus from '../corpus/index.cjs';
import { random, randomPieces, singleBytes } from './deliveries.cjs';
import { play, Record } from './play.cjs';
import { profiles, recordingServer } from './servers';
import { complaints } from './verdict.cjs';

/** As VERDANT_TEST_SEED says, to have the same pieces again. */
const seed = Number(process.env.VERDANT_TEST_SEED ?? randomInt(2 ** 32));

type Groups = [group: string, entries: Entry[]][];

export function playCorpus(hub: string): void {
  const groups = Object.entries(corpus) as Groups;

  describe(`on hub ${hub}, seed ${seed},`, () => {
    const record = new Record();
    const servers = new Map<string, HttpServer>();

    beforeAll(() => {
      useHub(hub);
      for (const [profile, options] of Object.entries(profiles)) {
        servers.set(profile, recordingServer(record, options));
      }
    });
    afterAll(async () => {
      for (const server of servers.values()) await server[Symbol.asyncDispose]();
      useHub('node');
    });

    describe.each(groups)('%s:', (_group, entries) => {
      test.each(entries.map((entry): [string, string, Entry] => [entry.name, entry.rule, entry]))(
        '%s (%s)',
        async (_name, _rule, entry) => {
          const { port } = servers.get(entry.profile)!.address;
          const below = random(seed);
          const ways = {
            'in one write': (bytes: string) => [bytes],
            'byte by byte': singleBytes,
            'in random pieces': (bytes: string) => randomPieces(bytes, below),
          };
          for (const [way, inPieces] of Object.entries(ways)) {
            const actual = await play({ host: '127.0.0.1', port }, entry, record, inPieces);
            expect({ way, wrong: complaints(entry, actual) }).toEqual({ way, wrong: [] });
          }
        },
      );
    });

    test('has left no green thread behind', () => {
      expect(getHub().stats()).toMatchObject({ greenThreads: 2 });
    });
  });
}
