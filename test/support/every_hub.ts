// The same tests once per hub: those that this machine has, and one that knows only the public abstract class.
/* eslint-disable jest/no-export -- it holds no tests itself: those are the callers' */
import { join } from 'node:path';
import { wait } from 'verdant';
import { availableHubs, getHub, type HubClass, useHub } from 'verdant/hub';
import { type ChildOptions } from './children';

const ownHub = join(__dirname, 'third_party_hub.cjs');
const { ThirdPartyHub } = require('./third_party_hub.cjs') as { ThirdPartyHub: HubClass };

/** What `useHub` takes, by the name that the hub has. */
export const everyHub: [name: string, kind: string | HubClass][] = [
  ...availableHubs().map((name): [string, string] => [name, name]),
  ['third party', ThirdPartyHub],
];

/** Runs `body` once per hub; its tests run on that hub, and the default hub is back after them. */
export function describeEveryHub(body: (name: string, kind: string | HubClass) => void): void {
  describe.each(everyHub)('on the %s hub,', (name, kind) => {
    beforeAll(() => void useHub(kind));
    // What a test that failed has left would make all others fail.
    afterAll(() => {
      getHub().destroy();
      useHub('node');
    });
    body(name, kind);
  });
}

/** The options of a child process that has that hub, in its Workers too. */
export function childOn(name: string, options: ChildOptions = {}): ChildOptions {
  if (name !== 'third party') return { ...options, env: { ...options.env, VERDANT_HUB: name } };
  return { ...options, flags: [...(options.flags ?? []), '--require', ownHub] };
}

/** Blocks for that many passes of Node's loop, after which all that the kernel knew has been told. */
export function passes(count = 3): void {
  for (let pass = 0; pass < count; pass += 1) wait(new Promise((resolve) => setImmediate(resolve)));
}
