/**
 * The signatures of `F` with promises taken out of their results. TypeScript can take a type with several signatures apart
 * only by a pattern with as many; the pattern's first ones repeat the first signature when there are fewer. Of more than eight
 * the first ones cannot be seen, so whoever has eight takes any other arguments, too.
 */
export type BlockingSignatures<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
}
  ? Signature<A1, R1> &
      Signature<A2, R2> &
      Signature<A3, R3> &
      Signature<A4, R4> &
      Signature<A5, R5> &
      Signature<A6, R6> &
      Signature<A7, R7> &
      Signature<A8, R8> &
      AnyOther<A1, A2, R1 | R2 | R3 | R4 | R5 | R6 | R7 | R8>
  : never;

type Signature<A, R> = (...args: Sayable<A>) => Awaited<R>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments of signatures that cannot be seen
type AnyOther<A1, A2, R> = [A1, A2] extends [A2, A1] ? unknown : (...args: any[]) => Awaited<R>;

// What depends on the signature's own type parameter comes out as something that nobody could pass.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- nobody knows what it takes
type Sayable<A> = A extends unknown[] ? { [K in keyof A]: [A[K]] extends [undefined] ? any : A[K] } : never;
