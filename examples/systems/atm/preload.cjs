// ATM's page has a stray `s` in its first program, which only runs where there is a global of that name.
globalThis.s = undefined
