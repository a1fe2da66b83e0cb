export const load = async (n) => n + 1;
