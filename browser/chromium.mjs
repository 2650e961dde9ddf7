// Where Chromium is.
import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const executable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `CHROMIUM` where set, else the first on the path of the names that systems give it. Ends the process with a line that helps where there is none. */
export function chromium() {
  const candidates = process.env.CHROMIUM
    ? [resolve(process.env.CHROMIUM)]
    : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap((name) =>
        process.env.PATH.split(delimiter).map((folder) => join(folder, name)),
      )
  const found = candidates.find(executable)
  if (found) return found
  console.error(
    `no Chromium ${process.env.CHROMIUM ? `at ${process.env.CHROMIUM}` : 'on the path'}; install it (Debian: apt-get update && apt-get install -y chromium), or set CHROMIUM to its file`,
  )
  process.exit(2)
}
