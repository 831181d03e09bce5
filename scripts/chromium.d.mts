/** Path of a Chromium to drive in tests: `PIXY_TEST_CHROMIUM`, else what the system has. */
export function findChromium(): string | undefined

/** Resolves when there is a Chromium; installs one on Debian as root, otherwise throws with what to install. */
export function ensureChromium(): Promise<void>
