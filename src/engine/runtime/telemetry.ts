/**
 * The native runtime keeps a diary of sessions in the user's cache folder and sends it to its makers, unless it is told not to. It reads the environment of the
 * process, which only the main thread can change: whoever starts threads says it there. What the user has set stays.
 */
export function refuseTelemetry(): void {
  if (globalThis.process?.env) process.env.ORT_DISABLE_TELEMETRY ??= '1'
}
