// Node's own HTTP client, as those who talk to the examples use it: one connection for each request.
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer that has come whole. */
export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Sends the head of a request; the body is the caller's. */
export function open(port: number, path: string, options: RequestOptions = {}): ClientRequest {
  return request({ host: '127.0.0.1', port, path, agent: false, ...options });
}

/** The head of the answer; its body can be read then. */
export function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
}

/** A whole exchange. */
export async function ask(port: number, path: string, body?: string, options: RequestOptions = {}): Promise<Answer> {
  const sent = open(port, path, { method: body === undefined ? 'GET' : 'POST', ...options });
  sent.end(body);
  const answer = await answerTo(sent);
  return { status: answer.statusCode!, headers: answer.headers, body: await text(answer) };
}
