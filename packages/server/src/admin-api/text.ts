import { z } from 'zod'

/** A name or id as a person types it: short, on one line, without invisible control characters. */
export const shortText = z
  .string()
  .min(1)
  .max(320)
  .refine((text) => !/\p{Cc}/u.test(text), 'expected text without control characters')

/** The most a list answers at once. */
export const listLimit = z.int().min(1).max(10_000).default(1000)
