// Event does in random histories (kills, timeouts and aborts at every suspension) what a plain reference model does, in the
// same order.
import fc from 'fast-check';
import { Event, VerdantError } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { expectSameHistories, patience, type WaitOptions } from './support/histories';
import { type Flow, RefError, type RefThread, type ReferenceWorld } from './support/reference_world';

useVirtualClock();

class RefEvent {
  sent: { value: unknown } | { error: unknown } | null = null;
  readonly waiting: RefThread[] = [];

  constructor(readonly world: ReferenceWorld) {}

  *wait(options: WaitOptions<number>): Flow {
    this.world.throwIfAborted(options.signal);
    if (this.sent !== null) return this.look();
    return yield { ...options, queue: this.waiting };
  }

  look(): unknown {
    if (this.sent === null) return undefined;
    if ('error' in this.sent) throw this.sent.error;
    return this.sent.value;
  }

  send(outcome: { value: unknown } | { error: unknown }): void {
    if (this.sent !== null) throw new RefError('ERR_VERDANT_ALREADY_SENT');
    this.sent = outcome;
    for (const thread of [...this.waiting]) {
      if ('error' in outcome) this.world.fail(thread, outcome.error);
      else this.world.wake(thread, outcome.value);
    }
  }

  reset(): void {
    if (this.sent === null) throw new RefError('ERR_VERDANT_NOT_SENT');
    this.sent = null;
  }
}

type Step = 'wait' | 'reset' | 'poll' | 'look' | { send: number } | { error: number };

const quick = fc.oneof(
  { weight: 2, arbitrary: fc.record({ send: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ error: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>('reset', 'poll', 'look') },
);

test(
  'an Event',
  () =>
    expectSameHistories<Step>({
      step: fc.oneof({ weight: 3, arbitrary: fc.constant<Step>('wait') }, { weight: 2, arbitrary: quick }),
      plainStep: quick,
      real: () => {
        const event = new Event();
        const look = () => [
          event.statistics(),
          [event.ready(), event.hasResult(), event.hasError()],
          event.pollResult('none'),
          (event.pollError({ code: 'none' }) as VerdantError).code,
        ];
        return {
          act(step, _me, options) {
            if (step === 'wait') return event.wait(options);
            if (step === 'reset') {
              event.reset();
              return undefined;
            }
            if (step === 'poll') return event.poll('nothing');
            if (step === 'look') return look();
            if ('send' in step) {
              event.send(step.send);
              return undefined;
            }
            event.sendError(new VerdantError(`sent ${step.error}`, ''));
            return undefined;
          },
          statistics: look,
        };
      },
      reference: (world) => {
        const event = new RefEvent(world);
        const look = () => {
          const value = event.sent !== null && 'value' in event.sent ? [event.sent.value] : [];
          const error = event.sent !== null && 'error' in event.sent ? [(event.sent.error as RefError).code] : [];
          const ready = event.sent !== null;
          return [
            { ready, waiting: event.waiting.length },
            [ready, value.length > 0, error.length > 0],
            value[0] ?? 'none',
            error[0] ?? 'none',
          ];
        };
        return {
          *act(step, _me, options) {
            if (step === 'wait') return yield* event.wait(options);
            if (step === 'reset') {
              event.reset();
              return undefined;
            }
            if (step === 'poll') return event.sent === null ? 'nothing' : event.look();
            if (step === 'look') return look();
            event.send('send' in step ? { value: step.send } : { error: new RefError(`sent ${step.error}`) });
            return undefined;
          },
          statistics: look,
        };
      },
    }),
  patience,
);
