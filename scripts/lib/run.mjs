import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

/** Ends a script with one line instead of a stack trace: what failed has already said why. */
export class Failure extends Error {}

/** Runs a command in the repository's root with our own output; resolves when it succeeds. */
export function run(command, args, { env = {}, cwd = root, unset = [], quiet = false } = {}) {
  const environment = { ...process.env, ...env };
  for (const name of Object.keys(environment)) {
    if (unset.includes(name.toLowerCase())) delete environment[name];
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: quiet ? 'pipe' : 'inherit' });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => {
      reject(new Failure(error.code === 'ENOENT' ? `command not found: ${command}` : error.message));
    });
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      process.stderr.write(output);
      reject(new Failure(`${command} ${args.join(' ')}: ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** Announces a step, runs it, says how long it took. */
export async function step(name, work) {
  const start = performance.now();
  console.log(`\n== ${name}`);
  const result = await work();
  console.log(`== ${name}: ok, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** A script's body: a Failure prints its message, anything else its stack; both exit with code 1. */
export async function main(body) {
  try {
    await body(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Failure ? `\nFAILED: ${error.message}` : error);
    process.exit(1);
  }
}
