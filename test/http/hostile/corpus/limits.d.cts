declare const limits: { url: number; headerCount: number; headerBytes: number; body: number };
export = limits;
