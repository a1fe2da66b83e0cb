// An error goes to exactly one place: whoever waits, else Node's unhandled rejections, once; an interrupted wait lets go.
import { join } from 'node:path';
import { runChild } from '../support/children';

async function reportsOf(scenario: string): Promise<unknown> {
  const result = await runChild(join(__dirname, 'children/unhandled.cjs'), { args: [scenario] });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '', timedOut: false });
  return JSON.parse(result.stdout);
}

describe('nothing is reported', () => {
  it.each([
    ['when a promise rejects after a wait on it timed out', 'wait_timed_out'],
    ['when a promise rejects after a wait on it was aborted', 'wait_aborted'],
    ['when a promise rejects after a wait on it was killed', 'wait_killed'],
    ['when wait refuses a promise that rejects, because its signal is aborted', 'wait_refused_by_aborted_signal'],
    ['when wait refuses a promise that rejects, because the thread is being killed', 'wait_refused_by_kill'],
    ['when a bridged promise rejects after a kill before the start', 'bridge_of_promise_killed_before_start'],
    ['when a bridged promise rejects after a kill', 'bridge_of_promise_killed'],
    ['when the work of the function form rejects after a kill', 'bridge_of_function_killed'],
    ['when a bridged promise rejects and somebody listens', 'bridge_of_promise_fails_observed'],
    ['when the signal of a bridge aborts', 'bridge_aborted_by_its_signal'],
    ['when a thread left running after an abort fails', 'promise_of_thread_aborted_and_left_running'],
    ['when blocking() outside a green thread drops a promise that rejects', 'blocking_outside'],
    ['when asyncToGreen() outside a green thread is refused', 'async_to_green_outside'],
    ['when a thread fails and another waits', 'thread_fails_with_waiter'],
    ['when a thread fails and another joins', 'thread_fails_with_joiner'],
    ['when a thread fails and is linked', 'thread_fails_with_link'],
    ['when a thread fails and is awaited', 'thread_fails_awaited'],
    ['when threads fail in Promise.allSettled', 'thread_fails_in_promise_all'],
    ['when a thread fails that has lost a race', 'thread_fails_raced_away'],
    ['when a thread is killed with a GreenExit', 'thread_killed_quietly'],
    ['when a step of asyncIterate fails and the consumer catches it', 'async_iterate_step_fails'],
    ['when a step fails after iterate was killed', 'iterate_abandoned_step_fails_late'],
    ['when an error event comes after once has timed out', 'once_error_event_after_timeout'],
  ])('%s', async (_, scenario) => {
    expect(await reportsOf(scenario)).toEqual([]);
  });
});

describe('exactly one report is made', () => {
  it.each([
    ['when a thread fails and nobody looks', 'thread_fails_unobserved', ['unhandled: failed']],
    ['when a thread of spawnN fails', 'spawn_n_fails', ['unhandled: failed']],
    ['when a bridged promise rejects and nobody looks', 'bridge_of_promise_fails_unobserved', ['unhandled: late']],
    ['when the promise of a failed thread is dropped', 'promise_of_thread_unobserved', ['unhandled: failed']],
    ['when the promise of a failed async call is dropped', 'green_to_async_unobserved', ['unhandled: failed']],
    ['when the only waiter has timed out before', 'waiter_of_failing_thread_timed_out', ['unhandled: late']],
    ['when a thread is killed with an error and nobody looks', 'thread_killed_with_error', ['unhandled: loud']],
    ['when a link fails', 'link_fails', ['unhandled: failed']],
    ['when an abandoned source fails to close', 'iterate_abandoned_source_fails_to_close', ['unhandled: cannot close']],
    [
      'and taken back when a listener comes late',
      'thread_fails_awaited_late',
      ['unhandled: failed', 'handled after all'],
    ],
  ])('%s', async (_, scenario, reports) => {
    expect(await reportsOf(scenario)).toEqual(reports);
  });
});
