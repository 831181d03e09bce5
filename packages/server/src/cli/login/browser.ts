import { spawn } from 'node:child_process'

/** Opens the person's browser, where there is one to open. Nothing depends on it: the URL is printed too. */
export function openBrowser(url: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const command = commandFor(process.platform, env)
  if (!command) return false
  const [program, ...args] = command
  // No shell: the URL is one argument, whatever is in it.
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
  return true
}

function commandFor(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] | undefined {
  if (env.CI || env.SSH_CONNECTION) return undefined
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}
