import { describe, expect, it } from 'vitest'
import { parseAcrValues } from './acr.ts'
import { parseClaimsRequest } from './claims-request.ts'
import { parseBasicCredentials, parseBearer } from './client-authentication.ts'
import { parseDisplay } from './display.ts'
import { isShallow } from './json.ts'
import { decodeBase64urlText, decodeJwtUnverified } from './jwt.ts'
import { matchLocale, parseAcceptLanguage, parseUiLocales } from './locale.ts'
import { parseMaxAge } from './max-age.ts'
import { sanitizeDescription } from './oauth-error.ts'
import { appendQuery, parseFormBody, parseParameters } from './parameters.ts'
import {
  describeChallenge,
  describeMethod,
  describeVerifier,
  isCodeChallenge,
  isCodeVerifier,
} from './pkce.ts'
import { parsePrompt } from './prompt.ts'
import {
  checkRedirectUri,
  findRedirectUri,
  isLoopbackRedirect,
  nearestRedirectUri,
  redirectOrigin,
} from './redirect-uri.ts'
import { checkResource, sameResource } from './resource.ts'
import { parseScope } from './scope.ts'
import { originOf } from './uri.ts'
import { bearerChallenge } from './www-authenticate.ts'

const MEGABYTE = 1 << 20
const FORM = 'application/x-www-form-urlencoded'

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  parseParameters,
  parseFormBody: (text) => parseFormBody(new TextEncoder().encode(text), FORM),
  contentType: (text) => [text, `${FORM};${text}`].map((type) => parseFormBody(new Uint8Array(), type)),
  appendQuery: (text) => appendQuery(text, [['state', text]]),
  parseScope,
  isCodeVerifier,
  isCodeChallenge,
  describeChallenge,
  describeVerifier,
  describeMethod,
  checkRedirectUri: (text) => checkRedirectUri(text, 'native'),
  findRedirectUri: (text) =>
    findRedirectUri([text.slice(1), 'http://127.0.0.1/cb'], `http://127.0.0.1:${text}`),
  nearestRedirectUri: (text) => nearestRedirectUri(['https://a.example/cb', 'http://localhost/'], text),
  redirectOrigin,
  isLoopbackRedirect,
  originOf: (text) => originOf(`https://${text}`),
  checkResource,
  sameResource: (text) => sameResource(text, `https://${text}`),
  basic: (text) => parseBasicCredentials(`Basic ${text}`),
  bearer: (text) => [text, `Bearer ${text}`].map(parseBearer),
  parsePrompt,
  parseMaxAge,
  parseDisplay,
  parseAcrValues,
  parseUiLocales,
  parseAcceptLanguage,
  matchLocale: (text) => matchLocale(parseUiLocales(text), ['de', 'en']),
  parseClaimsRequest,
  isShallow: (text) => isShallow(text, 20),
  decodeJwtUnverified,
  decodeBase64urlText,
  sanitizeDescription,
  bearerChallenge: (text) => bearerChallenge({ realm: text }),
}

// biome-ignore format: a table of units
const UNITS = [
  'a', '0', ' ', '&', '=', '&=', 'a&', 'a=1&', '%', '%4', '%41', '%2e%2e%2f', '%FF', '%00', '+', '/', '//', '.', '..',
  '../', '..;/', 'a.', '1.', ':', '::', '@', '#', '?', '[', ']', '[]', '{', '{"a":', '"', '\\', '\\"', '\0', '\n', '-', 'a-',
  ',', 'en,', ';q=', 'en;q=0.1,', 'é', '€', '😀', '\ud800', '\udc00', 'a:', 'http://', 'https://a@', '~', '*', '=a',
]

/** A quadratic scan of a megabyte takes minutes; a busy machine runs a linear one well within this. */
const LIMIT_MS = 2000

describe('a megabyte of anything (DS-04)', () => {
  it.each(Object.entries(PARSERS))('%s stays linear and never throws', (_name, parse) => {
    for (const unit of UNITS) {
      const text = unit.repeat(Math.floor(MEGABYTE / unit.length))
      const start = process.cpuUsage()
      parse(text)
      parse(`${text}!`)
      // Of the processor, not of the wall: other programs on the machine do not count.
      expect(process.cpuUsage(start).user / 1000, JSON.stringify(unit)).toBeLessThan(LIMIT_MS)
    }
  })
})
