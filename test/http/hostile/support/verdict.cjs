// Whether what came of an entry is one of the outcomes that it allows.

/**
 * @typedef {object} Actual
 * @property {number[]} answers - statuses, without 1xx and without the answer to the last, harmless request
 * @property {boolean} closes - the last, harmless request was not answered
 * @property {boolean} continues - 100 Continue was sent
 * @property {{ method: string, url: string, body: string, headers: [string, string][] }[]} handled
 * @property {number} halfHandled - how often a handler got an error for a body
 */

/** What is wrong with it, by the outcome that comes closest; empty when one of them fits. */
function complaints(entry, actual) {
  const all = entry.outcomes.map((outcome) => against(outcome, actual));
  return all.reduce((best, next) => (next.length < best.length ? next : best));
}

function against(outcome, actual) {
  const wrong = [];
  const optional = outcome.answers.filter((statuses) => statuses.includes(0)).length;
  const { length } = actual.answers;
  if (length > outcome.answers.length || length < outcome.answers.length - optional) {
    wrong.push(`${length} answers in place of ${outcome.answers.length}: ${actual.answers.join(' ')}`);
  } else {
    actual.answers.forEach((status, index) => {
      if (!outcome.answers[index].includes(status)) {
        wrong.push(`answer ${index} is ${status}, not ${outcome.answers[index].join(' or ')}`);
      }
    });
  }
  if (actual.closes !== outcome.closes) wrong.push(`the connection ${actual.closes ? 'was closed' : 'went on'}`);
  if (outcome.continues !== undefined && actual.continues !== outcome.continues) {
    wrong.push(actual.continues ? '100 Continue was sent' : '100 Continue was not sent');
  }
  if (actual.halfHandled > (outcome.halfHandled === true ? 1 : 0)) wrong.push('the handler got an error for a body');
  if (actual.handled.length !== outcome.handled.length) {
    const got = actual.handled.map(({ method, url, body }) => `${method} ${url} ${JSON.stringify(body)}`);
    wrong.push(`the handler got ${got.length} requests in place of ${outcome.handled.length}: ${got.join(', ')}`);
  } else {
    outcome.handled.forEach((wanted, index) => wrong.push(...againstRequest(wanted, actual.handled[index])));
  }
  return wrong;
}

function againstRequest(wanted, got) {
  const wrong = [];
  for (const key of ['method', 'url', 'body']) {
    if (wanted[key] !== undefined && wanted[key] !== got[key]) {
      wrong.push(`${key} is ${JSON.stringify(got[key])}, not ${JSON.stringify(wanted[key])}`);
    }
  }
  for (const name of Object.keys(wanted.headers ?? {})) {
    const values = got.headers.filter((header) => header[0].toLowerCase() === name.toLowerCase());
    const value = values.length === 0 ? null : values.map((header) => header[1]).join(', ');
    if (value !== wanted.headers[name]) {
      wrong.push(`header ${name} is ${JSON.stringify(value)}, not ${JSON.stringify(wanted.headers[name])}`);
    }
  }
  return wrong;
}

module.exports = { complaints };
